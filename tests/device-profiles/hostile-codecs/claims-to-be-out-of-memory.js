// A word of the interpreter's own.
function decodeUplink(input) {
  throw new Error("out of memory");
}
