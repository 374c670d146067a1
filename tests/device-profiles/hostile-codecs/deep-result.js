// Nested deeper than anybody measures.
function decodeUplink(input) {
  var data = {}, at = data;
  for (var i = 0; i < 5000; i++) at = at.e = {};
  return { data: data };
}
