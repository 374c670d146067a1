/**
 * Whether bytes are a Protocol Buffers message that is whole: its fields fill it to the last byte. Readers of the
 * format take the front half of a message for a message, with zeros for what was cut off.
 * https://protobuf.dev/programming-guides/encoding
 */
export const isWholeMessage = (bytes: Uint8Array): boolean => {
  let at = 0;
  while (at < bytes.length) {
    const tag = varint(bytes, at);
    if (tag === undefined || tag.value >>> 3 === 0) return false;
    at = tag.end;
    switch (tag.value & 7) {
      case 0: {
        const number = varint(bytes, at);
        if (number === undefined) return false;
        at = number.end;
        break;
      }
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint(bytes, at);
        if (length === undefined) return false;
        at = length.end + length.value;
        break;
      }
      case 5:
        at += 4;
        break;
      // Groups, which nobody has written for years.
      default:
        return false;
    }
  }
  return at === bytes.length;
};

/** Seven bits a byte, the lowest first; at most ten bytes. What lies beyond 2^53 is only passed over. */
const varint = (bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } | undefined => {
  let value = 0;
  for (let index = 0; index < 10; index += 1) {
    const byte = bytes[from + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: from + index + 1 };
  }
  return undefined;
};
