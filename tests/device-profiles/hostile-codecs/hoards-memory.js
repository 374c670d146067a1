// Keeps a little more with each frame.
var all = [];
function decodeUplink(input) {
  all.push(new ArrayBuffer(4 * 1024 * 1024));
  return { data: { kept: all.length > 0 } };
}
