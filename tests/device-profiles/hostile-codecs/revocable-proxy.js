// Born in another way, and dead already.
function decodeUplink(input) {
  var pair = Proxy.revocable({}, {});
  pair.revoke();
  return { data: { a: pair.proxy } };
}
