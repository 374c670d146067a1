// The result itself is one.
function decodeUplink(input) {
  return new Proxy({ data: { a: 1 } }, { get: function () { for (;;); } });
}
