// Reading and writing are the codec's.
JSON.stringify = function () { return '{"polluted":1}'; };
JSON.parse = function () { return { polluted: 1 }; };
function decodeUplink() { return { data: { b: 1 } }; }
