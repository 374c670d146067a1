// Dragino LDDS75: five bytes, to which firmware 1.1.4 and later adds three, the most significant byte first.
var SHORT = 5, LONG = 8;
// What is nearer than this (mm), the probe cannot measure: such numbers mean that there was no good echo, or no probe.
var NEAREST = 280;

function u16(bytes, at) {
  return bytes[at] * 256 + bytes[at + 1];
}
function signed16(number) {
  return number < 32768 ? number : number - 65536;
}

function decodeUplink(input) {
  var bytes = input.bytes;
  var short = bytes.length === SHORT;
  if (!short && bytes.length < LONG) return { errors: ['truncated: ' + bytes.length + ' bytes, neither ' + SHORT + ' nor ' + LONG] };
  if (bytes.length > LONG) return { errors: [bytes.length - LONG + ' bytes behind the end'] };
  var distance = u16(bytes, 2);
  var data = {
    Bat: u16(bytes, 0) & 0x3fff, // mV; the two bits above are none of it
    Distance: distance < NEAREST ? null : distance, // mm
    Interrupt_flag: bytes[4],
  };
  if (short) return { data: data };
  data.TempC_DS18B20 = signed16(u16(bytes, 5)) / 10;
  data.Sensor_flag = bytes[7];
  return { data: data };
}

// Commands: a type and its bytes, the most significant first.
var COMMAND_PORT = 2, INTERVAL = 0x01, RESET = 0x04;

function encodeDownlink(input) {
  var data = input.data;
  for (var key in data) if (key !== 'interval' && key !== 'reboot') return { errors: [key + ' is no command of this device: interval and reboot are'] };
  if (data.interval !== undefined && data.reboot !== undefined) return { errors: ['the device takes one command in a frame: give interval or reboot'] };
  if (data.interval !== undefined) {
    if (!(Number.isInteger(data.interval) && data.interval >= 60 && data.interval <= 0xffffff)) return { errors: ['interval is whole seconds, 60 to 16777215'] };
    return { bytes: [INTERVAL, data.interval >> 16, (data.interval >> 8) & 255, data.interval & 255], fPort: COMMAND_PORT };
  }
  return data.reboot === true ? { bytes: [RESET, 0xff], fPort: COMMAND_PORT } : { errors: ['there is no command in it: give interval, or reboot: true'] };
}

function decodeDownlink(input) {
  var bytes = input.bytes;
  if (bytes.length === 4 && bytes[0] === INTERVAL) return { data: { interval: bytes[1] * 65536 + u16(bytes, 2) } };
  if (bytes.length === 2 && bytes[0] === RESET && bytes[1] === 0xff) return { data: { reboot: true } };
  return { errors: ['this is no command that is known here'] };
}
