// Parametric TCR: counts and mean speeds of vehicles from the left (L) and the right (R) in four classes of speed.
// A number's most significant byte comes first; the payloads differ only in how many bytes the battery has.
var PREFIX = [0xbe, 0x02];
var forms = { 1: { length: 32, battery: 1 }, 2: { length: 33, battery: 2 } };

function u16(b, i) {
  return b[i] * 256 + b[i + 1];
}

function decodeUplink(input) {
  var b = input.bytes;
  for (var p = 0; p < PREFIX.length; p++) {
    if (p < b.length && b[p] !== PREFIX[p]) return { errors: ['a payload that begins with 0x' + b[0].toString(16) + ' is unknown'] };
  }
  if (b.length < 3) return { errors: ['truncated: ' + b.length + ' bytes'] };
  var form = forms[b[2]];
  if (!form) return { errors: ['payload version ' + b[2] + ' is unknown'] };
  if (b.length < form.length) return { errors: ['truncated: ' + b.length + ' of ' + form.length + ' bytes'] };
  if (b.length > form.length) return { errors: [b.length - form.length + ' bytes behind the end'] };

  var at = 3, data = {};
  if (form.battery === 1) data.SBX_BATT_GAUGE = b[at];
  else data.SBX_BATT = u16(b, at);
  at += form.battery;
  data.SBX_PV = u16(b, at);
  var temp = u16(b, at + 2);
  data.TEMP = (temp < 32768 ? temp : temp - 65536) / 10;
  at += 4;
  var count = 0, sum = 0;
  for (var i = 0; i < 8; i++, at += 3) {
    var name = (i % 2 === 0 ? 'L' : 'R') + (i >> 1);
    data[name + '_CNT'] = u16(b, at);
    data[name + '_AVG'] = b[at + 2];
    count += u16(b, at);
    sum += u16(b, at) * b[at + 2];
  }
  data.count = count;
  // The mean of the classes' means, each as often as it was counted; where nobody passed there is no speed.
  data.average_speed = count === 0 ? null : Math.round((10 * sum) / count) / 10;
  return { data: data };
}
