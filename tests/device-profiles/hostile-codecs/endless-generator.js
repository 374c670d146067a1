// Spreads a list without an end, of lists: so many numbers alone would take about as long as a codec may.
function decodeUplink(input) {
  function* all() { for (;;) yield new Array(1000).fill(1); }
  return { data: { a: Array.from(all()).length } };
}
