// Never ends, in a list.
function decodeUplink(input) {
  var list = [];
  list.push(list, list);
  return { data: { list: list } };
}
