// Decentlab, protocol version 2: version, device id, flags, and for each flag that is set a group of 16-bit words, all with the most significant byte first.
var VERSION = 2;
var HEADER = 5;

// The middle of the scale is 0.
function centred(word) {
  return word - 32768;
}

// [number of words, what they say], in the order of the flags from the lowest.
var groups = [
  [17, function (d, word) {
    d.solar_radiation = centred(word(0));
    d.precipitation = centred(word(1)) / 1000;
    d.lightning_strike_count = centred(word(2));
    d.lightning_average_distance = centred(word(3)); // km
    d.wind_speed = centred(word(4)) / 100;
    d.wind_direction = centred(word(5)) / 10;
    d.maximum_wind_speed = centred(word(6)) / 100;
    d.air_temperature = centred(word(7)) / 10;
    d.vapor_pressure = centred(word(8)) / 100; // kPa
    d.atmospheric_pressure = centred(word(9)) / 100; // kPa
    d.relative_humidity = centred(word(10)) / 10;
    d.sensor_temperature_internal = centred(word(11)) / 10;
    d.x_orientation_angle = centred(word(12)) / 10;
    d.y_orientation_angle = centred(word(13)) / 10;
    d.compass_heading = centred(word(14));
    d.north_wind_speed = centred(word(15)) / 100;
    d.east_wind_speed = centred(word(16)) / 100;
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
