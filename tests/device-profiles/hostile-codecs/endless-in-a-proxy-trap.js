// Endless to look at, whatever is looked at.
function decodeUplink(input) {
  throw new Proxy({}, { get: function () { for (;;); }, has: function () { for (;;); }, getPrototypeOf: function () { for (;;); } });
}
