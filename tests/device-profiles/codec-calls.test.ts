import { afterAll, describe, expect, it } from 'vitest';
import { openSandbox, type Frame } from '../../device-profiles/codec/sandbox.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox.close());

const received = instant(Date.UTC(2026, 0, 15, 8));
const frame: Frame = { bytes: Uint8Array.of(1, 2, 3), fPort: 5, recvTime: received };
const decoded = async (source: string, one: Frame = frame) => (await sandbox.codec(source).decodeUplink([one]))[0];

describe('an uplink is decoded by the first of these that the script has', () => {
  const decodeUplink = 'function decodeUplink(i) { return { data: { by: "TS013", n: i.bytes.length } }; }';
  const Decoder = 'function Decoder(bytes, port) { return { by: "TTN v2", n: bytes.length, port: port }; }';
  const Converter = 'function Converter(decoded, port) { decoded.converted = port; return decoded; }';
  const Decode =
    'function Decode(fPort, bytes, variables) { return { by: "ChirpStack v3", n: bytes.length, port: fPort, v: variables }; }';

  it.each([
    ['decodeUplink', decodeUplink + Decoder + Decode, { by: 'TS013', n: 3 }],
    ['Decoder', Decoder + Decode, { by: 'TTN v2', n: 3, port: 5 }],
    ['Decoder and then its Converter', Decoder + Converter, { by: 'TTN v2', n: 3, port: 5, converted: 5 }],
    ['Decode', Decode, { by: 'ChirpStack v3', n: 3, port: 5, v: { area: '4' } }],
  ])('%s', async (_, source, row) => {
    expect(await decoded(source, { ...frame, variables: { area: '4' } })).toEqual([row]);
  });

  it('whether it is a function declaration, a variable, a constant or a property', async () => {
    for (const source of [
      'var decodeUplink = function () { return { data: { a: 1 } }; };',
      'const decodeUplink = () => ({ data: { a: 1 } });',
      'this.decodeUplink = function () { return { data: { a: 1 } }; };',
      'globalThis.Decode = () => ({ a: 1 });',
      'decodeUplink = function () { return { data: { a: 1 } }; };',
    ])
      expect(await decoded(source)).toEqual([{ a: 1 }]);
  });

  it('an older function that answers nothing is refused', async () => {
    expect(await decoded('function Decoder() {}')).toEqual({
      reason: 'codec-output',
      detail: 'Decoder returned no object',
    });
    expect(await decoded('function Decode() { return 4; }')).toEqual({
      reason: 'codec-output',
      detail: 'Decode returned no object',
    });
  });

  it("a device's variables are text, and an empty object where it has none", async () => {
    const source =
      'function decodeUplink(input) { return { data: { all: input.variables, offset: Number(input.variables.offset) || 0 } }; }';
    const results = await sandbox
      .codec(source)
      .decodeUplink([{ ...frame, variables: { offset: '7', name: 'é"' } }, frame, { ...frame, variables: { a: '1' } }]);
    expect(results).toEqual([
      [{ all: { offset: '7', name: 'é"' }, offset: 7 }],
      [{ all: {}, offset: 0 }],
      [{ all: { a: '1' }, offset: 0 }],
    ]);
  });

  it('port 0 is a port', async () => {
    expect(
      await decoded('function decodeUplink(i) { return { data: { port: i.fPort } }; }', { ...frame, fPort: 0 }),
    ).toEqual([{ port: 0 }]);
  });

  it('console is there and says nothing', async () => {
    expect(
      await decoded(
        'function decodeUplink() { console.log("x", 1); console.warn(); console.error({}); return { data: { a: 1 } }; }',
      ),
    ).toEqual([{ a: 1 }]);
  });
});

