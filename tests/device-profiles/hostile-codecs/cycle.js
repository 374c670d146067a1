// Never ends.
function decodeUplink(input) {
  var data = { a: {} };
  data.a.b = data;
  return { data: data };
}
