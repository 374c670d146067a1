// Milesight WS302: a row of channels, each an id, a type and that type's number of bytes, the least significant first.
function tenths(b, i) {
  return (b[i] + b[i + 1] * 256) / 10;
}
// The first byte of a sound level says how it was weighted: two bits for the frequency, two for the time.
var BY_FREQUENCY = ['Z', 'A', 'C'], BY_TIME = ['I', 'F', 'S'];

function sound(d, b, i) {
  var frequency = BY_FREQUENCY[b[i] % 4], time = BY_TIME[b[i] >> 2];
  if (!frequency || !time) return 'weighting 0x' + b[i].toString(16) + ' is unknown';
  d['L' + frequency + time] = tenths(b, i + 1);
  d['L' + frequency + 'eq'] = tenths(b, i + 3);
  d['L' + frequency + time + 'max'] = tenths(b, i + 5);
  return undefined;
}

// [type, number of bytes, what they say], by channel id.
var channels = {
  0x01: [0x75, 1, function (d, b, i) { d.battery = b[i]; }],
  0x05: [0x5b, 7, sound],
};
// What the device says of itself after joining, and its answers to commands, by type: no measurements, so only their sizes.
var about = {
  0x01: 1, 0x03: 2, 0x06: 5, 0x09: 2, 0x0a: 2, 0x0b: 1, 0x0f: 1, 0x10: 1, 0x11: 4, 0x16: 8, 0x17: 2, 0x1d: 2, 0x2d: 1, 0x2f: 1, 0x3b: 1, 0x5d: 2, 0xfe: 1, 0xff: 2,
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
    var wrong = channels[bytes[at]] && channels[bytes[at]][2](data, bytes, at + 2);
    if (wrong) return { errors: [wrong] };
    at += 2 + size;
  }
  return { data: data };
}
