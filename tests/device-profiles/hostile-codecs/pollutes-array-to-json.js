// Lists are written by the codec.
Array.prototype.toJSON = function () { return { polluted: 1 }; };
function decodeUplink() { return { data: [{ b: 1 }] }; }
