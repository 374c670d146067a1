// Allowed: what is evaluated stays inside.
function decodeUplink(input) {
  return { data: { a: (0, eval)("typeof process"), b: new Function("return typeof globalThis.fetch")(), sum: eval("1 + 2") } };
}
