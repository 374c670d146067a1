import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { deviceId, instant, iso, siteId } from '../../device-profiles/vocabulary/index.ts';
import { explanationText } from '../../commands/explain/text.ts';
import { AirHouse, at } from './air-house.ts';
import { NOON } from './house.ts';

let house: AirHouse;
beforeEach(async () => {
  house = await new AirHouse().open();
});
afterEach(() => house.close());

describe('a value whose flag is not of its message alone', () => {
  it('is a spike by the value after it, which came in a later batch', async () => {
    for (const [minute, pm2_5] of [
      [0, 12],
      [10, 420],
      [20, 13],
    ] as const)
      await house.receive(house.said('air-1', minute, { pm2_5 }));
    expect(await house.retellAll()).toBe(3);
    expect(Object.fromEntries(house.tally)).toMatchObject({ 'spike 3': 1 });
    const explanation = await house.explainAt('pm2_5', 10);
    const spike = explanation.today?.checks.find(({ test }) => test === 'spike');
    expect(spike).toMatchObject({ made: true, flag: 3, found: 407, suspect: { max: 200, source: 'quantity' } });
    expect(spike?.beside.map(({ value }) => value)).toEqual([12, 13]);
    expect(explanation.rollUps).toMatchObject({ leftOut: 'suspect', means: [] });
    const last = await house.explainAt('pm2_5', 20);
    expect(last.today?.checks.find(({ test }) => test === 'spike')).toMatchObject({
      made: false,
      notMade: 'no-value-after',
    });
  });

  it('is neighbour of values an hour away where the device speaks once an hour by its own variable', async () => {
    await house.registry.updateDevice(deviceId('air-1'), { variables: { every: '1h' } });
    for (const [minute, pm2_5] of [
      [0, 12],
      [60, 420],
      [120, 13],
    ] as const)
      await house.receive(house.said('air-1', minute, { pm2_5 }));
    expect(await house.retellAll()).toBe(3);
    const explanation = await house.explainAt('pm2_5', 60);
    expect(explanation).toMatchObject({ stored: { flag: 3, reason: 'spike' }, differs: [] });
    expect(explanation.today?.checks.find(({ test }) => test === 'spike')?.beside.map(({ value }) => value)).toEqual([
      12, 13,
    ]);
    // A flag that was given by the old interval is told to differ, with the command that mends it.
    await house.registry.updateDevice(deviceId('air-1'), { variables: {} });
    expect(await house.explainAt('pm2_5', 60)).toMatchObject({
      differs: ['flag', 'reason'],
      reprocess: expect.stringContaining('reprocess --device air-1'),
    });
  });

  it('was stuck before single values were dropped, and its flag is not compared with what is left', async () => {
    const minutes = Array.from({ length: 24 * 6 }, (_, n) => n * 10);
    await house.receive(...minutes.map((minute) => house.said('air-1', minute, { no2: 25 })));
    const stuck = minutes.at(-1) ?? 0;
    expect((await house.explainAt('no2', stuck)).stored).toMatchObject({ flag: 4, reason: 'flat-line' });
    await house.timeseries.rollUp();
    house.keptFrom = at(stuck - 60);
    expect(await house.timeseries.prune(at(stuck - 60))).toBeGreaterThan(100);
    const explanation = await house.explainAt('no2', stuck);
    expect(explanation).toMatchObject({ differs: [], reprocess: null, keptSince: iso(at(stuck - 60)) });
    expect(explanationText(explanation)).toContain('its flag aside');
    house.keptFrom = -Infinity;
    expect(await house.explainAt('no2', stuck)).toMatchObject({ differs: ['flag', 'reason'], keptSince: null });
  });

  it('is suspect by the sites nearby: what they had is shown as the store has it, and is not asked again', async () => {
    const places = [
      ['south', 53.4],
      ['middle', 53.402],
      ['north', 53.404],
      ['east', 53.403],
    ] as const;
    for (const [id, latitude] of places) {
      await house.registry.addSite({ id, latitude, longitude: -2.1 });
      await house.registry.addDevice({ id: `air-${id}`, profile: 'kerbside/canonical', site: id });
      await house.registry.setQuality(
        { kind: 'site', id: siteId(id) },
        { quantities: { pm2_5: { neighbours: { metres: 1000, suspect: 10, share: 0.5 } } } },
      );
    }
    const values: Record<string, number> = { south: 12, middle: 40, north: 14, east: 13 };
    for (let minute = 0; minute <= 40; minute += 5)
      await house.receive(
        ...places.map(([id]) => house.said(`air-${id}`, minute, { pm2_5: (values[id] ?? 0) + (minute % 3) })),
      );
    for (const [id] of places) await house.retellAll(`air-${id}`);
    expect(house.tally.get('neighbours 3')).toBe(6);
    expect(house.tally.get('neighbours 1')).toBeGreaterThan(15);
    const nearby = (await house.explainAt('pm2_5', 40, 'air-middle')).today?.checks.find(
      ({ test }) => test === 'neighbours',
    );
    expect(nearby).toMatchObject({ flag: 3, recalled: true, suspect: { max: 10, source: 'site' } });
    expect(nearby?.beside.map(({ site }) => site)).toEqual(['middle', 'east', 'north', 'south', null]);
    expect(nearby?.found).toBeCloseTo(27, 6);
  });

  it('is of a fraction that does not go with another, of a flat line, of a change, of a warm-up, of a silence', async () => {
    await house.registry.setQuality(
      { kind: 'device', id: deviceId('air-1') },
      {
        quantities: { no: { warmUp: { silence: '30m', for: '1h' } }, co: { timeGap: { suspect: '20m', fail: '60m' } } },
      },
    );
    for (let minute = 0; minute <= 240; minute += 10)
      await house.receive(
        house.said('air-1', minute, {
          pm2_5: 20 + (minute % 7),
          pm10: minute === 50 ? 1 : 20 + (minute % 7),
          o3: 5,
          temperature: minute === 60 ? 44 : 10,
          no: minute,
          co: 1 + (minute % 3),
        }),
      );
    await house.receive(house.said('air-1', 270, { co: 1 }), house.said('air-1', 400, { co: 2 }));
    await house.registry.setQuality(
      { kind: 'site', id: siteId('market-place') },
      { quantities: { o3: { spike: 'off' } } },
    );
    expect((await house.explainAt('o3', 20)).today?.checks.find(({ test }) => test === 'spike')).toMatchObject({
      notMade: 'off',
      offBy: 'site',
    });
    await house.registry.setQuality({ kind: 'site', id: siteId('market-place') }, {});
    expect(await house.retellAll()).toBe(25 * 6 + 2);
    const wanted = [
      'plausibility 3',
      'flat-line 3',
      'rate-of-change 3',
      'warm-up 3',
      'time-gap 3',
      'time-gap 4',
      'spike 1',
    ];
    expect(wanted.filter((made) => !house.tally.has(made))).toEqual([]);
  });

  it('is of whatever a device says, in whatever order it comes', { timeout: 120_000 }, async () => {
    const value = fc.constantFrom<(number | null)[]>(0, 1, 12, 12, 12, 13, 40, 700, -1000, null);
    const story = fc.array(
      fc.record({
        step: fc.constantFrom<number[]>(1, 5, 10, 10, 40),
        no2: value,
        pm2_5: value,
        pm10: value,
        late: fc.integer({ min: 0, max: 3 }),
      }),
      { minLength: 3, maxLength: 14 },
    );
    /** Ten minutes apart in a steady street: one that leaps, and one that no street has. */
    const steady = [12, 12, 12, 700, 12, 12, -1000, 12].map((no2) => ({ step: 10, no2, pm2_5: 12, pm10: 12, late: 0 }));
    let [device, explained] = [0, 0];
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const id = `p-${(device += 1)}`;
        await house.registry.addDevice({ id, profile: 'kerbside/canonical' });
        let minute = 0;
        const all = told.map(({ step, late, ...values }, index) => ({
          key: index + late,
          uplink: house.said(id, (minute += step), values),
        }));
        for (const { uplink } of all.sort((a, b) => a.key - b.key))
          await house.receive({ ...uplink, receivedAt: instant(NOON + (explained += 1)) });
        await house.retellAll(id);
      }),
      { numRuns: 25, examples: [[steady]] },
    );
    expect(house.tally.get('gross-range 4')).toBeGreaterThan(10);
    expect(house.tally.get('spike 3')).toBeGreaterThan(3);
    expect(explained).toBeGreaterThan(100);
  });
});

