/**
 * The wire format of Protocol Buffers, as far as ChirpStack's messages need it: https://protobuf.dev/programming-guides/encoding.
 * The usual library believes a length that reaches far beyond the end of a message and is busy with it for a minute,
 * which is why the bytes of strangers are not given to it.
 */

/** Bytes that are no message, or end before they should. It does not leave the reader of Protocol Buffers. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

type Field =
  | { readonly wire: 'varint'; readonly low: number; readonly value: number }
  | { readonly wire: 'bytes' | 'fixed32' | 'fixed64'; readonly bytes: Uint8Array };

/** The fields of one message by their numbers, in the order in which they came. Absent ones are the zero of their kind. */
export class Fields {
  readonly #all = new Map<number, Field[]>();

  /** @throws Malformed when the fields do not fill the bytes to the last. */
  constructor(bytes: Uint8Array) {
    let at = 0;
    while (at < bytes.length) {
      const tag = varint(bytes, at);
      const number = Math.floor(tag.value / 8);
      if (number === 0 || tag.value > 0xffff_ffff) throw new Malformed('a field with an impossible number');
      const field = fieldAt(bytes, tag.end, tag.value % 8);
      at = field.end;
      const same = this.#all.get(number);
      if (same === undefined) this.#all.set(number, [field.field]);
      else same.push(field.field);
    }
  }

  uint32(number: number): number {
    return this.int32(number) >>> 0;
  }
  int32(number: number): number {
    const field = this.#last(number);
    return field?.wire === 'varint' ? field.low : 0;
  }
  /** int64, exact up to 2^53; a negative one is beyond that. */
  int64(number: number): number {
    const field = this.#last(number);
    return field?.wire === 'varint' ? field.value : 0;
  }
  boolean(number: number): boolean {
    return this.int64(number) !== 0;
  }
  double(number: number): number {
    const field = this.#last(number);
    return field?.wire === 'fixed64' ? viewOf(field.bytes).getFloat64(0, true) : 0;
  }
  float(number: number): number {
    const field = this.#last(number);
    return field?.wire === 'fixed32' ? viewOf(field.bytes).getFloat32(0, true) : 0;
  }
  bytes(number: number): Uint8Array {
    const field = this.#last(number);
    return field?.wire === 'bytes' ? field.bytes : new Uint8Array();
  }
  /** @throws Malformed when it is not UTF-8. */
  text(number: number): string {
    try {
      return utf8.decode(this.bytes(number));
    } catch {
      throw new Malformed('a word that is not UTF-8');
    }
  }
  /** @throws Malformed */
  message(number: number): Fields | undefined {
    return this.messages(number).at(-1);
  }
  /** @throws Malformed */
  messages(number: number): readonly Fields[] {
    return (this.#all.get(number) ?? []).flatMap((field) => (field.wire === 'bytes' ? [new Fields(field.bytes)] : []));
  }
  /** A map of words. @throws Malformed */
  words(number: number): Readonly<Record<string, string>> {
    return Object.fromEntries(this.messages(number).map((entry) => [entry.text(1), entry.text(2)]));
  }

  /** Of a field that comes more than once the last counts; one that has another kind than it should is not there. */
  #last(number: number): Field | undefined {
    return this.#all.get(number)?.at(-1);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

const fieldAt = (bytes: Uint8Array, at: number, wire: number): { readonly field: Field; readonly end: number } => {
  switch (wire) {
    case 0: {
      const { low, value, end } = varint(bytes, at);
      return { field: { wire: 'varint', low, value }, end };
    }
    case 1:
      return { field: { wire: 'fixed64', bytes: cut(bytes, at, at + 8) }, end: at + 8 };
    case 2: {
      const length = varint(bytes, at);
      const end = length.end + length.value;
      return { field: { wire: 'bytes', bytes: cut(bytes, length.end, end) }, end };
    }
    case 5:
      return { field: { wire: 'fixed32', bytes: cut(bytes, at, at + 4) }, end: at + 4 };
    default:
      throw new Malformed('a kind of field that nobody has written for years');
  }
};

const cut = (bytes: Uint8Array, from: number, to: number): Uint8Array => {
  if (to > bytes.length) throw new Malformed('a field that reaches beyond the end');
  return bytes.subarray(from, to);
};

/** Seven bits a byte, the lowest first, at most ten bytes. `low` is its lowest 32 bits with their sign. */
const varint = (
  bytes: Uint8Array,
  from: number,
): { readonly low: number; readonly value: number; readonly end: number } => {
  let low = 0;
  let value = 0;
  for (let index = 0; index < 10; index += 1) {
    const byte = bytes[from + index];
    if (byte === undefined) throw new Malformed('a number that does not end');
    if (index < 5) low |= (byte & 0x7f) << (7 * index);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { low, value, end: from + index + 1 };
  }
  throw new Malformed('a number of more than ten bytes');
};
