import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instant, iso } from '../../device-profiles/vocabulary/index.ts';
import { explanationText } from '../../commands/explain/text.ts';
import { AirHouse, at } from './air-house.ts';
import { NOON } from './house.ts';

let house: AirHouse;
beforeEach(async () => {
  house = await new AirHouse().open();
});
afterEach(() => house.close());

describe('what a value went into', () => {
  it('is its minute, quarter, hour, day and each running mean and index that reaches over its hour', async () => {
    for (let minute = 0; minute < 20 * 60; minute += 10)
      await house.receive(
        house.said('air-1', minute, { pm2_5: 12 + (minute % 60) / 10, o3: 40 + (minute % 60) / 10, footfall_in: 3 }),
      );
    const pm = await house.explainAt('pm2_5', 60);
    const of = (period: string) => pm.rollUps.means.filter((mean) => mean.period === period);
    expect(of('1m')).toMatchObject([{ count: 1, value: 12 }]);
    expect(of('1h')).toMatchObject([{ time: iso(at(60)), count: 6, capture: 1, valid: true, value: 14.5, over: true }]);
    expect(of('24h')).toHaveLength(24);
    expect(of('day')).toMatchObject([{ count: 12 }]);
    expect(pm.rollUps.indices.filter(({ index }) => index !== null).length).toBeGreaterThan(4);
    const ozone = await house.explainAt('o3', 60);
    expect(ozone.rollUps.means.filter(({ period }) => period === '8h')).toHaveLength(8);
    expect(ozone.rollUps.indices).toHaveLength(8);
    const count = await house.explainAt('footfall_in', 60);
    expect(count.rollUps.counts).toMatchObject([
      { length: 'hour', passages: 18, direction: 'in', unbooked: 0 },
      { length: 'day' },
    ]);
    expect(explanationText(count)).toContain('18 passages');
  });

  it('is nothing where it failed, is absent, or has no mean, and says why', async () => {
    await house.receive(house.said('air-1', 0, { humidity: 400, no2: null, laeq: 55 }));
    expect((await house.explainAt('humidity', 0)).rollUps.leftOut).toBe('fail');
    expect((await house.explainAt('no2', 0)).rollUps.leftOut).toBe('absent');
    expect((await house.explainAt('laeq', 0)).rollUps.leftOut).toBe('no-mean');
    expect(await house.retellAll()).toBe(3);
  });

  it('is nothing where retention had taken the readings of its hour before it came: the hour stays as it was', async () => {
    for (let minute = 0; minute < 180; minute += 10)
      await house.receive(house.said('air-1', minute, { no2: 40, footfall_in: 2 }));
    await house.timeseries.rollUp();
    expect((await house.explainAt('no2', 10)).rollUps).toMatchObject({ leftOut: null, hourNotValid: false });
    await house.timeseries.prune(at(60), 'raw');
    const hours = () => house.timeseries.hours({ from: at(0), to: at(60), maxFlag: 2 });
    const before = await hours();
    await house.receive(house.said('air-1', 15, { no2: 90, footfall_in: 9 }));
    expect(await hours()).toEqual(before);
    const late = await house.explainAt('no2', 15);
    expect(late.rollUps).toMatchObject({ leftOut: 'closed', means: [], indices: [], counts: [] });
    expect(explanationText(late)).toContain('it came when retention had taken the single readings of its time');
    expect((await house.explainAt('footfall_in', 15)).rollUps).toMatchObject({ leftOut: 'closed', counts: [] });
    expect((await house.explainAt('no2', 70)).rollUps.leftOut).toBeNull();
    // A day whose hours have gone too is closed likewise.
    await house.receive(house.said('air-1', 24 * 60, { no2: 41 }));
    await house.timeseries.rollUp();
    await house.timeseries.prune(instant(NOON), 'raw');
    await house.timeseries.prune(instant(NOON), 'hourly');
    await house.receive(house.said('air-1', 75, { no2: 90 }));
    expect((await house.explainAt('no2', 75)).rollUps.leftOut).toBe('closed');
  });

  it('ends with the hour where too little of that was measured', async () => {
    await house.receive(house.said('air-1', 0, { no2: 40 }));
    expect((await house.explainAt('no2', 0)).rollUps).toMatchObject({
      hourNotValid: true,
      indices: [],
      means: [{ period: '1m' }, { period: '15m' }, { period: '1h', valid: false }],
    });
  });
});
