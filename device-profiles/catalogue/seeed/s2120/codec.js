// Seeed SenseCAP S2120: a row of values, each an id and that id's number of bytes, the most significant first.
function u16(b, i) {
  return b[i] * 256 + b[i + 1];
}
function u32(b, i) {
  return u16(b, i) * 65536 + u16(b, i + 2);
}
function air(d, b, i) {
  d.air_temperature = (u16(b, i) < 32768 ? u16(b, i) : u16(b, i) - 65536) / 10;
  d.air_humidity = b[i + 2];
  d.light_intensity = u32(b, i + 3);
  d.uv_index = b[i + 7] / 10;
  d.wind_speed = u16(b, i + 8) / 10;
}
function rain(d, b, i) {
  d.wind_direction = u16(b, i);
  d.rain_gauge = u32(b, i + 2) / 1000;
  d.barometric_pressure = u16(b, i + 6) * 10;
}
function battery(d, b, i) { d.battery = b[i]; }

// [number of bytes, what they say], by id. Firmware 2 writes 4a and 4b for 01 and 02.
var values = {
  0x01: [10, air],
  0x4a: [10, air],
  0x02: [8, rain],
  0x4b: [8, rain],
  0x4c: [6, function (d, b, i) { d.peak_wind_gust = u16(b, i) / 10; d.rain_accumulation = u32(b, i + 2) / 1000; }],
  0x03: [1, battery],
  0x04: [9, battery], // with versions and intervals behind it
  0x05: [4, function () {}], // intervals
  0x06: [1, function (d, b, i) { d.sensor_error = b[i]; }],
  0x10: [9, function () {}], // the sensor's number
};

function decodeUplink(input) {
  var bytes = input.bytes, data = {};
  if (bytes.length === 0) return { errors: ['truncated: no bytes'] };
  for (var at = 0; at < bytes.length; ) {
    var value = values[bytes[at]];
    if (!value) return { errors: ['value 0x' + bytes[at].toString(16) + ' at byte ' + at + ' is unknown'] };
    if (at + 1 + value[0] > bytes.length) return { errors: ['truncated: value 0x' + bytes[at].toString(16) + ' at byte ' + at + ' has ' + value[0] + ' bytes'] };
    value[1](data, bytes, at + 1);
    at += 1 + value[0];
  }
  return { data: data };
}
