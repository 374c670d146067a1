import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Compile } from 'typebox/compile';
import { ComparisonOut } from '../../dashboard/preview/comparison-shape.ts';
import { PreviewOut } from '../../dashboard/preview/shape.ts';
import { openHouse, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await house.registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical', site: 'wrs-14' });
  await house.registry.addDevice({ id: 'aq-2', profile: 'kerbside/canonical' });
});
afterAll(() => house.close());

const isPreview = Compile(PreviewOut);
const previewOf = (json: unknown): PreviewOut => {
  if (isPreview.Check(json)) return json;
  throw new Error(JSON.stringify(isPreview.Errors(json)));
};
const isComparison = Compile(ComparisonOut);
const comparisonOf = (json: unknown): ComparisonOut => {
  if (isComparison.Check(json)) return json;
  throw new Error(JSON.stringify(isComparison.Errors(json)));
};
const pageOf = (json: unknown): { readonly previews: readonly PreviewOut[]; readonly next: string | null } => {
  const { previews, next } = Object(json) as { previews: unknown[]; next: string | null };
  return { previews: previews.map(previewOf), next };
};
const compare = async (body: object): Promise<ComparisonOut> => {
  const { json } = await house.ask('/api/v1/codecs/compare', { method: 'POST', body, key: house.keys.administrator });
  return comparisonOf(json);
};
const words = "function decodeUplink(i) { return { data: { temperature: i.bytes[0] - 40, name: 'x' } }; }";
const other =
  "function decodeUplink(i) { if (i.bytes[0] === 7) throw new Error('seven'); return { data: { temperature: i.bytes[0] - 40 + (i.bytes[0] > 100 ? i.bytes[0] : 0), name: 'x' } }; }";
const payloads = [{ hex: '32' }, { hex: '07' }, { hex: 'ff' }, { hex: '70' }];
const fields = { temperature: { quantity: 'temperature', unit: 'Cel' } };

describe('a preview', () => {
  test('has the newest uplinks of a device, newest first, page by page, refused ones too', async () => {
    for (const n of [1, 2, 3, 4, 5]) await house.say('aq-1', n === 3 ? Buffer.from('broken') : { pm2_5: n });
    await house.say('aq-2', { pm2_5: 9 });
    const first = pageOf((await house.ask('/api/v1/devices/aq-1/preview?limit=3')).json);
    const second = pageOf((await house.ask(`/api/v1/devices/aq-1/preview?limit=3&cursor=${first.next ?? ''}`)).json);
    expect(second.next).toBeNull();
    const all = [...first.previews, ...second.previews];
    expect(all.map(({ text }) => text)).toEqual(['{"pm2_5":5}', '{"pm2_5":4}', 'broken', '{"pm2_5":2}', '{"pm2_5":1}']);
    expect(all.map(({ refused }) => refused?.reason ?? null)).toEqual([null, null, 'not-json', null, null]);
    expect(all[0]).toMatchObject({
      readings: [{ site: 'wrs-14', values: [{ key: 'pm2_5', value: 5, flag: 1, bounds: { max: 5000 } }] }],
    });
    expect(all[0]?.ageSeconds).toBeGreaterThanOrEqual(0);
  });

  test('ends a page before it is too heavy, and loses nothing by it', async () => {
    await house.registry.addDevice({ id: 'big-1', profile: 'kerbside/canonical' });
    for (const n of [1, 2, 3, 4, 5]) await house.say('big-1', { pm2_5: n, filler: 'x'.repeat(100_000) });
    const seen: unknown[] = [];
    let cursor = '';
    let pages = 0;
    do {
      const { previews, next } = pageOf((await house.ask(`/api/v1/devices/big-1/preview?${cursor}`)).json);
      seen.push(...previews.map(({ readings }) => readings[0]?.values[0]?.value));
      cursor = next === null ? '' : `cursor=${next}`;
      pages += 1;
    } while (cursor !== '' && pages < 9);
    expect(seen).toEqual([5, 4, 3, 2, 1]);
    expect(pages).toBe(3);
  });
});

describe('a pasted payload', () => {
  const decode = async (profile: string, body: object): Promise<PreviewOut> =>
    previewOf((await house.ask(`/api/v1/profiles/${profile}/decode`, { method: 'POST', body })).json);

  test('is explained by a profile, and nothing of it is stored', async () => {
    const kept = async () => [house.journal.stats().entries, await house.registry.quarantineCount()];
    const before = await kept();
    const one = await decode('kerbside/canonical', {
      json: { pm2_5: 7, humidity: 200 },
      recvTime: '2026-01-01T00:00:00Z',
    });
    expect(one).toMatchObject({
      id: null,
      connector: null,
      device: null,
      receivedAt: '2026-01-01T00:00:00.000Z',
      profile: 'kerbside/canonical',
      refused: null,
    });
    expect(one.readings).toMatchObject([
      { time: '2026-01-01T00:00:00.000Z', site: null, values: [{ flag: 1 }, { flag: 4, reason: 'gross-range' }] },
    ]);
    expect(await kept()).toEqual(before);
  });

  test('may be hex as people copy it, with port and device', async () => {
    const one = await decode('kerbside/canonical', { hex: '7b:22 70-6d32 5f35 22 3a 37 7d', fPort: 2, device: 'aq-1' });
    expect(one).toMatchObject({ text: '{"pm2_5":7}', fPort: 2, device: 'aq-1', readings: [{ site: 'wrs-14' }] });
  });

  test('that is refused says where and why', async () => {
    expect((await decode('milesight/vs133', { hex: '00' })).refused).toMatchObject({ step: 'decode' });
    expect((await decode('kerbside/canonical', { text: '[1' })).refused).toMatchObject({
      step: 'decode',
      reason: 'not-json',
    });
  });
});

