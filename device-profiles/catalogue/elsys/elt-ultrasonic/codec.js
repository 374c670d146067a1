// Elsys: a row of values, each a type byte and that type's number of bytes, the most significant first.
function u16(bytes, at) {
  return bytes[at] * 256 + bytes[at + 1];
}
function u32(bytes, at) {
  return u16(bytes, at) * 65536 + u16(bytes, at + 2);
}
function signed(number, bits) {
  return number < Math.pow(2, bits - 1) ? number : number - Math.pow(2, bits);
}
function tenths(bytes, at) {
  return signed(u16(bytes, at), 16) / 10;
}

// [number of bytes, what they say]
var types = {
  0x01: [2, function (d, b, i) { d.temperature = tenths(b, i); }],
  0x02: [1, function (d, b, i) { d.humidity = b[i]; }],
  0x03: [3, function (d, b, i) { d.x = signed(b[i], 8); d.y = signed(b[i + 1], 8); d.z = signed(b[i + 2], 8); }],
  0x04: [2, function (d, b, i) { d.light = u16(b, i); }],
  0x05: [1, function (d, b, i) { d.motion = b[i]; }],
  0x06: [2, function (d, b, i) { d.co2 = u16(b, i); }],
  0x07: [2, function (d, b, i) { d.vdd = u16(b, i); }],
  0x08: [2, function (d, b, i) { d.analog1 = u16(b, i); }],
  0x09: [6, function () {}], // GPS: not a measurement
  0x0a: [2, function (d, b, i) { d.pulse1 = u16(b, i); }],
  0x0b: [4, function (d, b, i) { d.pulseAbs = u32(b, i); }],
  0x0c: [2, function (d, b, i) { d.externalTemperature = tenths(b, i); }],
  0x0d: [1, function (d, b, i) { d.digital = b[i]; }],
  0x0e: [2, function (d, b, i) { d.distance = u16(b, i); }],
  0x0f: [1, function (d, b, i) { d.accMotion = b[i]; }],
  0x10: [4, function (d, b, i) { d.irInternalTemperature = tenths(b, i); d.irExternalTemperature = tenths(b, i + 2); }],
  0x11: [1, function (d, b, i) { d.occupancy = b[i]; }],
  // 0 to 255, the more the wetter; any water is water.
  0x12: [1, function (d, b, i) { d.waterleak = b[i]; d.wet = b[i] > 0 ? 1 : 0; }],
  0x13: [65, function () {}], // Grid-EYE: a thermal picture
  0x14: [4, function (d, b, i) { d.pressure = signed(u32(b, i), 32) / 1000; }],
  0x15: [2, function (d, b, i) { d.soundPeak = b[i]; d.soundAvg = b[i + 1]; }],
  0x16: [2, function (d, b, i) { d.pulse2 = u16(b, i); }],
  0x17: [4, function (d, b, i) { d.pulseAbs2 = u32(b, i); }],
  0x18: [2, function (d, b, i) { d.analog2 = u16(b, i); }],
  0x19: [2, function (d, b, i) { d.externalTemperature2 = tenths(b, i); }],
  0x1a: [1, function (d, b, i) { d.digital2 = b[i]; }],
  0x1b: [4, function (d, b, i) { d.analogUv = signed(u32(b, i), 32); }],
  0x1c: [2, function (d, b, i) { d.tvoc = u16(b, i); }],
  0x3d: [4, function () {}], // debug
};
// The first byte of a frame that tells the device's settings instead.
var SETTINGS = 0x3e;

function decodeUplink(input) {
  var bytes = input.bytes;
  var data = {};
  if (bytes.length === 0) return { errors: ['truncated: no bytes'] };
  if (bytes[0] === SETTINGS) return { data: { settings: true } };
  for (var at = 0; at < bytes.length; ) {
    var type = types[bytes[at]];
    if (!type) return { errors: ['type 0x' + bytes[at].toString(16) + ' at byte ' + at + ' is unknown'] };
    if (at + 1 + type[0] > bytes.length) return { errors: ['truncated: type 0x' + bytes[at].toString(16) + ' at byte ' + at + ' has ' + type[0] + ' bytes'] };
    type[1](data, bytes, at + 1);
    at += 1 + type[0];
  }
  return { data: data };
}
