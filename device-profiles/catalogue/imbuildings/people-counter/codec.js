// IMBuildings People Counter: a header that can be left out (type, variant, eight bytes of device id), then what the variant has, the most significant byte first.
var PEOPLE_COUNTER = 2;
var HEADER = 10;
// Ports on which the maker's devices leave the header out, and the variant that each stands for.
var headless = { 26: 6, 27: 7, 28: 8 };

// [name, number of bytes, steps in one of its unit], by variant.
var device = [['device_status', 1, 1], ['battery_voltage', 2, 100]];
var totals = [['sensor_status', 1, 1], ['total_counter_a', 2, 1], ['total_counter_b', 2, 1]];
var variants = {
  6: device.concat([['counter_a', 2, 1], ['counter_b', 2, 1]], totals, [['payload_counter', 1, 1]]),
  7: totals,
  8: device.concat([['sensor_status', 1, 1]]),
};

function sizeOf(parts) {
  var size = 0;
  for (var i = 0; i < parts.length; i++) size += parts[i][1];
  return size;
}

function decodeUplink(input) {
  var bytes = input.bytes;
  var variant = headless[input.fPort];
  var at = variant ? 0 : HEADER;
  if (!variant) {
    if (bytes.length < 2) return { errors: ['truncated: ' + bytes.length + ' bytes, the header has ' + HEADER] };
    if (bytes[0] !== PEOPLE_COUNTER) return { errors: ['message type 0x' + bytes[0].toString(16) + ' is not that of a people counter'] };
    variant = bytes[1];
  }
  var parts = variants[variant];
  if (!parts) return { errors: ['variant ' + variant + ' is unknown'] };
  var length = at + sizeOf(parts);
  if (bytes.length < length) return { errors: ['truncated: ' + bytes.length + ' bytes, variant ' + variant + ' has ' + length] };
  if (bytes.length > length) return { errors: [bytes.length - length + ' bytes behind the end of variant ' + variant] };
  var data = { payload_variant: variant };
  for (var i = 0; i < parts.length; i++) {
    var number = parts[i][1] === 2 ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    data[parts[i][0]] = number / parts[i][2];
    at += parts[i][1];
  }
  return { data: data };
}
