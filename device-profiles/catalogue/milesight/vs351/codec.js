// Milesight VS351: a row of channels, each an id, a type and that type's number of bytes, the least significant first.
function u16(b, i) {
  return b[i] + b[i + 1] * 256;
}
function u32(b, i) {
  return u16(b, i) + u16(b, i + 2) * 65536;
}
function tenths(b, i) {
  var number = u16(b, i);
  return (number < 32768 ? number : number - 65536) / 10;
}
function totals(d, b, i) {
  d.total_in = u16(b, i);
  d.total_out = u16(b, i + 2);
}
function period(d, b, i) {
  d.period_in = u16(b, i);
  d.period_out = u16(b, i + 2);
}

// [type, number of bytes, what they say], by channel id.
var channels = {
  0x01: [0x75, 1, function (d, b, i) { d.battery = b[i]; }],
  0x03: [0x67, 2, function (d, b, i) { d.temperature = tenths(b, i); }],
  0x04: [0xcc, 4, totals],
  0x05: [0xcc, 4, period],
  0x0a: [0xef, 4, function () {}], // the time of the frame, which is that of its receipt
  0x83: [0x67, 3, function (d, b, i) { d.temperature = tenths(b, i); d.temperature_alarm = b[i + 2]; }],
  0x84: [0xcc, 5, function (d, b, i) { totals(d, b, i); d.total_count_alarm = b[i + 4]; }],
  // An alarm comes before its period is over, and the period's report counts the same people again.
  0x85: [0xcc, 5, function (d, b, i) { d.alarm_period_in = u16(b, i); d.alarm_period_out = u16(b, i + 2); d.period_count_alarm = b[i + 4]; }],
};
// A reading that was kept while the network was away: its time, its kind, and the period alone or with the totals.
var KEPT = 0x20, KEPT_TYPE = 0xce, KEPT_HEAD = 5, KEPT_SIZES = [9, 13];
// What the device says of itself after joining, and its answers to commands, by type: no measurements, so only their sizes.
var about = {
  0x01: 1, 0x04: 1, 0x05: 3, 0x06: 9, 0x08: 6, 0x09: 2, 0x0a: 2, 0x0b: 1, 0x0f: 1, 0x10: 1, 0x16: 8, 0x1f: 4, 0x27: 1, 0x28: 1, 0x35: 8, 0x40: 1, 0x41: 1,
  0x68: 1, 0x69: 1, 0x6a: 3, 0x75: 6, 0x77: 2, 0x84: 1, 0x8e: 3, 0x8f: 2, 0x96: 8, 0x97: 1, 0xa6: 1, 0xa8: 1, 0xa9: 1, 0xaa: 1, 0xab: 3, 0xcc: 1, 0xec: 1,
  0xed: 3, 0xfe: 1, 0xff: 2,
};

// How many bytes stand behind an id and a type; undefined where that is not known.
function sizeOf(bytes, at) {
  var id = bytes[at], type = bytes[at + 1];
  if (id === 0xff || id === 0xfe) return about[type];
  if (id === KEPT && type === KEPT_TYPE) return at + 6 < bytes.length ? KEPT_SIZES[bytes[at + 6]] : KEPT_HEAD;
  return channels[id] && channels[id][0] === type ? channels[id][1] : undefined;
}

function decodeUplink(input) {
  var bytes = input.bytes, now = {}, earlier = [];
  if (bytes.length === 0) return { errors: ['truncated: no bytes'] };
  for (var at = 0; at < bytes.length; ) {
    var size = at + 1 < bytes.length ? sizeOf(bytes, at) : 0;
    if (size === undefined) return { errors: ['channel 0x' + bytes[at].toString(16) + ' at byte ' + at + ' is unknown, or has an unknown type or kind'] };
    if (at + 2 + size > bytes.length) return { errors: ['truncated: channel 0x' + bytes[at].toString(16) + ' at byte ' + at] };
    if (bytes[at] === KEPT) {
      var reading = { timestamp: u32(bytes, at + 2) };
      period(reading, bytes, at + 2 + KEPT_HEAD);
      if (size === KEPT_SIZES[1]) totals(reading, bytes, at + 6 + KEPT_HEAD);
      earlier.push(reading);
    } else if (channels[bytes[at]]) {
      channels[bytes[at]][2](now, bytes, at + 2);
    }
    at += 2 + size;
  }
  if (earlier.length === 0) return { data: now };
  return { data: Object.keys(now).length === 0 ? earlier : [now].concat(earlier) };
}
