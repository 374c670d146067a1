// Parametric PCR2: three forms of the same counts, all with the most significant byte of a number first.
// The oldest is a row of values with a type byte before each; the extended ones begin with be01 and the form's version.
function u16(b, i) {
  return b[i] * 256 + b[i + 1];
}
function tenths(b, i) {
  return (u16(b, i) < 32768 ? u16(b, i) : u16(b, i) - 65536) / 10;
}
var oldest = { length: 9, read: function (b) { return { LTR: u16(b, 1), RTL: u16(b, 4), TEMP: tenths(b, 7) }; } };
var extendedForms = {
  3: { length: 16, read: function (b) { return extended(b, { SBX_BATT_GAUGE: b[11], SBX_PV: u16(b, 12), TEMP: tenths(b, 14) }); } },
  4: { length: 17, read: function (b) { return extended(b, { SBX_BATT: u16(b, 11), SBX_PV: u16(b, 13), TEMP: tenths(b, 15) }); } },
};
function extended(b, d) {
  d.LTR = u16(b, 3);
  d.RTL = u16(b, 5);
  d.LTR_SUM = u16(b, 7);
  d.RTL_SUM = u16(b, 9);
  return d;
}
// Firmware 4 sends its fifth form with the kind of device in the version's place.
function isFifth(b) {
  return b.length === 10 && b[3] === 0xa5;
}
function formOf(b) {
  if (b[0] === 0x0a && (b.length < 4 || b[3] === 0x16) && (b.length < 7 || b[6] === 0x01)) return oldest;
  if (b[0] === 0xbe && (b.length < 2 || b[1] === 0x01) && !isFifth(b)) return b.length < 3 ? extendedForms[3] : extendedForms[b[2]];
  return undefined;
}

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length === 0) return { errors: ['truncated: no bytes'] };
  var form = formOf(b);
  if (!form) return { errors: ['a payload of ' + b.length + ' bytes that begins with 0x' + b[0].toString(16) + ' is unknown'] };
  if (b.length < form.length) return { errors: ['truncated: ' + b.length + ' of ' + form.length + ' bytes'] };
  if (b.length > form.length) return { errors: [b.length - form.length + ' bytes behind the end'] };
  return { data: form.read(b) };
}
