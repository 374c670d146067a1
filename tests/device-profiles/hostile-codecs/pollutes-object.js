// Everything gets a key, and a way to be written.
Object.prototype.a = 7;
Object.prototype.toJSON = function () { return "spoilt"; };
function decodeUplink() { return { data: { b: 1 } }; }
