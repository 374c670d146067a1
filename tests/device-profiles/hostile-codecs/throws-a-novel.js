// Two hundred characters are enough.
function decodeUplink(input) {
  throw new Error("x".repeat(100000));
}
