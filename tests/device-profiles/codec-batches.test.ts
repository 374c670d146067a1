import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { dropFrames, packFrames, type Packed } from '../../device-profiles/codec/frames.ts';
import { limits } from '../../device-profiles/codec/limits.ts';
import { openSandbox, sandboxAtRest, type Frame } from '../../device-profiles/codec/sandbox.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox.close());

const frameOf = (n: number): Frame => ({
  bytes: Uint8Array.of(n & 255, n >> 8),
  fPort: 5,
  recvTime: instant(1_768_464_000_000 + n),
});
const numbered = (count: number): Frame[] => Array.from({ length: count }, (_, n) => frameOf(n));
const echo =
  'function decodeUplink(input) { return { data: { n: input.bytes[0] + 256 * input.bytes[1], at: +input.recvTime } }; }';
const echoed = (n: number) => [{ n, at: 1_768_464_000_000 + n }];

describe('frames of one codec, decoded together', () => {
  it('are answered in their order, however many asks they take', async () => {
    const count = 2 * limits.framesPerAsk + 7;
    expect(await sandbox.codec(echo).decodeUplink(numbered(count))).toEqual(numbered(count).map((_, n) => echoed(n)));
  });

  it('may be none at all', async () => {
    expect(await sandbox.codec(echo).decodeUplink([])).toEqual([]);
  });

  it('may be asked for by many at once', async () => {
    const codecs = Array.from({ length: 8 }, (_, k) => sandbox.codec(`var k = ${k}; ${echo}`));
    const answers = await Promise.all(
      codecs.flatMap((codec) => [codec.decodeUplink(numbered(20)), codec.decodeUplink([frameOf(7)])]),
    );
    expect(answers).toHaveLength(16);
    for (const [index, answer] of answers.entries())
      expect(answer).toEqual(index % 2 === 0 ? numbered(20).map((_, n) => echoed(n)) : [echoed(7)]);
  });

  it('one that is refused, throws, is too long or answers nonsense is refused alone; the others go on', async () => {
    const codec = sandbox.codec(`
      var runs = 0;
      function decodeUplink(input) {
        runs += 1;
        if (input.bytes[0] === 1) throw new Error('one');
        if (input.bytes[0] === 2) return { errors: ['two'] };
        if (input.bytes[0] === 3) return { data: { a: 0 / 0 } };
        if (input.bytes[0] === 4) for (;;);
        return { data: { n: input.bytes[0], runs: runs } };
      }`);
    const frames: Frame[] = [0, 1, 2, 3, 4, 5].map(frameOf);
    frames.splice(2, 0, { ...frameOf(9), bytes: new Uint8Array(256) });
    expect(await codec.decodeUplink(frames)).toEqual([
      [{ n: 0, runs: 1 }],
      { reason: 'codec-error', detail: 'Error: one' },
      { reason: 'wrong-shape', detail: '256 bytes: a LoRaWAN frame has at most 255' },
      { reason: 'codec-error', detail: 'two' },
      { reason: 'codec-output', detail: 'data.a is NaN' },
      { reason: 'codec-timeout', detail: `stopped after ${limits.cpuMs} ms` },
      // After the endless frame the runtime is a new one.
      [{ n: 5, runs: 1 }],
    ]);
  });

  it('lose only the frame that took its thread with it', async () => {
    const codec = sandbox.codec(
      'function decodeUplink(input) { if (input.bytes[0] === 3) new Array(1e9).join(); return { data: { n: input.bytes[0] } }; }',
    );
    const answers = await codec.decodeUplink(numbered(8));
    expect(answers).toEqual(
      numbered(8).map((_, n) =>
        n === 3 ? { reason: 'codec-timeout', detail: 'killed: it did not stop when it was told to' } : [{ n }],
      ),
    );
  });

  it('are all refused where the codec cannot be loaded, at the cost of one attempt', async () => {
    const answers = await sandbox.codec('for (;;);').decodeUplink(numbered(40));
    expect(answers).toEqual(
      numbered(40).map(() => ({ reason: 'codec-timeout', detail: `stopped after ${limits.loadCpuMs} ms` })),
    );
  });

  it('are set aside once stopping them has cost too much, and other codecs are not', async () => {
    const impatient = await openSandbox({ overrunMsPerMinute: 120, threads: 1 });
    const answers = await impatient.codec('function decodeUplink() { for (;;); }').decodeUplink(numbered(20));
    const stopped = answers.filter((one) => 'reason' in one && one.detail.startsWith('stopped')).length;
    expect(stopped).toBeGreaterThan(0);
    expect(stopped).toBeLessThanOrEqual(3);
    expect(answers.slice(stopped)).toEqual(
      answers
        .slice(stopped)
        .map(() => ({ reason: 'codec-timeout', detail: 'set aside for up to a minute: it has cost too much time' })),
    );
    expect(await impatient.codec(echo).decodeUplink([frameOf(1)])).toEqual([echoed(1)]);
    await impatient.close();
  });

  it('give the same when the same frames come again in another order', async () => {
    const codec = sandbox.codec(echo);
    const frames = numbered(50);
    const [forth, back] = [await codec.decodeUplink(frames), await codec.decodeUplink(frames.toReversed())];
    expect(back.toReversed()).toEqual(forth);
  });
});

