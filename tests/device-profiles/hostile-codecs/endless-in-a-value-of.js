// A number that never comes.
function decodeUplink(input) {
  return { data: { a: +{ valueOf: function () { for (;;); } } } };
}
