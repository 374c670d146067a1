// Runs in the sandbox, before a codec that speaks of it: the part of Node.js's Buffer that published codecs use, with
// its bounds and its leniency about text. tests/device-profiles/buffer.test.ts holds it against the real one.
(() => {
  'use strict';
  const { defineProperty } = Object;
  const { fromCharCode, fromCodePoint } = String;

  // --- text to bytes and back -----------------------------------------------------------------------------------------

  const REPLACEMENT = 0xfffd;
  const utf8Bytes = (text) => {
    const bytes = [];
    for (const character of text) {
      const point = character.codePointAt(0);
      // Half of a pair stands for nothing.
      const code = point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point;
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
    return bytes;
  };
  /** As https://encoding.spec.whatwg.org/#utf-8-decoder: each longest beginning of a character that breaks off is one replacement. */
  const utf8Text = (bytes) => {
    let text = '';
    let [code, wanted, low, high] = [0, 0, 0x80, 0xbf];
    const begin = (byte) => {
      [low, high] = [0x80, 0xbf];
      if (byte < 0x80) return void (text += fromCharCode(byte));
      if (byte >= 0xc2 && byte <= 0xdf) [code, wanted] = [byte & 31, 1];
      else if (byte >= 0xe0 && byte <= 0xef) {
        [code, wanted] = [byte & 15, 2];
        if (byte === 0xe0) low = 0xa0;
        if (byte === 0xed) high = 0x9f;
      } else if (byte >= 0xf0 && byte <= 0xf4) {
        [code, wanted] = [byte & 7, 3];
        if (byte === 0xf0) low = 0x90;
        if (byte === 0xf4) high = 0x8f;
      } else text += fromCharCode(REPLACEMENT);
    };
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (wanted === 0) begin(byte);
      else if (byte < low || byte > high) {
        wanted = 0;
        text += fromCharCode(REPLACEMENT);
        begin(byte);
      } else {
        [low, high] = [0x80, 0xbf];
        code = (code << 6) | (byte & 63);
        wanted -= 1;
        if (wanted === 0) text += fromCodePoint(code);
      }
    }
    return wanted === 0 ? text : text + fromCharCode(REPLACEMENT);
  };

  const codesOf = (text, mask) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at) & mask);
  const textOf = (bytes, mask) => {
    let text = '';
    for (let at = 0; at < bytes.length; at += 1) text += fromCharCode(bytes[at] & mask);
    return text;
  };

  const DIGITS = '0123456789abcdef';
  /** Up to the first pair that is none. */
  const hexBytes = (text) => {
    const bytes = [];
    const lower = text.toLowerCase();
    for (let at = 0; at + 1 < text.length; at += 2) {
      const [high, low] = [DIGITS.indexOf(lower[at]), DIGITS.indexOf(lower[at + 1])];
      if (high < 0 || low < 0) break;
      bytes.push(high * 16 + low);
    }
    return bytes;
  };
  const hexText = (bytes) => {
    let text = '';
    for (let at = 0; at < bytes.length; at += 1) text += DIGITS[bytes[at] >> 4] + DIGITS[bytes[at] & 15];
    return text;
  };

  const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const BASE64 = `${LETTERS}+/`;
  const BASE64URL = `${LETTERS}-_`;
  /** Both alphabets, with padding or without, whatever else stands between. */
  const base64Bytes = (text) => {
    const bytes = [];
    let [held, bits] = [0, 0];
    for (const character of text) {
      if (character === '=') break;
      const value = Math.max(BASE64.indexOf(character), BASE64URL.indexOf(character));
      if (value < 0) continue;
      held = ((held << 6) | value) & 0xffff;
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      bytes.push((held >> bits) & 255);
    }
    return bytes;
  };
  const base64Text = (bytes, alphabet, padding) => {
    let text = '';
    for (let at = 0; at < bytes.length; at += 3) {
      const left = bytes.length - at;
      const three = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      text += alphabet[three >> 18] + alphabet[(three >> 12) & 63];
      text += left > 1 ? alphabet[(three >> 6) & 63] : padding;
      text += left > 2 ? alphabet[three & 63] : padding;
    }
    return text;
  };

  const utf8 = { bytes: utf8Bytes, text: utf8Text };
  const latin1 = { bytes: (text) => codesOf(text, 255), text: (bytes) => textOf(bytes, 255) };
  const ENCODINGS = {
    __proto__: null,
    utf8,
    'utf-8': utf8,
    hex: { bytes: hexBytes, text: hexText },
    base64: { bytes: base64Bytes, text: (bytes) => base64Text(bytes, BASE64, '=') },
    base64url: { bytes: base64Bytes, text: (bytes) => base64Text(bytes, BASE64URL, '') },
    ascii: { bytes: latin1.bytes, text: (bytes) => textOf(bytes, 127) },
    latin1,
    binary: latin1,
  };
  const encodingOf = (name) => {
    if (name === undefined || name === null || name === '') return utf8;
    const encoding = ENCODINGS[String(name).toLowerCase()];
    if (encoding === undefined) throw new TypeError(`Unknown encoding: ${name}`);
    return encoding;
  };

  // --- the class ------------------------------------------------------------------------------------------------------

  class Bytes extends Uint8Array {}
  const wrap = (bytes) => {
    const made = new Bytes(bytes.length);
    made.set(bytes);
    return made;
  };
  const isBytes = (value) => value instanceof Uint8Array;
  /** Like Node.js's own, to be called with `new` or without. */
  function Buffer(value, encodingOrOffset, length) {
    return typeof value === 'number' ? Buffer.alloc(value) : Buffer.from(value, encodingOrOffset, length);
  }
  Buffer.prototype = Bytes.prototype;
  defineProperty(Bytes.prototype, 'constructor', { value: Buffer, writable: true, configurable: true });
  defineProperty(Buffer, Symbol.species, { get: () => Bytes });

  const wholeLength = (size) => {
    if (typeof size !== 'number') throw new TypeError('The "size" argument must be of type number');
    if (!(size >= 0 && size <= 0x7fffffff)) throw new RangeError('The value of "size" is out of range');
    return size;
  };
  Buffer.from = (value, encodingOrOffset, length) => {
    if (typeof value === 'string') return wrap(encodingOf(encodingOrOffset).bytes(value));
    if (value instanceof ArrayBuffer) return new Bytes(value, encodingOrOffset ?? 0, length);
    if (typeof value === 'object' && value !== null) {
      if (value.type === 'Buffer' && Array.isArray(value.data)) return wrap(value.data);
      if (typeof value.length === 'number') return wrap(Array.from(value));
    }
    throw new TypeError('The first argument must be a string, a Buffer, an ArrayBuffer or an array');
  };
  Buffer.alloc = (size, fill, encoding) => {
    const made = new Bytes(wholeLength(size));
    return fill === undefined || fill === 0 ? made : made.fill(fill, encoding);
  };
  Buffer.allocUnsafe = (size) => Buffer.alloc(size);
  Buffer.isBuffer = (value) => value instanceof Bytes;
  Buffer.isEncoding = (name) => typeof name === 'string' && name.toLowerCase() in ENCODINGS;
  /** Of text in hexadecimal or Base64 by its length alone, whatever stands in it. */
  Buffer.byteLength = (value, encoding) => {
    if (typeof value !== 'string') return value.byteLength;
    const { bytes } = encodingOf(encoding);
    if (bytes === hexBytes) return value.length >> 1;
    if (bytes === base64Bytes) return ((value.length - /(?:(?<=[^])=)?=?$/.exec(value)[0].length) * 3) >> 2;
    return bytes(value).length;
  };
  Buffer.concat = (list, totalLength) => {
    const total = totalLength ?? list.reduce((sum, one) => sum + one.length, 0);
    const made = Buffer.alloc(total);
    let at = 0;
    for (const one of list) {
      if (!isBytes(one)) throw new TypeError('The list to concatenate must hold Buffers');
      if (at >= total) break;
      made.set(one.subarray(0, total - at), at);
      at += one.length;
    }
    return made;
  };
  Buffer.compare = (a, b) => {
    for (let at = 0; at < Math.min(a.length, b.length); at += 1) if (a[at] !== b[at]) return a[at] < b[at] ? -1 : 1;
    return Math.sign(a.length - b.length);
  };

  const outOfRange = (what, value) => new RangeError(`The value of "${what}" is out of range. Received ${String(value)}`);
  /** Where some bytes begin, if all of them lie within. */
  const placed = (buffer, offset, size) => {
    if (typeof offset !== 'number') throw new TypeError('The "offset" argument must be of type number');
    if (!Number.isInteger(offset) || offset < 0 || offset + size > buffer.length) throw outOfRange('offset', offset);
    return buffer.byteOffset + offset;
  };
  const viewOf = (buffer) => new DataView(buffer.buffer);
  const within = (value, bytes, signed) => {
    const number = +value;
    const [least, most] = signed ? [-(2 ** (8 * bytes - 1)), 2 ** (8 * bytes - 1) - 1] : [0, 2 ** (8 * bytes) - 1];
    if (number < least || number > most) throw outOfRange('value', value);
    return number;
  };
  const byteCount = (count) => {
    if (typeof count !== 'number') throw new TypeError('The "byteLength" argument must be of type number');
    if (!Number.isInteger(count) || count < 1 || count > 6) throw outOfRange('byteLength', count);
    return count;
  };
  /** A relative index, as slice has them, made a place from 0 to `length`. */
  const place = (index, length, otherwise) => {
    if (index === undefined) return otherwise;
    const whole = Math.trunc(+index) || 0;
    return whole < 0 ? Math.max(0, length + whole) : Math.min(whole, length);
  };

  const methods = {
    toString(encoding, start, end) {
      const from = Math.max(0, Math.trunc(+(start ?? 0)) || 0);
      const to = end === undefined ? this.length : Math.min(this.length, Math.max(0, Math.trunc(+end) || 0));
      return from < to ? encodingOf(encoding).text(this.subarray(from, to)) : '';
    },
    toJSON() {
      return { type: 'Buffer', data: Array.from(this) };
    },
    slice(start, end) {
      const from = place(start, this.length, 0);
      const to = place(end, this.length, this.length);
      return new Bytes(this.buffer, this.byteOffset + from, Math.max(0, to - from));
    },
    equals(other) {
      return Buffer.compare(this, other) === 0;
    },
    compare(other) {
      return Buffer.compare(this, other);
    },
    copy(target, targetStart = 0, start = 0, end = this.length) {
      if (targetStart < 0) throw outOfRange('targetStart', targetStart);
      if (start < 0 || start > this.length) throw outOfRange('sourceStart', start);
      if (targetStart >= target.length || start >= end) return 0;
      const some = this.subarray(start, Math.min(end, start + Math.max(0, target.length - targetStart)));
      target.set(some, targetStart);
      return some.length;
    },
    write(text, offset, length, encoding) {
      if (typeof offset === 'string') return this.write(text, 0, this.length, offset);
      if (typeof length === 'string') return this.write(text, offset, undefined, length);
      const from = offset ?? 0;
      if (!(from >= 0 && from <= this.length)) throw outOfRange('offset', offset);
      const space = Math.min(length ?? this.length, this.length - from);
      const whole = encodingOf(encoding);
      let bytes = whole.bytes(text);
      if (bytes.length > space) {
        // A character of UTF-8 is written whole or not at all.
        let fits = space;
        if (whole === utf8) while (fits > 0 && (bytes[fits] & 0xc0) === 0x80) fits -= 1;
        bytes = bytes.slice(0, fits);
      }
      this.set(bytes, from);
      return bytes.length;
    },
    fill(value, start, end, encoding) {
      if (typeof start === 'string') return this.fill(value, 0, this.length, start);
      const pattern = typeof value === 'number' ? [value] : Buffer.from(value, encoding);
      if (pattern.length === 0 && value !== '') throw new TypeError('The argument "value" is invalid');
      const to = end ?? this.length;
      for (let at = start ?? 0; at < to; at += 1) this[at] = pattern.length === 0 ? 0 : pattern[(at - (start ?? 0)) % pattern.length];
      return this;
    },
    indexOf(value, start = 0, encoding) {
      const wanted = typeof value === 'number' ? [value & 255] : typeof value === 'string' ? encodingOf(encoding).bytes(value) : value;
      for (let at = place(start, this.length, 0); at + wanted.length <= this.length; at += 1) {
        let same = 0;
        while (same < wanted.length && this[at + same] === wanted[same]) same += 1;
        if (same === wanted.length) return at;
      }
      return -1;
    },
    includes(value, start, encoding) {
      return this.indexOf(value, start, encoding) >= 0;
    },
  };
  methods.subarray = methods.slice;

  // Numbers of a fixed size: [its name, its bytes, what DataView calls it, whether it is an integer].
  const NUMBERS = [
    ['Int8', 1, 'Int8', true],
    ['Int16', 2, 'Int16', true],
    ['Int32', 4, 'Int32', true],
    ['UInt8', 1, 'Uint8', true],
    ['UInt16', 2, 'Uint16', true],
    ['UInt32', 4, 'Uint32', true],
    ['Float', 4, 'Float32', false],
    ['Double', 8, 'Float64', false],
    ['BigInt64', 8, 'BigInt64', false],
    ['BigUInt64', 8, 'BigUint64', false],
  ];
  const orders = (size) => (size === 1 ? [['', false]] : [['LE', true], ['BE', false]]);
  for (const [name, size, kind, integer] of NUMBERS) {
    for (const [order, little] of orders(size)) {
      methods[`read${name}${order}`] = function (offset = 0) {
        return viewOf(this)[`get${kind}`](placed(this, offset, size), little);
      };
      methods[`write${name}${order}`] = function (value, offset = 0) {
        const given = integer ? within(value, size, name[0] === 'I') : value;
        viewOf(this)[`set${kind}`](placed(this, offset, size), given, little);
        return offset + size;
      };
    }
  }
  // Integers of one to six bytes.
  for (const signed of [true, false]) {
    for (const little of [true, false]) {
      const name = `${signed ? 'Int' : 'UInt'}${little ? 'LE' : 'BE'}`;
      methods[`read${name}`] = function (offset, count) {
        placed(this, offset, byteCount(count));
        let value = 0;
        for (let n = 0; n < count; n += 1) value = value * 256 + this[little ? offset + count - 1 - n : offset + n];
        return signed && value >= 2 ** (8 * count - 1) ? value - 2 ** (8 * count) : value;
      };
      methods[`write${name}`] = function (value, offset, count) {
        let left = Math.trunc(within(value, byteCount(count), signed)) || 0;
        placed(this, offset, count);
        if (left < 0) left += 2 ** (8 * count);
        for (let n = 0; n < count; n += 1) {
          this[little ? offset + n : offset + count - 1 - n] = left % 256;
          left = Math.floor(left / 256);
        }
        return offset + count;
      };
    }
  }
  for (const name of Object.keys(methods)) {
    const other = name.replace('UInt', 'Uint');
    for (const spelling of new Set([name, other]))
      defineProperty(Bytes.prototype, spelling, { value: methods[name], writable: true, configurable: true });
  }
  defineProperty(globalThis, 'Buffer', { value: Buffer, writable: true, configurable: true });
})