describe('the pool of threads', () => {
  it('starts threads with the first frame, keeps a codec to one of them and a hostile one from the others', async () => {
    const pool = sandboxAtRest({ threads: 3, killMs: 60_000, killCpuMs: 60_000 });
    // Codecs of all threads, one of them deaf and with all the time in the world.
    const deaf = pool.codec('function decodeUplink() { return new Array(1e9).join(); }').decodeUplink([frameOf(0)]);
    const answered = await Promise.all(
      Array.from({ length: 12 }, async (_, k) => {
        const answer = pool.codec(`var k = ${k}; ${echo}`).decodeUplink([frameOf(k)]);
        return Promise.race([
          answer.then(() => true),
          deaf.then(() => false),
          new Promise((resolve) => setTimeout(resolve, 8000, false)),
        ]);
      }),
    );
    expect(answered.filter((one) => one === true).length).toBeGreaterThan(0);
    expect(answered.filter((one) => one === false).length).toBeGreaterThan(0);
    await pool.close();
    expect(await deaf).toEqual([{ reason: 'internal-fault', detail: 'the sandbox is closed' }]);
  });

  it('that is closed answers whoever still asks', async () => {
    const pool = await openSandbox();
    const codec = pool.codec(echo);
    const waiting = codec.decodeUplink(numbered(3));
    await pool.close();
    const closed = { reason: 'internal-fault', detail: 'the sandbox is closed' };
    expect([[closed, closed, closed], [0, 1, 2].map(echoed)]).toContainEqual(await waiting);
    expect(await codec.decodeUplink([frameOf(1)])).toEqual([closed]);
  });
});

describe('packed frames', () => {
  /** What prelude.js reads from them. */
  const unpacked = ({ count, buffer }: Packed): unknown[] => {
    const heads = new Float64Array(buffer, 0, count * 3);
    let at = count * 24;
    return Array.from({ length: count }, (_, n) => {
      const [recvTime, fPort, length] = heads.subarray(n * 3, n * 3 + 3);
      const bytes = [...new Uint8Array(buffer, at, length)];
      at += bytes.length;
      return { bytes, fPort, recvTime };
    });
  };

  it('hold what went in, whole or without the first of them', () => {
    const frame = fc.record({
      bytes: fc.uint8Array({ maxLength: 255 }),
      fPort: fc.option(fc.nat(255), { nil: undefined }),
      recvTime: fc.nat({ max: 2 ** 52 }),
    });
    let checked = 0;
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.nat(20), (frames, some) => {
        const gone = Math.min(some, frames.length);
        const given: Frame[] = frames.map(({ bytes, fPort, recvTime }) => ({
          bytes,
          recvTime: instant(recvTime),
          ...(fPort === undefined ? {} : { fPort }),
        }));
        const expected = frames.map(({ bytes, fPort, recvTime }) => ({
          bytes: [...bytes],
          fPort: fPort ?? -1,
          recvTime,
        }));
        expect(unpacked(packFrames(given))).toEqual(expected);
        expect(unpacked(dropFrames(packFrames(given), gone))).toEqual(expected.slice(gone));
        checked += frames.length;
      }),
    );
    expect(checked).toBeGreaterThan(100);
  });
});
