import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openSandbox } from '../../device-profiles/codec/sandbox.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox.close());

/** What is done with a Buffer: an expression of `a`, `b` (Buffers), `text`, `n`, `m` (numbers), and the encoding `as`. */
interface Deed {
  readonly does: string;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly text: string;
  readonly n: number;
  readonly m: number;
  readonly as: string;
}

// The same program runs in the sandbox, on our Buffer, and here, on that of Node.js.
const program = `
  var shown = function (value) {
    if (value instanceof Uint8Array) return (Buffer.isBuffer(value) ? 'buffer ' : 'bytes ') + Array.from(value).join();
    return typeof value + ' ' + String(value);
  };
  var a = Buffer.from(input.a), b = Buffer.from(input.b), text = input.text, n = input.n, m = input.m, as = input.as;
  // Of a wide character Node.js takes the low byte for a letter of Base64 or a digit, which is not worth having.
  if (/hex|base64/.test(as + input.does)) text = text.replace(/[^\\x00-\\xff]/g, '');
  try {
    var result = eval(input.does);
    return [shown(result), shown(a), shown(b)].join(' | ');
  } catch (error) {
    return 'throws ' + error.constructor.name;
  }`;
const ours = sandbox.codec(`
  function run(input) { ${program} }
  function normalizeUplink(input) { return { data: { said: run(input.data) } }; }`);
// oxlint-disable-next-line typescript/no-implied-eval
const real = new Function('Buffer', 'input', program);

const inSandbox = async (deed: Deed): Promise<unknown> => {
  const rows = await ours.normalizeUplink({ ...deed });
  return 'reason' in rows ? rows : rows[0]?.['said'];
};

const sizes = ['Int8', 'UInt8', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Float', 'Double', 'BigInt64', 'BigUInt64'];
const orders = (size: string): string[] => (size.endsWith('8') ? [size] : [`${size}LE`, `${size}BE`]);
const fixed = sizes.flatMap(orders);
const reads = fixed.map((size) => `a.read${size}(n)`);
const writes = fixed.filter((size) => !size.startsWith('Big')).map((size) => `a.write${size}(m, n)`);
const big = ['a.writeBigInt64LE(BigInt(Math.trunc(m)), n)', 'a.writeBigUInt64BE(BigInt(Math.abs(Math.trunc(m))), n)'];
const sized = ['Int', 'UInt', 'Uint'].flatMap((kind) =>
  ['LE', 'BE'].flatMap((order) => [`a.read${kind}${order}(n, b.length)`, `a.write${kind}${order}(m, n, b.length)`]),
);

const encodings = ['utf8', 'UTF-8', 'hex', 'base64', 'base64url', 'ascii', 'latin1', 'binary'];
const deeds = [
  'Buffer.from(text)',
  'Buffer.from(text, as)',
  'Buffer.byteLength(text, as)',
  'new Buffer(text, as)',
  'Buffer(input.a)',
  'Buffer.from(a)',
  'Buffer.from(a.toJSON())',
  'Buffer.from(new Uint8Array(input.a).buffer)',
  'Buffer.from(new Uint8Array(input.a).buffer, 1)',
  'Buffer.from([text, n, m, 256.5, -1])',
  'Buffer.from(null)',
  'Buffer.from(7)',
  'a.toString(as)',
  'a.toString(as, n)',
  'a.toString(as, n, m)',
  'String(a)',
  'a + text',
  'a.toString("nonsense")',
  'Buffer.from(a.toString("hex"), "hex")',
  'Buffer.from(a.toString("base64url"), "base64")',
  'Buffer.alloc(Math.abs(Math.trunc(n)) % 50)',
  'Buffer.alloc(9, b.length ? b[0] : 0)',
  'Buffer.alloc(9, text, as).length',
  'Buffer.alloc(-1)',
  'Buffer.concat([a, b])',
  'Buffer.concat([a, b], b.length + 1)',
  'Buffer.concat([])',
  'a.slice(n)',
  'a.slice(n, m)',
  'a.subarray(n, m)',
  'a.slice(1).slice(1, -1).toString("hex")',
  'a.subarray(1).fill(7); a',
  'a.map(function (x) { return x + 1; })',
  'a.length + b.length',
  'a.equals(b)',
  'a.compare(b)',
  'Buffer.compare(b, a)',
  'a.copy(b)',
  'a.copy(b, 1, 2)',
  'a.fill(n)',
  'a.fill("ab", 1)',
  'a.write(text)',
  'a.write(text, "hex")',
  'a.write(text, Math.min(2, a.length), "latin1")',
  'a.indexOf(b[0] || 0)',
  'a.indexOf(b.slice(0, 2))',
  'a.includes("a")',
  'Buffer.isBuffer(a) + "," + Buffer.isBuffer(input.a) + "," + Buffer.isBuffer(new Uint8Array(2))',
  'a instanceof Uint8Array && a instanceof Buffer',
  'Array.isArray(a) + typeof a.buffer',
  'JSON.stringify(a)',
  'a.readInt16LE()',
  'a.readInt16BE("1")',
  'a.readUIntBE(0)',
  'a[n]',
];

/** Any text, halves of pairs and characters of hex and base64 included. */
const text = fc.oneof(
  fc.string(),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((codes) => String.fromCharCode(...codes)),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  fc.stringMatching(/^[A-Za-z0-9+/_\- \n-]{0,20}={0,2}$/),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 24 }).map((some) => [...some]),
  // What looks like UTF-8, whole and broken.
  text.map((some) => [...Buffer.from(some)].slice(0, 24)),
  fc.array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc1, 0xc3, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xf0, 0x90, 0xf4, 0x8f, 0xff), {
    maxLength: 12,
  }),
);
const index = fc.oneof(fc.integer({ min: -3, max: 26 }), fc.constantFrom(0.5, 1e10));
const amount = fc.oneof(
  fc.integer({ min: -300, max: 70_000 }),
  fc.integer(),
  fc.constantFrom(1.5, -1.5, 2 ** 40, -(2 ** 47), 2 ** 48),
);
const as = fc.constantFrom(...encodings);
const anyDeed = { a: bytes, b: bytes, text, n: index, m: fc.oneof(amount, index), as };
/** More often than not there are bytes enough, and the number fits. */
const numbers = {
  a: fc.oneof(
    { weight: 4, arbitrary: fc.array(fc.nat(255), { minLength: 16, maxLength: 24 }) },
    { weight: 1, arbitrary: bytes },
  ),
  b: fc.oneof(
    { weight: 4, arbitrary: fc.array(fc.nat(255), { minLength: 1, maxLength: 6 }) },
    { weight: 1, arbitrary: bytes },
  ),
  text: fc.constant(''),
  n: fc.oneof({ weight: 4, arbitrary: fc.nat(10) }, { weight: 1, arbitrary: index }),
  m: fc.oneof({ weight: 2, arbitrary: fc.nat(127) }, { weight: 1, arbitrary: amount }),
  as,
};

