import { afterAll, describe, expect, it } from 'vitest';
import { limits } from '../../device-profiles/codec/limits.ts';
import { openSandbox, type Frame } from '../../device-profiles/codec/sandbox.ts';
import { DEPTH_AT_MOST } from '../../device-profiles/decode/depth.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox.close());

const frame: Frame = { bytes: Uint8Array.of(1, 2, 3), fPort: 5, recvTime: instant(0) };
const body = async (text: string, one: Frame = frame) =>
  (await sandbox.codec(`function decodeUplink(input) { ${text} }`).decodeUplink([one]))[0];

const nested = (levels: number): string =>
  `var data = {}, at = data; for (var i = 1; i < ${levels}; i++) at = at.e = {}; return { data: data };`;
/** JSON of `{"a":"xxx"}` with so many characters. */
const long = (characters: number): string => `return { data: { a: "x".repeat(${characters - 8}) } };`;
const MB = 1024 * 1024;

describe('a codec within a limit is fine, and one beyond it is refused', () => {
  it.each([
    ['levels of nesting', nested(DEPTH_AT_MOST), nested(DEPTH_AT_MOST + 1), 'codec-output'],
    ['characters of answer', long(limits.outputCharacters), long(limits.outputCharacters + 1), 'codec-output'],
    [
      'values in an answer',
      `return { data: { a: new Array(${limits.outputCharacters / 2 - 10}).fill(1) } };`,
      `return { data: { a: new Array(${limits.outputCharacters / 2 + 1}).fill(1) } };`,
      'codec-output',
    ],
    [
      'megabytes of memory',
      `return { data: { a: new ArrayBuffer(${(limits.memoryMb - 6) * MB}).byteLength } };`,
      `return { data: { a: new ArrayBuffer(${limits.memoryMb * MB}).byteLength } };`,
      'codec-memory',
    ],
    [
      'calls in calls',
      'function f(n) { return n === 0 ? 0 : 1 + f(n - 1); } return { data: { a: f(100) } };',
      'function f(n) { return n === 0 ? 0 : 1 + f(n - 1); } return { data: { a: f(100000) } };',
      'codec-memory',
    ],
    [
      'milliseconds for a frame',
      'for (var i = 0; i < 10000; i++); return { data: { a: i } };',
      'for (var i = 0; i < 1e9; i++); return { data: { a: i } };',
      'codec-timeout',
    ],
  ])('%s', async (_, within, beyond, reason) => {
    expect(await body(within)).toHaveLength(1);
    expect(await body(beyond)).toMatchObject({ reason });
  });

  it('milliseconds for loading', async () => {
    const answer = '; function decodeUplink() { return { data: { a: 1 } }; }';
    const load = (times: number) => sandbox.codec(`for (var i = 0; i < ${times}; i++)${answer}`).decodeUplink([frame]);
    expect(await load(10_000)).toEqual([[{ a: 1 }]]);
    expect(await load(1e10)).toEqual([{ reason: 'codec-timeout', detail: `stopped after ${limits.loadCpuMs} ms` }]);
  });

  it('bytes of a frame', async () => {
    const length = 'return { data: { length: input.bytes.length } };';
    expect(await body(length, { ...frame, bytes: new Uint8Array(limits.payloadBytes) })).toEqual([
      { length: limits.payloadBytes },
    ]);
    expect(await body(length, { ...frame, bytes: new Uint8Array(limits.payloadBytes + 1) })).toMatchObject({
      reason: 'wrong-shape',
    });
  });

  it('characters of a codec', async () => {
    const source = (characters: number): string => {
      const code = 'function decodeUplink() { return { data: { a: 1 } }; } //';
      return code + 'x'.repeat(characters - code.length);
    };
    expect(await sandbox.codec(source(limits.sourceCharacters)).decodeUplink([frame])).toEqual([[{ a: 1 }]]);
    expect(await sandbox.codec(source(limits.sourceCharacters + 1)).decodeUplink([frame])).toEqual([
      { reason: 'codec-error', detail: `the codec is longer than ${limits.sourceCharacters} characters` },
    ]);
  });

  it('each frame has its own time: many of them together may take far more than one may', async () => {
    const codec = sandbox.codec(
      'function decodeUplink() { for (var i = 0; i < 40000; i++); return { data: { a: 1 } }; }',
    );
    const frames = Array.from({ length: 300 }, () => frame);
    expect(await codec.decodeUplink(frames)).toEqual(frames.map(() => [{ a: 1 }]));
  });

  it('there is a thread at least, and never so many that a small machine is full of them', () => {
    expect(limits.threads).toBeGreaterThanOrEqual(1);
    expect(limits.threads).toBeLessThanOrEqual(4);
  });
});
