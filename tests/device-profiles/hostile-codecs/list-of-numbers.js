// Readings that are none.
function decodeUplink(input) {
  return { data: [1, 2] };
}
