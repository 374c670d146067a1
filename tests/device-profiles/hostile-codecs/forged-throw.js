// Throws what the sandbox itself would write.
function decodeUplink(input) {
  throw "={\"forged\":1}";
}