describe('what a codec answers', () => {
  const data = (text: string) => decoded(`function decodeUplink(input) { return { data: ${text} }; }`);

  it('-0 is 0, undefined is not there, in a list it is null', async () => {
    const result = await data('{ a: -0, b: undefined, c: null, d: [undefined, 1], e: { f: undefined } }');
    expect(result).toEqual([{ a: 0, c: null, d: [null, 1], e: {} }]);
    expect(JSON.stringify(result)).toBe('[{"a":0,"c":null,"d":[null,1],"e":{}}]');
    expect(result !== undefined && 'reason' in result ? undefined : Object.is(result?.[0]?.['a'], 0)).toBe(true);
  });

  it('objects may be without a prototype, and shared', async () => {
    expect(
      await data('(function () { var o = Object.create(null); o.a = 1; return { x: o, y: o, z: [o, o] }; })()'),
    ).toEqual([{ x: { a: 1 }, y: { a: 1 }, z: [{ a: 1 }, { a: 1 }] }]);
  });

  it.each([
    ['{ air: { t: 0 / 0 } }', 'data.air.t is NaN'],
    ['[{ a: 1 }, { b: [1, 1 / 0] }]', 'data[1].b[1] is Infinity'],
    ['Object.create(null, { a: { get: function () { return 1; }, enumerable: true } })', 'data.a is a getter'],
    ['[{ a: 1 }].concat([[{ b: 1 }]])', 'data is neither an object nor an array of objects'],
    ['Object.create({ a: 1 })', 'data is an instance of a class'],
    ['(class extends Array {}).from([{ a: 1 }])', 'data is an instance of a class'],
    ['{ when: Promise.resolve(1) }', 'data.when is a promise'],
    ['{ e: new Error("x") }', 'data.e is an instance of a class'],
  ])('%s: %s', async (text, detail) => {
    expect(await data(text)).toEqual({ reason: 'codec-output', detail });
  });
});

describe('a downlink', () => {
  const codec = sandbox.codec(`
    function decodeDownlink(input) { return { data: { seconds: input.bytes[0] * 256 + input.bytes[1], port: input.fPort, at: input.recvTime.getTime() } }; }
    function encodeDownlink(input) { return { bytes: [input.data.seconds >> 8, input.data.seconds & 255], fPort: 85 }; }`);

  it('is decoded by TS013 decodeDownlink, and by nothing else', async () => {
    expect(await codec.decodeDownlink({ bytes: Uint8Array.of(2, 88), fPort: 85, recvTime: received })).toEqual([
      { seconds: 600, port: 85, at: received },
    ]);
    expect(await sandbox.codec('function Decoder() { return {}; }').decodeDownlink(frame)).toEqual({
      reason: 'codec-output',
      detail: 'there is no function decodeDownlink',
    });
  });

  it('is encoded by TS013 encodeDownlink', async () => {
    expect(await codec.encodeDownlink({ data: { seconds: 600 } })).toEqual({ bytes: Uint8Array.of(2, 88), fPort: 85 });
  });

  it.each([
    ['Encoder(object, port)', 'function Encoder(object, port) { return [object.on ? 1 : 0, port]; }', [1, 9]],
    [
      'Encode(fPort, object, variables)',
      'function Encode(fPort, object, variables) { return [fPort, object.on ? 1 : 0, Number(variables.area)]; }',
      [9, 1, 4],
    ],
    ['a Buffer', 'function encodeDownlink(input) { return { bytes: Buffer.from("0109", "hex"), fPort: 9 }; }', [1, 9]],
  ])('is encoded by %s', async (_, source, bytes) => {
    expect(
      await sandbox.codec(source).encodeDownlink({ data: { on: true }, fPort: 9, variables: { area: '4' } }),
    ).toEqual({ bytes: Uint8Array.from(bytes), fPort: 9 });
  });

  it('may leave the port to whoever sends it, and may know the time', async () => {
    const clock = sandbox.codec(
      'function encodeDownlink() { return { bytes: [new Date().getUTCFullYear() - 2000] }; }',
    );
    expect(await clock.encodeDownlink({ data: {} })).toEqual({
      bytes: Uint8Array.of(new Date().getUTCFullYear() - 2000),
    });
  });

  it.each([
    ['{ errors: ["no such command"] }', { reason: 'codec-error', detail: 'no such command' }],
    ['{ bytes: [256] }', { reason: 'codec-output', detail: 'bytes[0] is no whole number from 0 to 255' }],
    ['{ bytes: [1, -1] }', { reason: 'codec-output', detail: 'bytes[1] is no whole number from 0 to 255' }],
    ['{ bytes: [1.5] }', { reason: 'codec-output', detail: 'bytes[0] is no whole number from 0 to 255' }],
    ['{ bytes: ["1"] }', { reason: 'codec-output', detail: 'bytes[0] is no whole number from 0 to 255' }],
    ['{ bytes: [NaN] }', { reason: 'codec-output', detail: 'bytes[0] is NaN' }],
    ['{ bytes: "0102" }', { reason: 'codec-output', detail: 'bytes is no array of numbers' }],
    ['{}', { reason: 'codec-output', detail: 'bytes is no array of numbers' }],
    ['{ bytes: new Array(256).fill(0) }', { reason: 'codec-output', detail: 'bytes has 256 of them; 255 are allowed' }],
    ['{ bytes: [], fPort: 0 }', { reason: 'codec-output', detail: 'fPort is no whole number from 1 to 255' }],
    ['{ bytes: [], fPort: "1" }', { reason: 'codec-output', detail: 'fPort is no whole number from 1 to 255' }],
    ['null', { reason: 'codec-output', detail: 'encodeDownlink returned no object' }],
  ])('%s is refused', async (answer, unusable) => {
    expect(await sandbox.codec(`function encodeDownlink() { return ${answer}; }`).encodeDownlink({ data: {} })).toEqual(
      unusable,
    );
  });

  it('is refused where the command is no JSON or more than a frame can say', async () => {
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    expect(await codec.encodeDownlink({ data: loop })).toMatchObject({ reason: 'wrong-shape' });
    expect(await codec.encodeDownlink({ data: { text: 'x'.repeat(20_000) } })).toMatchObject({ reason: 'wrong-shape' });
    expect(await sandbox.codec('var a = 1;').encodeDownlink({ data: {} })).toMatchObject({ reason: 'codec-output' });
  });
});

