// Even its words throw.
function decodeUplink(input) {
  throw { toString: function () { throw { toString: function () { throw 1; } }; } };
}
