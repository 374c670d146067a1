import { afterEach, expect, test } from 'vitest';
import { setAside } from '../../device-profiles/codec/exchange.ts';
import { instant, siteId, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { ownersOf } from '../../ingest/reprocess/names.ts';
import { stretchesOf } from '../../ingest/reprocess/stretches.ts';
import { MINUTE, profileWith, START, World, type Codec } from './world.ts';

const old: Codec = { version: 'old', minutesOff: 0, fields: { n: ['no2', 1], l: ['laeq', 1] } };
let world: World;
afterEach(() => world.close());

const spoken = async (codec: Codec, count = 6): Promise<World> => {
  world = new World(profileWith(codec));
  world.append(
    Array.from({ length: count }, (_, n) => ({ device: 'r-1', minute: n * 60, values: { n: 10 + n, l: 50 } })),
  );
  await world.ingest();
  return world;
};
const of = (result: Awaited<ReturnType<World['reprocess']>>, quantity: string) =>
  result.quantities.find((one) => one.quantity === quantity);

test('values whose uplinks are gone are worked out from their raw numbers, and never withdrawn', async () => {
  await spoken(old);
  world.oldest = 4;
  world.profile = profileWith({ version: 'new', minutesOff: 0, fields: { n: ['no2', 3] } });
  const result = await world.reprocess();
  expect(result).toMatchObject({ uplinks: 3, read: 3 });
  expect(of(result, 'no2')).toMatchObject({
    value: 6,
    fromRaw: 3,
    asStored: 0,
    change: 2 * (10 + 11 + 12 + 13 + 14 + 15),
  });
  // Three have their uplinks; one of them lies so near the journal's beginning that another, gone since, may have said it.
  expect(of(result, 'laeq')).toMatchObject({ same: 4, fromRaw: 4, asStored: 4, withdrawn: 2 });
  expect((await world.lines()).filter((line) => line.includes('no2'))).toEqual(
    [0, 1, 2, 3, 4, 5].map((n) => `r-1 ${n * 60} no2 ${3 * (10 + n)} ${10 + n} 1 `),
  );
  expect((await world.lines()).filter((line) => line.includes('laeq')).map((line) => line.split(' ')[1])).toEqual([
    '0',
    '60',
    '120',
    '180',
  ]);
});

test('where two fields may have given a raw number, the stored value is taken, and it says so', async () => {
  await spoken(old);
  world.oldest = 7;
  world.profile = profileWith({
    version: 'new',
    minutesOff: 0,
    fields: { n: ['no2', 3], m: ['no2', 1], l: ['laeq', 1] },
  });
  const result = await world.reprocess();
  expect(of(result, 'no2')).toMatchObject({ same: 6, fromRaw: 6, asStored: 6, value: 0 });
  expect(of(result, 'laeq')).toMatchObject({ same: 6, fromRaw: 6, asStored: 0 });
});

test('a calibration is applied to raw numbers once, however often it is run', async () => {
  await spoken(old);
  world.oldest = 7;
  world.calibrations = [
    {
      id: 'c',
      device: world.device('r-1').id,
      quantity: 'no2',
      version: 1,
      from: instant(START + 120 * MINUTE),
      correction: { coefficients: [1, 2] },
      author: 'a',
      reason: 'r',
      createdAt: instant(START),
    },
  ];
  expect(of(await world.reprocess(), 'no2')).toMatchObject({ value: 4, same: 2 });
  const once = await world.lines();
  expect(of(await world.reprocess({ id: 2 }), 'no2')).toMatchObject({ value: 0, same: 6 });
  expect(await world.lines()).toEqual(once);
  expect(once.filter((line) => line.includes('no2')).map((line) => Number(line.split(' ')[3]))).toEqual([
    10, 11, 25, 27, 29, 31,
  ]);
});

test('what an uplink said that is refused now stays as it was, and is counted by reason', async () => {
  world = new World(profileWith(old));
  world.append(
    [0, 1, 2, 3].map((n) => ({
      device: 'r-1',
      minute: n * 60,
      values: { n: 10 + n },
      ...(n === 2 ? { unreadable: 'new' as const } : {}),
    })),
  );
  await world.ingest();
  world.profile = profileWith({ version: 'new', minutesOff: 0, fields: { n: ['no2', 3] } });
  for (const dryRun of [true, false]) {
    const result = await world.reprocess({ id: dryRun ? 1 : 2, dryRun });
    expect(result).toMatchObject({ uplinks: 4, read: 3, refused: [{ reason: 'truncated', uplinks: 1 }] });
    expect(of(result, 'no2')).toMatchObject({ value: 3, kept: 1 });
  }
  expect((await world.lines()).map((line) => Number(line.split(' ')[3]))).toEqual([30, 33, 12, 39]);
});

test('what could not be read before leaves the quarantine as values; a dry run leaves it where it is', async () => {
  world = new World(profileWith(old));
  world.append(
    [0, 1, 2].map((n) => ({
      device: 'r-1',
      minute: n * 60,
      values: { n: 10 + n },
      ...(n === 1 ? { unreadable: 'old' as const } : {}),
    })),
  );
  await world.ingest();
  expect(world.quarantine).toHaveLength(1);
  world.profile = profileWith({ ...old, version: 'new' });
  expect(await world.reprocess({ dryRun: true })).toMatchObject({ released: 1 });
  expect(world.quarantine).toHaveLength(1);
  expect(of(await world.reprocess({ id: 2 }), 'no2')).toMatchObject({ added: 1, same: 2 });
  expect(world.quarantine).toEqual([]);
  expect(await world.lines()).toHaveLength(3);
});

test('it is read from the quarantine when the journal has it no more', async () => {
  world = new World(profileWith(old));
  world.append([
    { device: 'r-1', minute: 0, values: { n: 10 }, unreadable: 'old' },
    { device: 'r-1', minute: 60, values: { n: 11 } },
  ]);
  await world.ingest();
  world.oldest = 2;
  world.profile = profileWith({ ...old, version: 'new' });
  expect(of(await world.reprocess(), 'no2')).toMatchObject({ added: 1, same: 1 });
  expect(world.quarantine).toEqual([]);
});

test('only the span is run; what it makes of the times around follows it, and no value beyond it is read anew', async () => {
  await spoken(old);
  world.profile = profileWith({ version: 'new', minutesOff: 0, fields: { n: ['no2', 100] } });
  const result = await world.reprocess({ from: instant(START + 60 * MINUTE), to: instant(START + 180 * MINUTE) });
  expect(result).toMatchObject({ uplinks: 2 });
  expect(
    (await world.lines()).filter((line) => line.includes('no2')).map((line) => Number(line.split(' ')[3])),
  ).toEqual([10, 1100, 1200, 13, 14, 15]);
});

test('an uplink that speaks of a time beyond the span now keeps its old values where they are', async () => {
  await spoken(old);
  world.profile = profileWith({ ...old, version: 'new', minutesOff: 7 });
  const result = await world.reprocess({ to: instant(START + 303 * MINUTE) });
  expect(of(result, 'no2')).toMatchObject({ added: 5, withdrawn: 5, kept: 1 });
  expect(
    (await world.lines()).filter((line) => line.includes('no2')).map((line) => Number(line.split(' ')[1])),
  ).toEqual([7, 67, 127, 187, 247, 300]);
});

test('what came just after the span speaks of it too: refused now, what it had said stays; silent now, it is withdrawn', async () => {
  world = new World(profileWith(old));
  // Each comes a minute after the time of which it speaks.
  world.append([
    { device: 'r-1', minute: 0, values: { n: 10 } },
    { device: 'r-1', minute: 60, values: { n: 11 }, unreadable: 'new' },
    { device: 'r-2', minute: 60, values: { n: 12 }, silent: 'new' },
  ]);
  await world.ingest();
  world.profile = profileWith({ version: 'new', minutesOff: 0, fields: { n: ['no2', 3] } });
  const result = await world.reprocess({ to: instant(START + 60 * MINUTE + 1) });
  expect(result).toMatchObject({ uplinks: 1, read: 1, refused: [] });
  expect(of(result, 'no2')).toMatchObject({ value: 1, kept: 1, withdrawn: 1, fromRaw: 0 });
  expect(await world.lines()).toEqual(['r-1 0 no2 30 10 1 ', 'r-1 60 no2 11 11 1 ']);
});

test('of two uplinks of one time the one that is refused now keeps what it had said, though the other one is read', async () => {
  world = new World(profileWith(old));
  world.append([
    { device: 'r-1', minute: 0, values: { l: 50 }, unreadable: 'new' },
    { device: 'r-1', minute: 0, values: { n: 10 } },
    { device: 'r-1', minute: 300, values: { n: 11, l: 51 } },
  ]);
  await world.ingest(1);
  world.profile = profileWith({ version: 'new', minutesOff: 0, fields: { n: ['no2', 3] } });
  expect(of(await world.reprocess(), 'laeq')).toMatchObject({ kept: 1, withdrawn: 1 });
  expect((await world.lines()).filter((line) => line.includes('laeq'))).toEqual(['r-1 0 laeq 50 50 1 ']);
});

test('what is kept is judged beside what has changed, and its flag follows', async () => {
  world = new World(profileWith(old));
  world.append(
    [0, 1, 2].map((n) => ({
      device: 'r-1',
      minute: n * 10,
      values: { n: n === 1 ? 150 : 12 },
      ...(n === 1 ? { unreadable: 'new' as const } : {}),
    })),
  );
  await world.ingest();
  world.profile = profileWith({ version: 'new', minutesOff: 0, fields: { n: ['no2', 50] } });
  expect(of(await world.reprocess(), 'no2')).toMatchObject({ value: 2, kept: 1 });
  expect(await world.lines()).toEqual(['r-1 0 no2 600 12 1 ', 'r-1 10 no2 150 150 3 spike', 'r-1 20 no2 600 12 1 ']);
});

test('a codec that is set aside for a minute is asked again, and one that reads nothing fails the run', async () => {
  await spoken(old);
  const mended = profileWith({ ...old, version: 'new', fields: { n: ['no2', 3] } });
  let asked = 0;
  const slow = {
    ...mended,
    decode: async (inputs: Parameters<typeof mended.decode>[0]) =>
      (asked += inputs.length) > 12
        ? mended.decode(inputs)
        : (await mended.decode(inputs)).map((one, n) => (n < 2 ? one : setAside)),
  };
  world.profile = slow;
  expect(await world.reprocess({}, { asideLookMs: 1 })).toMatchObject({ uplinks: 6, read: 6, refused: [] });
  expect(asked).toBeGreaterThan(6);
  world.profile = { ...mended, decode: async (inputs) => inputs.map(() => setAside) };
  await expect(world.reprocess({ id: 2 }, { asideLookMs: 1 })).rejects.toMatchObject({ code: 'reprocess-codec' });
});

test('a DevEUI is whose it was when the uplink came in, and a retired device keeps what it had sent', async () => {
  world = new World(profileWith(old));
  const [one, two] = [
    { ...world.device('one'), devEui: 'a000000000000002' as never },
    {
      ...world.device('two'),
      devEui: 'a000000000000001' as never,
      status: 'retired' as const,
      statusSince: instant(START + 100),
    },
  ];
  const change = (device: DeviceId, at: number, devEui: string | null) => ({
    id: at,
    at: instant(START + at),
    actor: { kind: 'kerbside' as const, name: 'k' },
    action: 'device-changed' as const,
    subject: { kind: 'device' as const, id: device },
    detail: { devEui },
  });
  const trail = [
    change(one.id, 50, 'a000000000000002'),
    change(two.id, 50, 'a000000000000001'),
    change(one.id, 10, 'a000000000000001'),
  ];
  const owners = await ownersOf([one, two], {
    audit: async ({ subject }) => trail.filter((entry) => entry.subject.id === subject?.id),
  });
  const whose = (devEui: string, at: number) =>
    owners({ device: { by: 'devEui', value: devEui as never }, receivedAt: instant(START + at) });
  expect(whose('a000000000000001', 20)?.id).toBe('one');
  expect(whose('a000000000000001', 60)).toMatchObject({ id: 'two', status: 'commissioned' });
  expect(whose('a000000000000001', 200)).toMatchObject({ id: 'two', status: 'retired' });
  expect(whose('a000000000000002', 60)?.id).toBe('one');
  expect(whose('a000000000000002', 5)).toBeUndefined();
});

test('a site is what its devices said while they stood there', () => {
  world = new World(profileWith(old));
  const deployments = [
    { device: world.device('b').id, site: siteId('corner'), from: instant(10), to: instant(20) },
    { device: world.device('a').id, site: siteId('corner'), from: instant(20) },
    { device: world.device('b').id, site: siteId('elsewhere'), from: instant(20) },
    { device: world.device('b').id, site: siteId('corner'), from: instant(40), to: instant(45) },
  ];
  const stretches = stretchesOf(
    { scope: { kind: 'site', id: 'corner' }, from: instant(15), to: instant(43) },
    { devices: () => [], deployments: () => deployments },
  );
  expect(stretches.map(({ device, from, to }) => [device, from, to])).toEqual([
    ['a', 20, 43],
    ['b', 15, 20],
    ['b', 40, 43],
  ]);
});
