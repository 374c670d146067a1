// Endless as soon as somebody reads what is wrong.
function decodeUplink(input) {
  return { errors: [{ toString: function () { for (;;); } }] };
}
