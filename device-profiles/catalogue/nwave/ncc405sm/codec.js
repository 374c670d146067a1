// Nwave Smart Car Counter G4: the port says what a message is; the most significant byte of a number comes first.
var COUNT = 1, HEARTBEAT = 2, STARTUP = 3;
var lengths = {};
lengths[COUNT] = 2;
lengths[HEARTBEAT] = 3;
lengths[STARTUP] = 4;

function millivolts(byte) {
  return 2500 + 4 * byte;
}

function decodeUplink(input) {
  var b = input.bytes, length = lengths[input.fPort];
  if (!length) return { errors: ['messages on port ' + input.fPort + ' are no measurements'] };
  if (b.length < length) return { errors: ['truncated: ' + b.length + ' of ' + length + ' bytes'] };
  if (b.length > length) return { errors: [b.length - length + ' bytes behind the end'] };
  if (input.fPort === COUNT) return { data: { counter_value: b[0] * 256 + b[1] } };
  if (input.fPort === HEARTBEAT) return { data: { battery_voltage: millivolts(b[1]), battery_voltage_mean_24h: millivolts(b[2]) } };
  return { data: { reset_cause: b[3], firmware_version: b[0] + '.' + b[1] + '.' + b[2] } };
}
