// As many as there is room for.
function decodeUplink(input) {
  var all = [];
  for (;;) for (var i = 0; i < 1000; i++) all.push({ a: i });
}