describe('a calibration', () => {
  const holds = {
    quantity: 'no2',
    from: at(-10),
    author: 'Air quality team',
    reason: 'Beside the A6 station',
  } as const;
  it('is named with its numbers, the humidity that it needs too, and a value of before it as it was', async () => {
    await house.registry.calibrate(deviceId('air-1'), { ...holds, correction: { coefficients: [-2, 1.1] } });
    await house.registry.calibrate(deviceId('air-1'), {
      ...holds,
      quantity: 'pm2_5',
      correction: { coefficients: [0, 1], humidity: { kappa: 0.4, by: 'humidity' } },
    });
    await house.receive(
      house.said('air-1', -60, { no2: 40 }),
      house.said('air-1', 0, { no2: 40, pm2_5: 20, humidity: 80 }),
      house.said('air-1', 10, { pm2_5: 21 }),
    );
    await house.retellAll();
    expect(house.tally.get('calibration 3')).toBe(1);
    const explanation = await house.explainAt('no2', 0);
    expect(explanation.today?.calibration).toMatchObject({
      version: 1,
      author: 'Air quality team',
      before: 40,
      after: 42,
      formula: '-2 + 1.1 x 40 = 42',
    });
    expect((await house.explainAt('no2', -60)).today?.calibration).toBeNull();
    expect((await house.explainAt('pm2_5', 0)).today?.calibration?.humidity).toMatchObject({ value: 80, kappa: 0.4 });
    expect((await house.explainAt('pm2_5', 10)).today).toMatchObject({
      flag: 3,
      reason: 'calibration',
      calibration: { uncorrected: true },
    });
  });

  it('that came since shows: what is stored is not what it gives, and the command that would run it again is named', async () => {
    await house.receive(house.said('air-1', 0, { no2: 40 }));
    await house.registry.calibrate(deviceId('air-1'), { ...holds, correction: { coefficients: [-2, 1.1] } });
    const explanation = await house.explainAt('no2', 0);
    expect(explanation).toMatchObject({ differs: ['value'], stored: { value: 40 }, today: { value: 42 } });
    expect(explanation.reprocess).toBe(
      `npx kerbside reprocess --device air-1 --from ${iso(at(0))} --to ${iso(instant(at(0) + 1))} --dry-run`,
    );
    expect(explanationText(explanation)).toMatch(
      /It gives something else than what is stored: value\.\n {2}What would change: npx kerbside reprocess/,
    );
  });
});
