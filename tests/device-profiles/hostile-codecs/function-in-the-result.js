// Would be dropped without a word, too.
function decodeUplink(input) {
  return { data: { a: function () {} } };
}
