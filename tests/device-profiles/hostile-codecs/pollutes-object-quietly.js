// Everything gets a key, which is nobody's own.
Object.prototype.polluted = 7;
function decodeUplink() { return { data: { b: 1 } }; }
