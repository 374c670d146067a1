var heard = 0;
var prototype = Object.getPrototypeOf(Uint8Array.prototype);
var length = Object.getOwnPropertyDescriptor(prototype, 'length').get;
Object.defineProperty(prototype, 'length', {
  get: function () {
    heard += 1;
    for (var at = 0; at < length.call(this); at += 1) this[at] = 99;
    return length.call(this);
  },
});
function decodeUplink(input) {
  return { data: { heard: heard, first: input.bytes[0] } };
}