describe('a comparison', () => {
  test('counts what is the same, what differs and who refuses what, and names the largest differences first', async () => {
    const done = await compare({ a: { codec: words, fields }, b: { codec: other, fields }, payloads });
    expect(done).toMatchObject({
      compared: 4,
      same: 1,
      different: 2,
      onlyARefused: 0,
      onlyBRefused: 1,
      wordsOnly: false,
      more: false,
    });
    expect(done.b.refusals).toEqual([{ reason: 'codec-error', uplinks: 1, detail: expect.stringMatching(/./) }]);
    expect(done.found).toBe(4);
    expect(done.differences.map(({ index, path, a, b }) => [index, path, a, b])).toEqual([
      [2, 'said.temperature', 215, 470],
      [2, 'observed.temperature', 215, 470],
      [3, 'said.temperature', 72, 184],
      [3, 'observed.temperature', 72, 184],
    ]);
  });

  test('looks at the words alone where nobody says what they mean', async () => {
    const done = await compare({ a: { codec: words }, b: { codec: other }, payloads });
    expect(done).toMatchObject({ wordsOnly: true, compared: 4, same: 1, different: 2, onlyBRefused: 1, found: 2 });
  });

  test('gives a pasted codec the fields of the profile that it is compared with', async () => {
    const codec = 'function decodeUplink(i) { return { data: { pm2_5: i.bytes.length } }; }';
    const done = await compare({
      a: { profile: 'kerbside/canonical' },
      b: { codec },
      payloads: [{ json: { pm2_5: 12 } }, { json: { pm2_5: 3 } }],
    });
    expect(done).toMatchObject({ wordsOnly: false, compared: 2, same: 1, different: 1 });
    expect(done.a.profile).toBe('kerbside/canonical');
    expect(done.b.profile).toBeNull();
  });

  test('of anything with itself finds everything the same, refused or not', async () => {
    let compared = 0;
    const sides = [
      { profile: 'kerbside/canonical' },
      { profile: 'milesight/vs133' },
      { codec: other },
      { codec: other, fields },
    ];
    for (const side of sides) {
      const done = await compare({ a: side, b: side, payloads: [...payloads, { text: 'x' }, { json: { pm2_5: 1 } }] });
      expect(done).toMatchObject({ same: done.compared, different: 0, onlyARefused: 0, onlyBRefused: 0, found: 0 });
      compared += done.compared;
    }
    const stored = await compare({ a: sides[0], b: sides[0], device: 'aq-1', limit: 4 });
    expect(stored).toMatchObject({ compared: 4, same: 4, more: true });
    expect(stored.a.refusals).toEqual([
      { reason: 'not-json', uplinks: 1, detail: expect.stringContaining('not JSON') },
    ]);
    expect(compared).toBe(24);
  });

  test('takes stored uplinks of a device, of a time, or of all devices of a profile', async () => {
    const canonical = { a: { profile: 'kerbside/canonical' }, b: { profile: 'kerbside/canonical' } };
    expect((await compare({ ...canonical, device: 'aq-1' })).compared).toBe(5);
    expect(await compare({ ...canonical })).toMatchObject({ compared: 11, more: false });
    expect(await compare({ ...canonical, limit: 6 })).toMatchObject({ compared: 6, more: true });
    expect((await compare({ ...canonical, device: 'aq-1', from: '2020-01-01', to: '2020-02-01' })).compared).toBe(0);
    expect((await compare({ ...canonical, device: 'aq-1', from: '2020-01-01' })).compared).toBe(5);
  });

  test('stops a codec that hangs, wants memory or answers too much, says so, and leaves live uplinks alone', async () => {
    const hostile = [
      ['for (;;) {}', /^codec-timeout$/],
      ['var a = []; for (;;) a.push(new Uint8Array(1e6));', /^codec-memory$/],
      ["return { data: { x: 'y'.repeat(1e5) } };", /^codec-output$/],
      ['return { data: { x: 0 / 0 } };', /^codec-output$/],
      ['new Array(1e9).join();', /^codec-(timeout|memory)$/],
    ] as const;
    for (const [body, reason] of hostile) {
      const done = await compare({
        a: { codec: words },
        b: { codec: `function decodeUplink() { ${body} }` },
        payloads: Array.from({ length: 20 }, () => ({ hex: '32' })),
      });
      expect(done).toMatchObject({ compared: 20, onlyBRefused: 20 });
      expect(done.b.refusals.map((one) => one.uplinks).reduce((sum, n) => sum + n, 0)).toBe(20);
      expect(done.b.refusals[0]?.reason).toMatch(reason);
    }
    await house.say('aq-2', { pm2_5: 44 });
    expect(
      pageOf((await house.ask('/api/v1/devices/aq-2/preview?limit=1')).json).previews[0]?.readings[0]?.values[0]?.value,
    ).toBe(44);
  }, 60_000);

  test('is closed to a key that may only read once a codec is pasted', async () => {
    const body = { a: { profile: 'kerbside/canonical' }, b: { codec: words }, payloads };
    const refused = await house.ask('/api/v1/codecs/compare', { method: 'POST', body });
    expect([refused.status, refused.json]).toMatchObject([403, { code: 'scope-missing' }]);
  });

  test('is answered with "slow down" when one key asks for too many', async () => {
    const body = {
      a: { profile: 'kerbside/canonical' },
      b: { profile: 'kerbside/canonical' },
      payloads: [{ hex: '00' }],
    };
    const statuses = [];
    for (let n = 0; n < 25; n += 1)
      statuses.push((await house.ask('/api/v1/codecs/compare', { method: 'POST', body })).status);
    expect(statuses).toContain(200);
    expect(statuses).toContain(429);
  });
});
