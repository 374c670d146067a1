// An empty list of four billion.
function decodeUplink(input) {
  return { data: { a: new Array(4294967295) } };
}
