// Milesight EM500-SWL: a row of channels, each an id, a type and that type's number of bytes, the least significant first.
function u16(b, i) {
  return b[i] + b[i + 1] * 256;
}
function u32(b, i) {
  return u16(b, i) + u16(b, i + 2) * 65536;
}

// What stands behind an id and a type (written as one number): the number of bytes, and what they say.
var BATTERY = 0x0175, DEPTH = 0x0377, KEPT = 0x20ce;
var sizes = {};
sizes[BATTERY] = 1;
sizes[DEPTH] = 2;
sizes[KEPT] = 6; // a reading that was kept while the network was away: its time in seconds since 1970, and the depth
// What the device says of itself after joining, and its answers to commands, by type: no measurements, so only their sizes.
var about = {
  0x01: 1, 0x02: 2, 0x03: 2, 0x06: 9, 0x09: 2, 0x0a: 2, 0x0b: 1, 0x0f: 1, 0x10: 1, 0x11: 4, 0x16: 8, 0x17: 2, 0x1b: 5, 0x1c: 2, 0x27: 1, 0x28: 1, 0x35: 8,
  0x3b: 1, 0x4a: 1, 0x68: 1, 0x69: 1, 0x6a: 3, 0x84: 1, 0x96: 8, 0xf1: 4, 0xf2: 2, 0xf5: 1, 0xfe: 1, 0xff: 2,
};

function decodeUplink(input) {
  var bytes = input.bytes, now = {}, earlier = [];
  if (bytes.length === 0) return { errors: ['truncated: no bytes'] };
  for (var at = 0; at < bytes.length; ) {
    var where = 'channel 0x' + bytes[at].toString(16) + ' at byte ' + at;
    if (at + 1 === bytes.length) return { errors: ['truncated: ' + where] };
    var channel = bytes[at] * 256 + bytes[at + 1];
    var size = bytes[at] >= 0xfe ? about[bytes[at + 1]] : sizes[channel];
    if (size === undefined) return { errors: [where + ' is unknown, or has an unknown type'] };
    if (at + 2 + size > bytes.length) return { errors: ['truncated: ' + where] };
    if (channel === BATTERY) now.battery = bytes[at + 2];
    if (channel === DEPTH) now.depth = u16(bytes, at + 2);
    if (channel === KEPT) earlier.push({ timestamp: u32(bytes, at + 2), depth: u16(bytes, at + 6) });
    at += 2 + size;
  }
  if (earlier.length === 0) return { data: now };
  return { data: Object.keys(now).length === 0 ? earlier : [now].concat(earlier) };
}

// Commands: a row of settings on channel 0xff, each a type and its bytes, the least significant first.
var COMMAND_PORT = 85, SETTING = 0xff, INTERVAL = 0x03, REBOOT = 0x10;

function encodeDownlink(input) {
  var data = input.data, bytes = [];
  for (var key in data) if (key !== 'interval' && key !== 'reboot') return { errors: [key + ' is no command of this device: interval and reboot are'] };
  if (data.interval !== undefined) {
    if (!(Number.isInteger(data.interval) && data.interval >= 60 && data.interval <= 65535)) return { errors: ['interval is whole seconds, 60 to 65535'] };
    bytes.push(SETTING, INTERVAL, data.interval & 255, data.interval >> 8);
  }
  if (data.reboot !== undefined && data.reboot !== true) return { errors: ['reboot is true, or not there'] };
  if (data.reboot) bytes.push(SETTING, REBOOT, 0xff);
  return bytes.length === 0 ? { errors: ['there is no command in it: give interval or reboot'] } : { bytes: bytes, fPort: COMMAND_PORT };
}

function decodeDownlink(input) {
  var bytes = input.bytes, data = {};
  for (var at = 0; at < bytes.length; ) {
    var size = bytes[at] === SETTING ? { 0x03: 2, 0x10: 1 }[bytes[at + 1]] : undefined;
    if (size === undefined) return { errors: ['byte ' + at + ' begins no command that is known here'] };
    if (at + 2 + size > bytes.length) return { errors: ['truncated: the command at byte ' + at] };
    if (bytes[at + 1] === INTERVAL) data.interval = u16(bytes, at + 2);
    else data.reboot = true;
    at += 2 + size;
  }
  return { data: data };
}
