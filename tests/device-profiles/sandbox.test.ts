import { afterAll, describe, expect, it } from 'vitest';
import { openSandbox, type Frame, type Rows, type Sandbox } from '../../device-profiles/codec/sandbox.ts';
import { limits } from '../../device-profiles/codec/limits.ts';
import { instant, type Unusable } from '../../device-profiles/vocabulary/index.ts';

/** A codec whose frames are decoded one at a time. */
interface Single {
  decode(frame: Frame): Promise<Rows | Unusable>;
}
const singly = (sandbox: Sandbox) => ({
  codec: (source: string): Single => {
    const codec = sandbox.codec(source);
    return {
      decode: async (frame) => {
        const results = await codec.decodeUplink([frame]);
        if (results.length !== 1 || results[0] === undefined)
          throw new Error(`${results.length} results for one frame`);
        return results[0];
      },
    };
  },
});

const opened = await openSandbox();
afterAll(() => opened.close());
const sandbox = singly(opened);

const received = instant(Date.UTC(2026, 0, 15, 8));
const frame: Frame = { bytes: Uint8Array.of(1, 2, 3), fPort: 5, recvTime: received };
/** A codec whose decodeUplink has this body. */
const body = (text: string): Single => sandbox.codec(`function decodeUplink(input) { ${text} }`);
const honest = sandbox.codec(
  'function decodeUplink(input) { return { data: { sum: input.bytes[0] + input.bytes[1] + input.bytes[2], port: input.fPort } }; }',
);
describe('an honest codec', () => {
  it('gets the bytes, the port and the time of receipt', async () => {
    const codec = body(
      'return { data: { bytes: input.bytes.join(), port: input.fPort, at: input.recvTime.toISOString() } };',
    );
    expect(await codec.decode(frame)).toEqual([{ bytes: '1,2,3', port: 5, at: '2026-01-15T08:00:00.000Z' }]);
  });

  it('sees no port where there is none', async () => {
    expect(
      await body('return { data: { port: typeof input.fPort } };').decode({ bytes: frame.bytes, recvTime: received }),
    ).toEqual([{ port: 'undefined' }]);
  });

  it('may be sloppy: a variable without var, as one published codec in twelve has', async () => {
    expect(await body('for (i = 0; i < 3; i++) total = i; return { data: { total } };').decode(frame)).toEqual([
      { total: 2 },
    ]);
  });

  it('may give nested objects, text, truth values and nothing', async () => {
    expect(
      await body('return { data: { air: { t: 1.5 }, name: "é", on: true, gone: null, never: undefined } };').decode(
        frame,
      ),
    ).toEqual([{ air: { t: 1.5 }, name: 'é', on: true, gone: null }]);
  });

  it('may give several readings', async () => {
    expect(await body('return { data: [{ n: 1 }, { n: 2 }] };').decode(frame)).toEqual([{ n: 1 }, { n: 2 }]);
  });
});

