// Claims to be a plain object.
function decodeUplink(input) {
  return { data: new Proxy({ a: 1 }, {}) };
}
