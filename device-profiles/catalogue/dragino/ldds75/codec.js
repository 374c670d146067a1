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