describe('the Buffer of the sandbox is that of Node.js', () => {
  it.each([
    ['text, parts and bounds', deeds, anyDeed, 4000],
    ['numbers of a fixed size', [...reads, ...writes, ...big], numbers, 3000],
    ['integers of one to six bytes', sized, numbers, 1500],
  ])('%s', async (_, does, given, runs) => {
    const seen = new Set<string>();
    let thrown = 0;
    await fc.assert(
      fc.asyncProperty(fc.record({ does: fc.constantFrom(...does), ...given }), async (one) => {
        const expected: unknown = real(Buffer, one);
        seen.add(one.does);
        thrown += String(expected).startsWith('throws') ? 1 : 0;
        expect({ ...one, said: await inSandbox(one) }).toEqual({ ...one, said: expected });
      }),
      { numRuns: runs },
    );
    expect(seen.size).toBe(does.length);
    expect(thrown).toBeGreaterThan(10);
    expect(thrown).toBeLessThan(runs / 2);
  });

  it('has the names that published codecs call', () => {
    expect(fixed).toHaveLength(18);
  });

  it('is a class of its own: an answer that holds one is refused, its numbers are not', async () => {
    const codec = sandbox.codec(
      'function normalizeUplink(i) { var b = Buffer.from("0102", "hex"); return { data: i.data.whole ? { b: b } : { b: Array.from(b) } }; }',
    );
    expect(await codec.normalizeUplink({ whole: true })).toEqual({
      reason: 'codec-output',
      detail: 'data.b is an instance of a class',
    });
    expect(await codec.normalizeUplink({ whole: false })).toEqual([{ b: [1, 2] }]);
  });

  it('is not to be had by require, nor are the other ways to text', async () => {
    const codec = sandbox.codec(
      'function normalizeUplink() { return { data: { found: [typeof Buffer, typeof require, typeof atob, typeof btoa, typeof TextDecoder, typeof TextEncoder].join() } }; }',
    );
    expect(await codec.normalizeUplink({})).toEqual([
      { found: 'function,undefined,undefined,undefined,undefined,undefined' },
    ]);
  });
});
