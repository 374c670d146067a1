// A TS013 codec: seven bytes, people in, people out, battery. An error that begins with `truncated` becomes that reason.
function decodeUplink(input) {
  var b = input.bytes;
  if (b.length < 7) return { errors: ['truncated: ' + b.length + ' of 7 bytes'] };
  if (b.length > 7 || b[0] !== 1) return { errors: ['message kind ' + b[0] + ' with ' + b.length + ' bytes is unknown'] };
  return { data: { total_in: b[1] * 256 + b[2], total_out: b[3] * 256 + b[4], battery: b[5] * 256 + b[6] } };
}
