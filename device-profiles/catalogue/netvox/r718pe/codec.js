// Netvox R718PE: eleven bytes on port 6, the most significant byte of a number first.
var LENGTH = 11, VERSION = 1, MODEL = 0xb1, ABOUT_ITSELF = 0, STATUS = 1;

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length < LENGTH) return { errors: ['truncated: ' + b.length + ' of ' + LENGTH + ' bytes'] };
  if (b.length > LENGTH) return { errors: [b.length - LENGTH + ' bytes behind the end'] };
  if (b[0] !== VERSION) return { errors: ['version ' + b[0] + ' of the format is unknown'] };
  if (b[1] !== MODEL) return { errors: ['device type 0x' + b[1].toString(16) + ' is another device'] };
  if (b[2] === ABOUT_ITSELF) return { data: { SWver: b[3] / 10, HWver: b[4] } };
  if (b[2] !== STATUS) return { errors: ['report type ' + b[2] + ' is unknown'] };
  // The highest bit of the voltage says that the battery is low.
  return { data: { LowBattery: b[3] >> 7, Volt: (b[3] & 0x7f) / 10, Status: b[4], Distance: b[5] * 256 + b[6], FillLevel: b[7] } };
}
