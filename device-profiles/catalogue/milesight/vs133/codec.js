// Milesight VS133 and VS135: a row of channels, each an id, a type and that type's number of bytes, the least significant first.
function u16(bytes, at) {
  return bytes[at] + bytes[at + 1] * 256;
}
function u32(bytes, at) {
  return u16(bytes, at) + u16(bytes, at + 2) * 65536;
}

// What stands in a frame, by channel id: its type, its size, and what it says.
var channels = {};
// The same for a reading that was kept while the network was away: after its time and the channel's id.
var kept = {};

function addLine(first, name) {
  channels[first] = { type: 0xd2, size: 4, read: function (d, b, i) { d[name + 'total_in'] = u32(b, i); } };
  channels[first + 1] = { type: 0xd2, size: 4, read: function (d, b, i) { d[name + 'total_out'] = u32(b, i); } };
  channels[first + 2] = { type: 0xcc, size: 4, read: function (d, b, i) { d[name + 'period_in'] = u16(b, i); d[name + 'period_out'] = u16(b, i + 2); } };
  for (var id = first; id < first + 3; id++) kept[id] = channels[id];
}
function addRegions(id, who) {
  channels[id] = { type: 0xe3, size: 4, read: function (d, b, i) { for (var r = 0; r < 4; r++) d['region_' + (r + 1) + '_' + who + 'count'] = b[i + r]; } };
  kept[id] = channels[id];
}
function addDwell(id, who) {
  function say(what) {
    return { size: 3, read: function (d, b, i) { d['region_' + b[i] + '_' + who + what + '_dwell'] = u16(b, i + 1); } };
  }
  channels[id] = { type: 0xe4, size: 5, read: function (d, b, i) { say('avg').read(d, b, i); d['region_' + b[i] + '_' + who + 'max_dwell'] = u16(b, i + 3); } };
  kept[id] = say('avg');
  kept[id * 2] = say('max');
}
for (var n = 0; n < 4; n++) {
  addLine(0x03 + 3 * n, 'line_' + (n + 1) + '_');
  addLine(0x11 + 3 * n, 'line_' + (n + 1) + '_child_');
}
addRegions(0x0f, '');
addRegions(0x1d, 'child_');
addDwell(0x10, '');
addDwell(0x1e, 'child_');
channels[0x50] = { type: 0xfc, size: 3, read: function (d, b, i) { d.occlusion_alarm = b[i + 2]; } };

// What the device says of itself after joining, and its answers to commands, by type: no measurements, so only their sizes.
var about = { 0x01: 1, 0x03: 2, 0x04: 1, 0x09: 2, 0x0a: 2, 0x0b: 1, 0x0f: 1, 0x10: 1, 0x11: 4, 0x16: 8, 0x1f: 4, 0x27: 1, 0x40: 1, 0x42: 1, 0x43: 1, 0x44: 1, 0x51: 1, 0x68: 1, 0x69: 1, 0x6a: 3, 0x6d: 1, 0xfe: 1, 0xff: 2 };
var KEPT = 0x20, KEPT_TYPE = 0xce, KEPT_HEAD = 5;

// How many bytes stand behind an id and a type; undefined where that is not known.
function sizeOf(bytes, at) {
  var id = bytes[at], type = bytes[at + 1];
  if (id === 0xff || id === 0xfe) return about[type];
  if (id === KEPT && type === KEPT_TYPE) {
    if (at + 6 >= bytes.length) return KEPT_HEAD;
    var what = kept[bytes[at + 6]];
    return what && KEPT_HEAD + what.size;
  }
  var channel = channels[id];
  return channel && channel.type === type ? channel.size : undefined;
}

function readingAt(timestamp, readings) {
  for (var i = 0; i < readings.length; i++) if (readings[i].timestamp === timestamp) return readings[i];
  readings.push({ timestamp: timestamp });
  return readings[readings.length - 1];
}

function decodeUplink(input) {
  var bytes = input.bytes;
  var now = {};
  var earlier = [];
  if (bytes.length === 0) return { errors: ['truncated: no bytes'] };
  for (var at = 0; at < bytes.length; ) {
    var size = at + 1 < bytes.length ? sizeOf(bytes, at) : 0;
    if (size === undefined) return { errors: ['channel 0x' + bytes[at].toString(16) + ' at byte ' + at + ' is unknown, or has an unknown type'] };
    if (at + 2 + size > bytes.length) return { errors: ['truncated: channel 0x' + bytes[at].toString(16) + ' at byte ' + at] };
    if (bytes[at] === KEPT) {
      kept[bytes[at + 6]].read(readingAt(u32(bytes, at + 2), earlier), bytes, at + 2 + KEPT_HEAD);
    } else if (channels[bytes[at]]) {
      channels[bytes[at]].read(now, bytes, at + 2);
    }
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
