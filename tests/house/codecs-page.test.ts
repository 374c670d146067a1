import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { limits } from '../../device-profiles/codec/limits.ts';
import { openSandbox } from '../../device-profiles/codec/sandbox.ts';
import { DEPTH_AT_MOST } from '../../device-profiles/decode/depth.ts';
import { instant, quarantineReasons } from '../../device-profiles/vocabulary/index.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'codecs.md'), 'utf8');
const section = (title: string): string => page.split(/^## /m).find((text) => text.startsWith(title)) ?? '';
const words = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '');

const sandbox = await openSandbox();
afterAll(() => sandbox.close());
const frame = { bytes: Uint8Array.of(1, 44, 33), fPort: 1, recvTime: instant(0) };

describe('docs/codecs.md says what the sandbox does', () => {
  it('has every limit, with its number, and no other', () => {
    const rows = [...section('Limits').matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(
      ([, name, number]) => `${name}: ${number?.trim()}`,
    );
    const { threads, ...fixed } = limits;
    expect(threads).toBeLessThanOrEqual(4);
    const wanted = Object.entries({ ...fixed, depth: DEPTH_AT_MOST, threads: '1 to 4' }).map(
      ([name, number]) => `${name}: ${number}`,
    );
    expect(rows.length).toBeGreaterThan(12);
    expect(rows.toSorted()).toEqual(wanted.toSorted());
  });

  it('has every reason that begins with codec, and only reasons that there are', () => {
    const reasons = [...section('What a refusal means').matchAll(/^\| `([\w-]+)` \|/gm)].map(([, reason]) => reason);
    const known: readonly string[] = quarantineReasons;
    expect(reasons.length).toBeGreaterThan(5);
    expect(reasons.filter((reason) => !known.includes(reason ?? ''))).toEqual([]);
    expect(quarantineReasons.filter((reason) => reason.startsWith('codec-') && !reasons.includes(reason))).toEqual([]);
  });

  it('names globals that are there, and globals that are not', async () => {
    const found = section('What it finds');
    const there = [...found.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, name]) => name ?? '');
    const absent = words(found.slice(found.indexOf('Not there'), found.indexOf('A codec is loaded once')));
    expect([there.length, absent.length > 15]).toEqual([5, true]);
    const codec = sandbox.codec(
      '/* Buffer */ function normalizeUplink(input) { return { data: { kinds: input.data.names.map(function (name) { return eval("typeof " + name); }) } }; }',
    );
    expect(await codec.normalizeUplink({ names: there })).toEqual([
      { kinds: there.map((name) => (name === 'console' ? 'object' : 'function')) },
    ]);
    expect(await codec.normalizeUplink({ names: absent })).toEqual([{ kinds: absent.map(() => 'undefined') }]);
  });

  it('calls every function that it names', async () => {
    const functions = words(section('What is called')).flatMap((call) => /^([a-zA-Z]+)\(/.exec(call)?.[1] ?? []);
    expect(functions.toSorted()).toEqual([
      'Converter',
      'Decode',
      'Decoder',
      'Encode',
      'Encoder',
      'decodeDownlink',
      'decodeUplink',
      'encodeDownlink',
      'normalizeUplink',
    ]);
    const prelude = readFileSync(
      join(import.meta.dirname, '..', '..', 'device-profiles/codec/inside/prelude.js'),
      'utf8',
    );
    for (const name of functions) expect(prelude).toContain(`typeof ${name} ===`);
  });

  it('begins with a codec that works', async () => {
    const [, source = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
    expect(await sandbox.codec(source).decodeUplink([frame, { ...frame, bytes: Uint8Array.of(1) }])).toEqual([
      [{ count: 300, battery_v: 3.3 }],
      { reason: 'truncated', detail: '1 of 3 bytes' },
    ]);
  });
});
