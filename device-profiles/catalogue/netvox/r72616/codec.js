// Netvox R72616 and its sisters: eleven bytes on port 6, the most significant byte of a number first.
var LENGTH = 11, VERSION = 1, ABOUT_ITSELF = 0, STATUS = 1;
var MODELS = { 0x35: 'RA0716', 0x36: 'R72616', 0x37: 'R72716', 0x6a: 'R72616A' };

function u16(b, i) {
  return b[i] * 256 + b[i + 1];
}
function s16(b, i) {
  return u16(b, i) < 32768 ? u16(b, i) : u16(b, i) - 65536;
}

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length < LENGTH) return { errors: ['truncated: ' + b.length + ' of ' + LENGTH + ' bytes'] };
  if (b.length > LENGTH) return { errors: [b.length - LENGTH + ' bytes behind the end'] };
  if (b[0] !== VERSION) return { errors: ['version ' + b[0] + ' of the format is unknown'] };
  if (!MODELS[b[1]]) return { errors: ['device type 0x' + b[1].toString(16) + ' is another device'] };
  if (b[2] === ABOUT_ITSELF) return { data: { SWver: b[3] / 10, HWver: b[4] } };
  if (b[2] !== STATUS) return { errors: ['report type ' + b[2] + ' is unknown'] };
  // The highest bit of the voltage says that the battery is low.
  return { data: { LowBattery: b[3] >> 7, Volt: (b[3] & 0x7f) / 10, Temp: s16(b, 4) / 100, Humi: u16(b, 6) / 100, PM25: u16(b, 8) } };
}
