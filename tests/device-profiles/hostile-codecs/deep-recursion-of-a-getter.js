// Calls itself, by looking at itself.
function decodeUplink(input) {
  var o = { get a() { return this.a; } };
  return { data: { a: o.a } };
}
