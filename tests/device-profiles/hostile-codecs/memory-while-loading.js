// Before the first frame.
var all = [];
for (;;) all.push(new ArrayBuffer(3 * 1024 * 1024));
