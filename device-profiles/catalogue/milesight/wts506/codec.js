// Milesight WTS505 and WTS506: a row of channels, each an id, a type and that type's number of bytes, the least significant first.
function u16(b, i) {
  return b[i] + b[i + 1] * 256;
}
function u32(b, i) {
  return u16(b, i) + u16(b, i + 2) * 65536;
}
function temperature(d, b, i) {
  var number = u16(b, i);
  d.temperature = (number < 32768 ? number : number - 65536) / 10;
}
function humidity(d, b, i) { d.humidity = b[i] / 2; }
function direction(d, b, i) { d.wind_direction = u16(b, i) / 10; }
function pressure(d, b, i) { d.pressure = u16(b, i) / 10; }
function speed(d, b, i) { d.wind_speed = u16(b, i) / 10; }
function rain16(d, b, i) { d.rainfall_total = u16(b, i) / 100; }
function rain32(d, b, i) { d.rainfall_total = u32(b, i) / 100; }
// An alarm is the value with one more byte behind it.
function alarm(say, key, size) {
  return function (d, b, i) { say(d, b, i); d[key] = b[i + size]; };
}

// What stands behind an id and a type (written as one number): the number of bytes, and what they say.
var channels = {
  0x0175: [1, function (d, b, i) { d.battery = b[i]; }],
  0x0367: [2, temperature],
  0x0468: [1, humidity],
  0x0584: [2, direction],
  0x0673: [2, pressure],
  0x0792: [2, speed],
  0x0877: [3, function (d, b, i) { rain16(d, b, i); d.rainfall_counter = b[i + 2]; }],
  0x08ec: [5, function (d, b, i) { rain32(d, b, i); d.rainfall_counter = b[i + 4]; }],
  0x8367: [3, alarm(temperature, 'temperature_alarm', 2)],
  0x8673: [3, alarm(pressure, 'pressure_alarm', 2)],
  0x8792: [3, alarm(speed, 'wind_speed_alarm', 2)],
  0x88ec: [6, function (d, b, i) { rain32(d, b, i); d.rainfall_counter = b[i + 4]; d.rainfall_alarm = b[i + 5]; }],
};
// Readings that were kept while the network was away: their time in seconds since 1970, and everything; rain in two bytes or in four.
var kept = { 0x20ce: [15, rain16], 0x21ce: [17, rain32] };
function keptReading(b, i, rain) {
  var d = { timestamp: u32(b, i) };
  temperature(d, b, i + 4);
  humidity(d, b, i + 6);
  pressure(d, b, i + 7);
  direction(d, b, i + 9);
  speed(d, b, i + 11);
  rain(d, b, i + 13);
  return d;
}
// What the device says of itself after joining, and its answers to commands, by type: no measurements, so only their sizes.
var about = {
  0x01: 1, 0x03: 2, 0x09: 2, 0x0a: 2, 0x0b: 1, 0x0f: 1, 0x10: 1, 0x11: 4, 0x16: 8, 0x17: 2, 0x27: 1, 0x67: 1, 0x68: 1, 0x69: 1, 0x6a: 3, 0x6e: 2, 0xfe: 1, 0xff: 2,
};

function decodeUplink(input) {
  var bytes = input.bytes, now = {}, earlier = [];
  if (bytes.length === 0) return { errors: ['truncated: no bytes'] };
  for (var at = 0; at < bytes.length; ) {
    var where = 'channel 0x' + bytes[at].toString(16) + ' at byte ' + at;
    if (at + 1 === bytes.length) return { errors: ['truncated: ' + where] };
    var id = bytes[at] * 256 + bytes[at + 1];
    var channel = bytes[at] >= 0xfe ? [about[bytes[at + 1]], function () {}] : channels[id] || kept[id];
    if (!channel || channel[0] === undefined) return { errors: [where + ' is unknown, or has an unknown type'] };
    if (at + 2 + channel[0] > bytes.length) return { errors: ['truncated: ' + where] };
    if (kept[id]) earlier.push(keptReading(bytes, at + 2, channel[1]));
    else channel[1](now, bytes, at + 2);
    at += 2 + channel[0];
  }
  if (earlier.length === 0) return { data: now };
  return { data: Object.keys(now).length === 0 ? earlier : [now].concat(earlier) };
}
