// Bytes, which JSON would make an object of numbered keys.
function decodeUplink(input) {
  return { data: { a: new Uint8Array(3) } };
}
