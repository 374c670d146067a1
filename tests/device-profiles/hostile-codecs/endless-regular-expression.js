// Backtracks for longer than the sun will shine.
function decodeUplink(input) {
  return { data: { a: /^(a+)+$/.test("a".repeat(60) + "b") } };
}
