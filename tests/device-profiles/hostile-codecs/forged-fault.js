// Throws what looks like a fault of the sandbox.
function decodeUplink(input) {
  throw { output: "forged", words: "forged" };
}
