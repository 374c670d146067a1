// Bit by bit.
function decodeUplink(input) {
  var all = [];
  for (;;) all.push(new ArrayBuffer(3 * 1024 * 1024));
}
