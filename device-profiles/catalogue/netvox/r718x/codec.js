// Netvox R718X: eleven bytes on port 6, the most significant byte of a number first.
var LENGTH = 11, VERSION = 1, MODEL = 0x34, ABOUT_ITSELF = 0, STATUS = 1;

function u16(b, i) {
  return b[i] * 256 + b[i + 1];
}

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length < LENGTH) return { errors: ['truncated: ' + b.length + ' of ' + LENGTH + ' bytes'] };
  if (b.length > LENGTH) return { errors: [b.length - LENGTH + ' bytes behind the end'] };
  if (b[0] !== VERSION) return { errors: ['version ' + b[0] + ' of the format is unknown'] };
  if (b[1] !== MODEL) return { errors: ['device type 0x' + b[1].toString(16) + ' is another device'] };
  if (b[2] === ABOUT_ITSELF) return { data: { SWver: b[3] / 10, HWver: b[4] } };
  if (b[2] !== STATUS) return { errors: ['report type ' + b[2] + ' is unknown'] };
  var temp = u16(b, 7);
  return {
    data: {
      LowBattery: b[3] >> 7, // the highest bit of the voltage
      Volt: (b[3] & 0x7f) / 10,
      Status: b[4],
      Distance: u16(b, 5),
      Temp: (temp < 32768 ? temp : temp - 65536) / 10,
      FillLevel: b[9],
      AngleOfInclination: b[10],
    },
  };
}
