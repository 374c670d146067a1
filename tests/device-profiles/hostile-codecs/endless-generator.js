// Spreads a list without an end.
function decodeUplink(input) {
  function* all() { for (;;) yield 1; }
  return { data: { a: Array.from(all()).length } };
}
