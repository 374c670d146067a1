// uRADMonitor A3: one kind of frame, 32 bytes, the most significant byte first. Its last byte is a checksum whose rule is not published.
var LENGTH = 32;

function uint(bytes, at, size) {
  var number = 0;
  for (var i = 0; i < size; i++) number = number * 256 + bytes[at + i];
  return number;
}
// A sign bit and 15 bits of number, not two's complement.
function signAndNumber(word) {
  return word < 32768 ? word : -(word - 32768);
}

function decodeUplink(input) {
  var bytes = input.bytes;
  if (bytes.length < LENGTH) return { errors: ['truncated: ' + bytes.length + ' of ' + LENGTH + ' bytes'] };
  if (bytes.length > LENGTH) return { errors: [bytes.length - LENGTH + ' bytes behind the end: not an A3'] };
  return {
    data: {
      verhw: bytes[4],
      versw: bytes[5],
      timestamp: uint(bytes, 6, 4), // s since it was switched on
      temperature: signAndNumber(uint(bytes, 10, 2)) / 100,
      pressure: uint(bytes, 12, 2) + 65535, // Pa
      humidity: bytes[14] / 2,
      voc: uint(bytes, 15, 3), // ohm
      noise: bytes[18] / 2,
      co2: uint(bytes, 19, 2),
      formaldehyde: uint(bytes, 21, 2), // ppb
      o3: uint(bytes, 23, 2),
      pm1: uint(bytes, 25, 2),
      pm2_5: uint(bytes, 27, 2),
      pm10: uint(bytes, 29, 2),
    },
  };
}
