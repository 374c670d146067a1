// Nothing can be changed any more.
[Object, Array, Function, Date, JSON, Math].forEach(function (it) { Object.freeze(it); Object.freeze(it.prototype || it); });
function decodeUplink(input) { return { data: { sum: input.bytes[0] + input.bytes[1] } }; }
