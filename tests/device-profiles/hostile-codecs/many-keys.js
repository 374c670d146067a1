// A key for everything.
function decodeUplink(input) {
  var data = {};
  for (var i = 0; i < 20000; i++) data["k" + i] = i;
  return { data: data };
}
