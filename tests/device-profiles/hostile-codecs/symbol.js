// Nor has this.
function decodeUplink(input) {
  return { data: { a: Symbol("a") } };
}