describe('time in the sandbox', () => {
  it('stands still at the time of receipt, however the codec asks', async () => {
    const codec = body(
      'return { data: { now: Date.now(), made: +new Date(), again: new Date().constructor.now(), called: Date(), kind: new Date() instanceof Date, ten: +new Date(10), utc: Date.UTC(2026, 0, 1) } };',
    );
    expect(await codec.decode(frame)).toEqual([
      {
        now: received,
        made: received,
        again: received,
        called: expect.stringContaining('Jan 15 2026'),
        kind: true,
        ten: 10,
        utc: Date.UTC(2026, 0, 1),
      },
    ]);
  });

  it('is UTC wherever the server stands', async () => {
    const before = process.env['TZ'];
    process.env['TZ'] = 'Europe/London';
    try {
      expect(new Date(2026, 6, 1).getTimezoneOffset()).toBe(-60);
      const elsewhere = await openSandbox();
      const codec = singly(elsewhere).codec(
        'function decodeUplink() { var d = new Date(2026, 6, 1, 12); return { data: { hours: d.getUTCHours(), offset: d.getTimezoneOffset() } }; }',
      );
      expect(await codec.decode(frame)).toEqual([{ hours: 12, offset: 0 }]);
      await elsewhere.close();
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });

  it('leaves nothing to chance', async () => {
    expect(await body('return { data: { a: Math.random() } };').decode(frame)).toEqual([{ a: 0 }]);
  });
});

describe('a codec that refuses a frame', () => {
  it.each([
    ['return { errors: ["truncated: 2 of 7 bytes"] };', 'truncated', '2 of 7 bytes'],
    ['return { errors: ["truncated"] };', 'truncated', 'truncated'],
    ['return { errors: ["port-unknown: 9"] };', 'port-unknown', '9'],
    ['return { errors: ["bad checksum"], data: { a: 1 } };', 'codec-error', 'bad checksum'],
    ['return { errors: "bad checksum" };', 'codec-error', 'bad checksum'],
    ['throw new Error("no such \\"kind\\"");', 'codec-error', 'Error: no such "kind"'],
    ['throw null;', 'codec-error', 'null'],
    ['return input.nothing.at.all;', 'codec-error', expect.stringContaining('TypeError')],
  ])('%s', async (text, reason, detail) => {
    expect(await body(text).decode(frame)).toEqual({ reason, detail });
  });

  it('is quoted on one printable line of at most 200 characters', async () => {
    const result = await body('return { errors: ["a\\n\\u001b[31mb" + "x".repeat(1000)] };').decode(frame);
    expect(result).toMatchObject({ reason: 'codec-error', detail: expect.stringMatching(/^[\x20-\x7e]{200}$/) });
  });
});

describe('a result that is none', () => {
  it.each([
    ['nothing returned', 'return;'],
    ['a number returned', 'return 5;'],
    ['no data', 'return {};'],
    ['data that is a number', 'return { data: 5 };'],
    ['a list of numbers', 'return { data: [1, 2] };'],
    ['a promise', 'return Promise.resolve({ data: {} });'],
    ['not a number', 'return { data: { a: 0 / 0 } };'],
    ['infinity', 'return { data: { deep: [{ a: -1 / 0 }] } };'],
    ['a function', 'return { data: { a: function () {} } };'],
    ['a BigInt', 'return { data: { a: BigInt(1) } };'],
    ['more than a frame can say', `return { data: { a: "x".repeat(${limits.outputCharacters}) } };`],
    ['an endless getter', 'return { get data() { for (;;); } };'],
    ['an endless toJSON', 'return { data: { toJSON: function () { for (;;); } } };'],
    ['nested too deep', 'var d = {}, e = d; for (var i = 0; i < 20; i++) e = e.e = {}; return { data: d };'],
  ])('%s is refused as codec-output', async (_, text) => {
    expect(await body(text).decode(frame)).toMatchObject({ reason: 'codec-output' });
  });

  it('is said of a script without a function to decode', async () => {
    expect(await sandbox.codec('function encodeDownlink() { return {}; }').decode(frame)).toEqual({
      reason: 'codec-output',
      detail: 'there is no function decodeUplink, Decoder or Decode',
    });
  });

  it('is a codec-error when the script cannot be read', async () => {
    expect(await sandbox.codec('function decodeUplink( {').decode(frame)).toMatchObject({
      reason: 'codec-error',
      detail: expect.stringContaining('SyntaxError'),
    });
    expect(await sandbox.codec('export function decodeUplink() {}').decode(frame)).toMatchObject({
      reason: 'codec-error',
    });
  });
});

describe('a hostile codec is stopped', () => {
  const harmless = async (): Promise<void> => expect(await honest.decode(frame)).toEqual([{ sum: 6, port: 5 }]);

  it('again and again, without the server growing', async () => {
    const greedy = body('var all = []; for (;;) all.push(new ArrayBuffer(3 * 1024 * 1024));');
    const refused = async (times: number): Promise<number> => {
      let count = 0;
      for (let time = 0; time < times; time += 1) count += 'reason' in (await greedy.decode(frame)) ? 1 : 0;
      return count;
    };
    expect(await refused(10)).toBe(10);
    const before = process.memoryUsage().rss;
    expect(await refused(40)).toBe(40);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    await harmless();
  });

  it('and then set aside for a while, when it has cost too much: nobody waits for it any more', async () => {
    const other = await openSandbox({ killCpuMs: 100, killMs: 5_000, overrunMsPerMinute: 250 });
    const impatient = singly(other);
    const hostile = impatient.codec('function decodeUplink() { return new Array(1e9).join(); }');
    const details: string[] = [];
    for (let time = 0; time < 6; time += 1) {
      const result = await hostile.decode(frame);
      details.push('reason' in result ? `${result.reason} ${result.detail.split(' ')[0]}` : 'decoded');
    }
    expect(details[0]).toBe('codec-timeout killed:');
    expect(details.at(-1)).toBe('codec-timeout set');
    expect(details.filter((detail) => detail === 'codec-timeout killed:').length).toBeLessThanOrEqual(3);
    const quiet = impatient.codec('function decodeUplink() { return { data: { a: 1 } }; }');
    expect(await quiet.decode(frame)).toEqual([{ a: 1 }]);
    await other.close();
  });
});

describe('a codec that tries to get out', () => {
  it('finds no host: no process, no modules, no network, no timers', async () => {
    const names = [
      'process',
      'require',
      'module',
      'global',
      'fetch',
      'setTimeout',
      'XMLHttpRequest',
      'WebAssembly',
      'Deno',
      'std',
      'os',
      'scriptArgs',
    ];
    const codec = body(
      `return { data: { found: ${JSON.stringify(names)}.filter(function (name) { return typeof globalThis[name] !== "undefined"; }).join() } };`,
    );
    expect(await codec.decode(frame)).toEqual([{ found: '' }]);
  });

  it('gets no further through a constructor', async () => {
    const codec = body(
      'var get = input.bytes.constructor.constructor; return { data: { a: get("return typeof process")(), b: (function () {}).constructor("return typeof require")(), c: (0, eval)("typeof process") } };',
    );
    expect(await codec.decode(frame)).toEqual([{ a: 'undefined', b: 'undefined', c: 'undefined' }]);
  });

  it('cannot import', async () => {
    expect(
      await body(
        'var got = "nothing"; import("fs").then(function () { got = "fs"; }); return { data: { got: got } };',
      ).decode(frame),
    ).toEqual([{ got: 'nothing' }]);
    expect(
      await sandbox.codec('import fs from "fs"; function decodeUplink() { return { data: {} }; }').decode(frame),
    ).toMatchObject({ reason: 'codec-error' });
  });

  it('spoils built-ins for itself only', async () => {
    const spoiler = sandbox.codec(`
      JSON.stringify = function () { return "{}"; }; JSON.parse = null; Array.isArray = null; String = null; Object.prototype.a = 7;
      Object.defineProperty(Object.prototype, "toJSON", { value: function () { return "spoilt"; } });
      function decodeUplink() { return { data: { b: 1 } }; }`);
    expect(await spoiler.decode(frame)).toEqual([{ b: 1 }]);
    expect(Object.prototype).not.toHaveProperty('a');
    expect(await honest.decode(frame)).toEqual([{ sum: 6, port: 5 }]);
  });

  it('cannot pollute the host through the keys of its result', async () => {
    const answer = (json: string) => body(`return { data: JSON.parse('${json}') };`).decode(frame);
    expect(await answer('{"a":{"__proto__":{"polluted":1}}}')).toEqual({
      reason: 'codec-output',
      detail: 'data.a.__proto__ is a key that nobody may have',
    });
    expect('reason' in (await answer('{"constructor":{"prototype":{"polluted":1}}}'))).toBe(false);
    expect({}).not.toHaveProperty('polluted');
  });

  it('does not see what another codec left behind', async () => {
    expect(await body('globalThis.secret = 42; return { data: {} };').decode(frame)).toEqual([{}]);
    expect(await body('return { data: { seen: typeof globalThis.secret } };').decode(frame)).toEqual([
      { seen: 'undefined' },
    ]);
  });
});

describe('the sandbox', () => {
  const counting = `var frames = 0; function decodeUplink(input) {
    frames += 1;
    if (input.fPort === 7) for (;;);
    if (input.fPort === 8) return { data: { a: new ArrayBuffer(1e9) } };
    if (input.fPort === 9) throw new Error("broken");
    return { data: { frames: frames } }; }`;

  it('keeps a codec loaded, after it threw as well, and begins anew after it was stopped', async () => {
    const codec = sandbox.codec(counting);
    expect(await codec.decode(frame)).toEqual([{ frames: 1 }]);
    expect(await codec.decode(frame)).toEqual([{ frames: 2 }]);
    expect(await codec.decode({ ...frame, fPort: 9 })).toMatchObject({ reason: 'codec-error' });
    expect(await codec.decode(frame)).toEqual([{ frames: 4 }]);
    expect(await codec.decode({ ...frame, fPort: 7 })).toMatchObject({ reason: 'codec-timeout' });
    expect(await codec.decode(frame)).toEqual([{ frames: 1 }]);
    expect(await codec.decode({ ...frame, fPort: 8 })).toMatchObject({ reason: 'codec-memory' });
    expect(await codec.decode(frame)).toEqual([{ frames: 1 }]);
  });

  it('begins anew after a codec threw many times in a row, in case it broke something of its own', async () => {
    const codec = sandbox.codec(`${counting} //`);
    const throwing = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time += 1)
        expect(await codec.decode({ ...frame, fPort: 9 })).toEqual({ reason: 'codec-error', detail: 'Error: broken' });
    };
    await throwing(limits.throwsInARow - 1);
    expect(await codec.decode(frame)).toEqual([{ frames: limits.throwsInARow }]);
    await throwing(limits.throwsInARow);
    expect(await codec.decode(frame)).toEqual([{ frames: 1 }]);
  });

  it('serves more codecs than it keeps loaded', async () => {
    const codecs = Array.from({ length: limits.keptInterpreters + 5 }, (_, n) =>
      sandbox.codec(`function decodeUplink() { return { data: { n: ${n} } }; }`),
    );
    for (let round = 0; round < 2; round += 1)
      expect(await Promise.all(codecs.map((codec) => codec.decode(frame)))).toEqual(codecs.map((_, n) => [{ n }]));
  });

  it('refuses what no LoRaWAN frame can be, and a codec as long as a novel', async () => {
    expect(await honest.decode({ ...frame, bytes: new Uint8Array(256) })).toMatchObject({ reason: 'wrong-shape' });
    expect(await sandbox.codec(`// ${'x'.repeat(limits.sourceCharacters)}`).decode(frame)).toMatchObject({
      reason: 'codec-error',
    });
  });
});
