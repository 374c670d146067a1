// Milesight EM400: a row of channels, each an id, a type and that type's number of bytes, the least significant first.
function u16(b, i) {
  return b[i] + b[i + 1] * 256;
}
function tenths(b, i) {
  var number = u16(b, i);
  return (number < 32768 ? number : number - 65536) / 10;
}

// [type, number of bytes, what they say], by channel id.
var channels = {
  0x01: [0x75, 1, function (d, b, i) { d.battery = b[i]; }],
  0x03: [0x67, 2, function (d, b, i) { d.temperature = tenths(b, i); }],
  0x04: [0x82, 2, function (d, b, i) { d.distance = u16(b, i); }],
  0x05: [0x00, 1, function (d, b, i) { d.position = b[i]; }],
  0x83: [0x67, 3, function (d, b, i) { d.temperature = tenths(b, i); d.temperature_alarm = b[i + 2]; }],
  0x84: [0x82, 3, function (d, b, i) { d.distance = u16(b, i); d.distance_alarm = b[i + 2]; }],
  0x88: [0x00, 1, function (d, b, i) { d.disassembly_alarm = b[i]; }],
};
// What the device says of itself after joining, and its answers to commands, by type: no measurements, so only their sizes.
var about = {
  0x01: 1, 0x02: 2, 0x03: 2, 0x06: 9, 0x09: 2, 0x0a: 2, 0x0b: 1, 0x0f: 1, 0x10: 1, 0x13: 1, 0x16: 8, 0x1c: 2, 0x28: 1, 0x3e: 1, 0x4a: 1, 0x56: 1, 0x70: 2,
  0x71: 1, 0x77: 2, 0xa1: 1, 0xa2: 2, 0xa3: 1, 0xa4: 1, 0xfe: 1, 0xff: 2,
};

// How many bytes stand behind an id and a type; undefined where that is not known.
function sizeOf(id, type) {
  if (id === 0xff || id === 0xfe) return about[type];
  return channels[id] && channels[id][0] === type ? channels[id][1] : undefined;
}

function decodeUplink(input) {
  var bytes = input.bytes, data = {};
  if (bytes.length === 0) return { errors: ['truncated: no bytes'] };
  for (var at = 0; at < bytes.length; ) {
    var size = at + 1 < bytes.length ? sizeOf(bytes[at], bytes[at + 1]) : 0;
    if (size === undefined) return { errors: ['channel 0x' + bytes[at].toString(16) + ' at byte ' + at + ' is unknown, or has an unknown type'] };
    if (at + 2 + size > bytes.length) return { errors: ['truncated: channel 0x' + bytes[at].toString(16) + ' at byte ' + at] };
    if (channels[bytes[at]]) channels[bytes[at]][2](data, bytes, at + 2);
    at += 2 + size;
  }
  return { data: data };
}
