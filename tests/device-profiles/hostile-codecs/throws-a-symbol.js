// Has words, but not of itself.
function decodeUplink(input) {
  throw Symbol("secret");
}
