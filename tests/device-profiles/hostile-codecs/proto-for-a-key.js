// A key that is more than a key elsewhere.
function decodeUplink(input) {
  return { data: JSON.parse('{"a":{"__proto__":{"polluted":1}}}') };
}