describe('normalizeUplink', () => {
  it('makes one reading, or several, of what was decoded', async () => {
    const codec = sandbox.codec(
      'function normalizeUplink(input) { return { data: input.data.all ? [{ air: { temperature: input.data.t } }, { battery: 3 }] : { air: { temperature: input.data.t } } }; }',
    );
    expect(await codec.normalizeUplink({ t: 21.5 })).toEqual([{ air: { temperature: 21.5 } }]);
    expect(await codec.normalizeUplink({ t: 21.5, all: true })).toEqual([
      { air: { temperature: 21.5 } },
      { battery: 3 },
    ]);
  });

  it('does not depend on when it is asked', async () => {
    expect(
      await sandbox
        .codec('function normalizeUplink() { return { data: { year: new Date().getUTCFullYear() } }; }')
        .normalizeUplink({}),
    ).toEqual([{ year: 1970 }]);
  });

  it('is refused where there is none, or where it refuses', async () => {
    expect(await sandbox.codec('').normalizeUplink({})).toEqual({
      reason: 'codec-output',
      detail: 'there is no function normalizeUplink',
    });
    expect(
      await sandbox
        .codec('function normalizeUplink() { return { errors: ["not for this kind"] }; }')
        .normalizeUplink({}),
    ).toEqual({ reason: 'codec-error', detail: 'not for this kind' });
  });
});

describe('time stands still at the time of receipt', () => {
  it.each([
    ['Date.now()'],
    ['+new Date()'],
    ['new Date().getTime()'],
    ['new Date().constructor.now()'],
    ['+Reflect.construct(Date, [])'],
    ['+new (class extends Date {})()'],
    ['+new (Function.prototype.bind.call(Date))()'],
    ['Date.parse(Date()) + 250'],
    ['Object.getPrototypeOf(new Date()).constructor.now()'],
    ['+new ((0, eval)("Date"))()'],
    ['input.recvTime.constructor.now()'],
    ['+input.recvTime'],
  ])('%s', async (text) => {
    const at = instant(received + 250);
    const codec = sandbox.codec(`function decodeUplink(input) { return { data: { now: ${text} } }; }`);
    // The second frame has another now.
    expect(
      await codec.decodeUplink([
        { ...frame, recvTime: at },
        { ...frame, recvTime: instant(at + 60_000) },
      ]),
    ).toEqual([[{ now: at }], [{ now: at + 60_000 }]]);
  });
});
