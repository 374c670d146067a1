// Would be dropped without a word.
function decodeUplink(input) {
  var data = { a: 1 };
  data[Symbol("b")] = 2;
  return { data: data };
}
