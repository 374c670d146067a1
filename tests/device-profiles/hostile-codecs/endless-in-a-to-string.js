// The words of an error that never end.
function decodeUplink(input) {
  throw { toString: function () { for (;;); } };
}
