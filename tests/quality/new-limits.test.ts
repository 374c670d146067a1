import { afterEach, beforeEach, expect, it } from 'vitest';
import type { QualitySettings } from '../../device-profiles/quality/settings.ts';
import { deviceId, instant, iso } from '../../device-profiles/vocabulary/index.ts';
import { House, NOON } from '../ingest/house.ts';
import { MINUTE, profileWith, START, World } from '../reprocess/world.ts';

const air = deviceId('air');
let house: House;
beforeEach(async () => {
  house = await new House().open();
  await house.registry.addDevice({ id: air, profile: 'kerbside/canonical', site: 'market-place' });
});
afterEach(() => house.close());

const said = (no2: number, minute: number) =>
  house.entry(air, JSON.stringify({ no2, time: iso(instant(NOON - 24 * 60 * MINUTE + minute * MINUTE)) }));
const flags = async (): Promise<Readonly<Record<number, string>>> =>
  Object.fromEntries(
    (await house.stored()).map(({ time, flag, reason }) => [
      (time - NOON) / MINUTE + 24 * 60,
      `${flag} ${reason ?? ''}`.trim(),
    ]),
  );
/** A day before noon, a value every ten minutes, about 50. */
const BEFORE = Array.from({ length: 40 }, (_, n) => n * 10);
const lowered: QualitySettings = { quantities: { no2: { operator: [-20, 45] } } };

it('limits that are set hold for what comes from then on: a late value has them, what lies around it stays as it was', async () => {
  for (const minute of BEFORE) await house.run([said(50 + (minute % 30) / 10, minute)]);
  await house.registry.setQuality({ kind: 'device', id: air }, lowered);
  const before = await flags();
  expect(new Set(Object.values(before))).toEqual(new Set(['1']));
  await house.run([said(51, 205)]);
  expect(await flags()).toEqual({ ...before, 205: '3 gross-range' });
  await house.run([said(51, 400)]);
  expect(await flags()).toEqual({ ...before, 205: '3 gross-range', 400: '3 gross-range' });
});

it('what a late value does change is corrected, also where its batch was stored and its corrections were not', async () => {
  for (const minute of BEFORE) if (minute !== 200) await house.run([said(minute === 190 ? 450 : 50, minute)]);
  const before = await flags();
  expect(before[190]).toBe('3 spike');
  // It is no spike any more that has one beside it.
  const late = said(449, 200);
  const stored = (await house.stored()).find(({ time }) => time === NOON - 24 * 60 * MINUTE + 190 * MINUTE);
  if (stored === undefined) throw new Error('nothing is stored');
  const { site, borough, receivedAt } = stored;
  const value = { quantity: 'no2', value: { kind: 'measured', value: 449 }, raw: 449, flag: 1 } as const;
  // The batch was written, and the process ended before its corrections were.
  await house.timeseries.write([
    { device: air, site, borough, receivedAt, time: instant(stored.time + 10 * MINUTE), observations: [value] },
  ]);
  expect((await flags())[190]).toBe('3 spike');
  await house.run([late]);
  const after = await flags();
  expect(Object.entries(after).filter(([minute, flag]) => before[Number(minute)] !== flag)).toEqual([
    ['190', '1'],
    ['200', '1'],
  ]);
});

it('a run over history judges its span by the limits of today, and around it only what its span has changed', async () => {
  const world = new World(profileWith({ version: 'old', minutesOff: 0, fields: { n: ['no2', 1] } }));
  try {
    world.append(
      BEFORE.map((minute) => ({ device: 'r-1', minute, values: { n: minute === 150 ? 99 : 50 + (minute % 30) / 10 } })),
    );
    await world.ingest();
    const before = await world.lines();
    world.settings = [{ subject: { kind: 'device', id: deviceId('r-1') }, settings: lowered }];
    const span = { from: instant(START + 160 * MINUTE), to: instant(START + 200 * MINUTE) };
    expect((await world.reprocess({ ...span, dryRun: true })).quantities).toMatchObject([
      { flag: 4, same: 0, reflagged: 4 },
    ]);
    await world.reprocess({ ...span, id: 2 });
    const after = await world.lines();
    expect(after.filter((line, n) => line !== before[n])).toEqual(
      [160, 170, 180, 190].map((minute) => expect.stringMatching(new RegExp(`^r-1 ${minute} .* 3 gross-range$`))),
    );
    expect(after.filter((line) => line.endsWith('spike'))).toEqual(before.filter((line) => line.endsWith('spike')));
    expect((await world.reprocess({ ...span, id: 3 })).quantities).toMatchObject([{ flag: 0, same: 4 }]);
  } finally {
    await world.close();
  }
});
