// Decentlab, protocol version 2: version, device id, flags, and for each flag that is set a group of 16-bit words, all with the most significant byte first.
var VERSION = 2;
var HEADER = 5;

// [number of words, what they say], in the order of the flags from the lowest.
var groups = [
  // Of all samples, in mm. Where there was no sample there is no distance.
  [11, function (d, word) {
    var of = ['average', 'minimum', 'maximum', 'median', '10th_percentile', '25th_percentile', '75th_percentile', '90th_percentile', 'most_frequent_value'];
    d.number_of_samples = word(9);
    for (var n = 0; n < of.length; n++) d['distance_' + of[n]] = word(9) > 0 ? word(n) : null;
    d.total_acquisition_time = word(10); // in 1/1024 s
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
