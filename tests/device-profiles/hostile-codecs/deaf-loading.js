// As deaf, before the first frame.
new Array(1e9).join();
function decodeUplink() { return { data: { a: 1 } }; }
