// Browan TBSL100: four bytes on port 105; bits that are reserved are passed over.
var LENGTH = 4;

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length < LENGTH) return { errors: ['truncated: ' + b.length + ' of ' + LENGTH + ' bytes'] };
  if (b.length > LENGTH) return { errors: [b.length - LENGTH + ' bytes behind the end'] };
  return { data: { status: b[0] & 1, battery: (25 + (b[1] & 0x0f)) / 10, temp: (b[2] & 0x7f) - 32, decibel: b[3] } };
}
