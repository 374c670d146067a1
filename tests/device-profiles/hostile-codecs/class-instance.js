// Numbers with a method.
function decodeUplink(input) {
  class Reading { constructor() { this.a = 1; } }
  return { data: { air: new Reading() } };
}
