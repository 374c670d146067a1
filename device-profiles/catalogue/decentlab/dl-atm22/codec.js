// Decentlab, protocol version 2: version, device id, flags, and for each flag that is set a group of 16-bit words, all with the most significant byte first.
var VERSION = 2;
var HEADER = 5;

// The middle of the scale is 0.
function centred(word) {
  return word - 32768;
}

// [number of words, what they say], in the order of the flags from the lowest.
var groups = [
  [8, function (d, word) {
    d.wind_speed = centred(word(0)) / 100;
    d.wind_direction = centred(word(1)) / 10;
    d.maximum_wind_speed = centred(word(2)) / 100;
    d.air_temperature = centred(word(3)) / 10;
    d.x_orientation_angle = centred(word(4)) / 10;
    d.y_orientation_angle = centred(word(5)) / 10;
    d.north_wind_speed = centred(word(6)) / 100;
    d.east_wind_speed = centred(word(7)) / 100;
  }],
  [1, function (d, word) { d.battery_voltage = word(0); }], // mV
];

function decodeUplink(input) {
  var bytes = input.bytes;
  function u16(at) {
    return bytes[at] * 256 + bytes[at + 1];
  }
  if (bytes.length < HEADER) return { errors: ['truncated: ' + bytes.length + ' bytes, the header has ' + HEADER] };
  if (bytes[0] !== VERSION) return { errors: ['protocol version ' + bytes[0] + ', not ' + VERSION] };
  var data = { protocol_version: VERSION, device_id: u16(1) };
  var flags = u16(3);
  if (flags >= 1 << groups.length) return { errors: ['flags 0x' + flags.toString(16) + ' announce a group that this device does not have'] };
  var at = HEADER;
  for (var g = 0; g < groups.length; g++) {
    if (!(flags & (1 << g))) continue;
    var size = 2 * groups[g][0];
    if (at + size > bytes.length) return { errors: ['truncated: group ' + g + ' at byte ' + at + ' has ' + size + ' bytes'] };
    groups[g][1](data, function (word) { return u16(at + 2 * word); });
    at += size;
  }
  if (at < bytes.length) return { errors: [bytes.length - at + ' bytes behind the end'] };
  return { data: data };
}
