// Lists in lists.
function decodeUplink(input) {
  var all = [];
  for (;;) all.push(new Array(100000).fill(0));
}
