// A gigabyte at once.
function decodeUplink(input) {
  return { data: { a: new ArrayBuffer(1 << 30).byteLength } };
}
