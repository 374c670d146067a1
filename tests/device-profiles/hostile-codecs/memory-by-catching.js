// Goes on when there is none left.
function decodeUplink(input) {
  var all = [];
  for (;;) try { all.push(new ArrayBuffer(3 * 1024 * 1024)); } catch (e) { if (all.length === 0) throw e; all.push(all.slice()); }
}
