// More than a frame can say.
function decodeUplink(input) {
  return { data: { a: "x".repeat(100000) } };
}
