// Lists lose what they can.
Array.prototype.push = Array.prototype.slice = Array.prototype.map = function () { return []; };
Array.prototype[Symbol.iterator] = null;
Array.isArray = function () { return false; };
function decodeUplink(input) { return { data: [{ b: input.bytes[0] }] }; }
