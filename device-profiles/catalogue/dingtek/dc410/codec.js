// Dingtek DC410: a head with the packet's length, values with the most significant byte first, and an end byte.
var START = 0x80, END = 0x81, HEAD = 5, MODEL = 1;
var REPORTS = [1, 2], PARAMETERS = 3, REPORT_LENGTH = 17;

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length < HEAD) return { errors: ['truncated: ' + b.length + ' of at least ' + HEAD + ' bytes'] };
  if (b[0] !== START || b[2] !== MODEL) return { errors: ['a packet that begins with 0x' + b[0].toString(16) + ', of device type ' + b[2]] };
  if (b.length < b[4]) return { errors: ['truncated: ' + b.length + ' of ' + b[4] + ' bytes'] };
  if (b.length > b[4]) return { errors: [b.length - b[4] + ' bytes behind the end'] };
  if (b[b.length - 1] !== END) return { errors: ['the last byte is not 0x81'] };
  if (b[3] === PARAMETERS) return { data: { parameters: true } };
  if (REPORTS.indexOf(b[3]) < 0 || b.length !== REPORT_LENGTH) return { errors: ['data type ' + b[3] + ' with ' + b.length + ' bytes is unknown'] };
  return {
    data: {
      level: b[5] * 256 + b[6],
      // How the device writes frost is not published: such a byte is no number for us.
      temperature: b[8] < 128 ? b[8] : null,
      angle: b[10],
      full: b[11] >> 4,
      motion: b[12] >> 4,
      battery: b[12] & 0x0f,
      frame_counter: b[13] * 256 + b[14],
    },
  };
}
