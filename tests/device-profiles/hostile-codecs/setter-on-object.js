// Listens to whatever is made.
var heard = 0;
["bytes", "fPort", "data"].forEach(function (key) { Object.defineProperty(Object.prototype, key, { set: function () { heard++; }, configurable: true }); });
function decodeUplink(input) { return { data: { heard: heard } }; }
