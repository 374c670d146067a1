// Bosch Parking Lot Sensor: the port says what a message is; the lowest bit of one byte says whether the space is taken.
var STATUS = 1, HEARTBEAT = 2, STARTUP = 3;
// By port: the number of bytes.
var lengths = {};
lengths[STATUS] = 1;
lengths[HEARTBEAT] = 2;
lengths[STARTUP] = 17;

function decodeUplink(input) {
  var b = input.bytes, length = lengths[input.fPort];
  if (!length) return { errors: ['messages on port ' + input.fPort + ' are no measurements'] };
  if (b.length < length) return { errors: ['truncated: ' + b.length + ' of ' + length + ' bytes'] };
  if (b.length > length) return { errors: [b.length - length + ' bytes behind the end'] };
  // Before its last byte a startup message has codes for the maker, the firmware's version and why it started.
  if (input.fPort === STARTUP) return { data: { occupied: b[16] & 1, resetCause: b[15], firmwareVersion: b[12] + '.' + b[13] + '.' + b[14] } };
  if (input.fPort === STATUS) return { data: { occupied: b[0] & 1 } };
  return { data: { occupied: b[0] & 1, temperature: b[1] < 128 ? b[1] : b[1] - 256 } };
}
