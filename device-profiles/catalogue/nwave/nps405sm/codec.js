// Nwave Smart Parking Sensor G4: the port says what a message is; the lowest bit of one byte says whether the space is taken.
var STATUS = 1, HEARTBEAT = 2, STARTUP = 3, REGISTRATION = 10;
// By port: how many bytes there may be. Older firmware sends a shorter heartbeat.
var lengths = {};
lengths[STATUS] = [1];
lengths[HEARTBEAT] = [3, 6];
lengths[STARTUP] = [5];
lengths[REGISTRATION] = [6];

// Seven bits for the minutes that the space was in its other state: single ones, then steps of five, then hours.
function minutes(code) {
  if (code < 90) return code;
  if (code < 120) return 90 + (code - 90) * 5;
  return 240 + (code - 120) * 60;
}
function parking(byte) {
  return { occupied: byte & 1, previous_state_duration: minutes(byte >> 1) };
}

function decodeUplink(input) {
  var b = input.bytes, allowed = lengths[input.fPort];
  if (!allowed) return { errors: ['messages on port ' + input.fPort + ' are no measurements'] };
  var longest = allowed[allowed.length - 1];
  if (b.length > longest) return { errors: [b.length - longest + ' bytes behind the end'] };
  if (allowed.indexOf(b.length) < 0) return { errors: ['truncated: ' + b.length + ' of ' + allowed.join(' or ') + ' bytes'] };
  if (input.fPort === STATUS) return { data: parking(b[0]) };
  if (input.fPort === STARTUP) return { data: { occupied: b[4] & 1, reset_cause: b[3], firmware_version: b[0] + '.' + b[1] + '.' + b[2] } };
  // A driver's tag may be read while nobody is parked: then the rest of the byte says nothing.
  if (input.fPort === REGISTRATION) return { data: b[0] & 1 ? parking(b[0]) : { tag: true } };
  return {
    data: {
      occupied: b[0] & 1,
      hw_health_status: b[0] >> 1,
      battery_voltage: 2500 + 4 * b[1],
      temperature: (b[2] < 128 ? b[2] : b[2] - 256) / 2 + 10,
    },
  };
}
