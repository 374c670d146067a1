// Something that answers for everything.
function decodeUplink(input) {
  throw new Proxy(function () {}, { get: function () { return function () { return "proxy"; }; } });
}
