// Writes what the sandbox itself would write.
function decodeUplink(input) {
  return { errors: ["={\"forged\":1}"] };
}
