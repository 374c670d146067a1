// Decentlab, protocol version 2: version, device id, flags, and for each flag that is set a group of 16-bit words, all with the most significant byte first.
var VERSION = 2;
var HEADER = 5;

// To a thousandth, which is finer than the sensor's step: the rest is dust of the formula.
function thousandths(number) {
  return Math.round(number * 1000) / 1000;
}

// [number of words, what they say], in the order of the flags from the lowest.
var groups = [
  [1, function (d, word) { d.battery_voltage = word(0); }], // mV
  [10, function (d, word) {
    var masses = ['pm1_0', 'pm2_5', 'pm4', 'pm10'];
    for (var m = 0; m < masses.length; m++) d[masses[m] + '_mass_concentration'] = word(m) / 10;
    d.typical_particle_size = word(4); // nm
    var numbers = ['pm0_5', 'pm1_0', 'pm2_5', 'pm4', 'pm10'];
    for (var n = 0; n < numbers.length; n++) d[numbers[n] + '_number_concentration'] = word(5 + n) / 10; // per cm3
  }],
  [2, function (d, word) {
    d.air_temperature = thousandths((175.72 * word(0)) / 65536 - 46.85);
    d.air_humidity = thousandths((125 * word(1)) / 65536 - 6);
  }],
  [1, function (d, word) { d.barometric_pressure = word(0) * 2; }], // Pa
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
