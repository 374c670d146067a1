import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instant, type Instant, type JudgedReading } from '../../device-profiles/vocabulary/index.ts';
import { readHours, readQuarters } from '../../infra/averages/read.ts';
import { seriesOf } from '../../infra/averages/series.ts';
import { siteIndexHours } from '../../infra/averages/site-index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { hoursOf } from '../../infra/timeseries/hours.ts';
import { sqlitePlace, type FilePlace } from '../timeseries/places.ts';
import { after, device, flagged, gone, HOUR, MINUTE, NOON, pass, reading, site } from '../timeseries/readings.ts';

let place: FilePlace;
let timeseries: TimeSeries;
beforeEach(async () => {
  place = await sqlitePlace();
  timeseries = await place.open();
});
afterEach(async () => {
  await timeseries.close();
  await place.remove();
});

const minutely = { expected: () => ({ everyMs: MINUTE, hourCapture: 0.75 }) };
const at = (minute: number, value: number, number = 1): JudgedReading =>
  reading([pass('no2', value), pass('pm2_5', 10)], { device: device(number), time: after(minute * MINUTE) });
const minutes = (from: number, to: number, value = 40): JudgedReading[] =>
  Array.from({ length: to - from }, (_, i) => at(from + i, value));
const asked = (hours: number) => ({
  devices: [device(1)],
  quantities: ['no2' as const],
  from: NOON,
  to: after(hours * HOUR),
});

describe('hours from the store', () => {
  test('are those of the values that passed or were not evaluated; suspect ones on demand, failed and absent ones never', async () => {
    await timeseries.write([
      reading([pass('no2', 10)], { time: after(0) }),
      reading([flagged('no2', 20, 2)], { time: after(MINUTE) }),
      reading([flagged('no2', 60, 3, 'device-time')], { time: after(2 * MINUTE) }),
      reading([flagged('no2', 9_000, 4, 'gross-range')], { time: after(3 * MINUTE) }),
      reading([gone('no2', 'warming-up')], { time: after(4 * MINUTE) }),
    ]);
    expect(await readHours(timeseries, asked(1))).toMatchObject([{ mean: 15, count: 2, minutes: 0b11n }]);
    expect(await readHours(timeseries, { ...asked(1), maxFlag: 3 })).toMatchObject([
      { mean: 30, count: 3, minutes: 0b111n },
    ]);
  });

  test('are the same however the values came, and whichever pages of the store they fill', async () => {
    // 3 hours of a value every second: more than one page.
    const all = Array.from({ length: 3 * 3_600 }, (_, second) =>
      reading([pass('no2', second % 97)], { time: after(second * 1_000) }),
    );
    const shuffled = all.toSorted((a, b) => ((a.time * 7_919) % 10_007) - ((b.time * 7_919) % 10_007));
    await timeseries.write(shuffled);
    const hours = await readHours(timeseries, asked(3));
    expect(hours.map(({ time, count }) => [time, count])).toEqual([0, 1, 2].map((n) => [after(n * HOUR), 3_600]));
    expect(hours.map(({ mean }) => mean)).toEqual(
      hoursOf(all.map(({ time }, second) => ({ time, value: second % 97 }))).map(({ mean }) => mean),
    );
    const quarters = await readQuarters(timeseries, asked(3));
    expect(quarters.map(({ time, count }) => [time, count])).toEqual(
      Array.from({ length: 12 }, (_, n) => [after(n * 15 * MINUTE), 900]),
    );
    const mean = quarters.slice(0, 4).reduce((sum, each) => sum + each.mean, 0) / 4;
    expect(hours[0]?.mean).toBeCloseTo(mean, 9);
  });

  test('of a device that was moved within an hour are one for each site', async () => {
    const [before, later] = [site('a6-column-14'), site('a560-column-2')];
    await timeseries.write([
      reading([pass('no2', 10)], { site: before, time: after(0) }),
      reading([pass('no2', 90)], { site: later, time: after(MINUTE) }),
    ]);
    expect(new Map((await readHours(timeseries, asked(1))).map((hour) => [hour.site, hour.mean]))).toEqual(
      new Map([
        [before, 10],
        [later, 90],
      ]),
    );
    expect(await readHours(timeseries, { ...asked(1), sites: [later] })).toMatchObject([{ mean: 90 }]);
  });

  test('of nobody, of nothing and of no time are none', async () => {
    await timeseries.write(minutes(0, 10));
    for (const nothing of [{ devices: [] }, { quantities: [] }, { to: NOON }])
      expect(await readHours(timeseries, { ...asked(1), ...nothing })).toEqual([]);
  });
});

describe('means from the store', () => {
  const hourly = async (): Promise<[Instant, number, boolean][]> => {
    const [series] = await seriesOf({ timeseries, ...minutely }, asked(10), '8h');
    return (series?.means ?? []).map(({ time, value, valid }) => [time, value, valid]);
  };

  test('are made again when a late value comes: what it touches changes and nothing else', async () => {
    await timeseries.write(minutes(0, 6 * 60).filter((_, minute) => Math.floor(minute / 60) !== 2 || minute % 60 < 44));
    const before = await hourly();
    expect(before.filter(([, , valid]) => valid)).toEqual([]);
    await timeseries.write([at(2 * 60 + 50, 84)]);
    const late = await hourly();
    expect(late.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(late.filter(([, , valid]) => valid).map(([time]) => time)).toEqual([5, 6, 7].map((n) => after(n * HOUR)));
    // The mean of 44 minutes at 40 and one at 84 is 40 and 44/45.
    expect(late[5]?.[1]).toBeCloseTo(40 + 44 / 45 / 6, 9);
  });

  test('reach back before what is asked for', async () => {
    await timeseries.write(minutes(-7 * 60, 60));
    expect((await hourly())[0]).toEqual([NOON, 40, true]);
  });
});

describe('the index of a site with two devices', () => {
  test('is the worse one’s, hour by hour, and values of the two are never in one mean', async () => {
    const own = Array.from({ length: 60 }, (_, minute) => [
      // Each half of an hour: neither has an hour, although both together would.
      ...(minute < 30 ? [at(minute, 500, 1)] : [at(minute, 500, 2)]),
      at(60 + minute, 500, 1),
      at(60 + minute, 30, 2),
      at(120 + minute, 30, 1),
      at(120 + minute, 220, 2),
    ]).flat();
    await timeseries.write(own);
    const hours = await siteIndexHours(
      { timeseries, ...minutely },
      { site: site('a6-column-14'), devices: [device(1), device(2)], from: NOON, to: after(3 * HOUR) },
    );
    expect(hours.map(({ time, index }) => [time, index])).toEqual([
      [NOON, null],
      [after(HOUR), 8],
      [after(2 * HOUR), 4],
    ]);
    const no2 = hours.map(({ contributions }) =>
      contributions.flatMap((each) => (each.pollutant === 'no2' ? [[each.device, each.value, each.index]] : [])),
    );
    expect(no2[0]).toEqual([
      [device(1), 500, null],
      [device(2), 500, null],
    ]);
    expect(no2[2]).toEqual([
      [device(1), 30, 1],
      [device(2), 220, 4],
    ]);
  });

  test('takes the highest quarter-hour of SO2, of an hour with three at least', async () => {
    const so2 = (minute: number, value: number): JudgedReading =>
      reading([pass('so2', value)], { time: after(minute * MINUTE) });
    await timeseries.write([
      ...Array.from({ length: 45 }, (_, minute) => so2(minute, minute < 15 ? 300 : 10)),
      ...Array.from({ length: 30 }, (_, minute) => so2(60 + minute, 300)),
    ]);
    const hours = await siteIndexHours(
      { timeseries, ...minutely },
      { site: site('a6-column-14'), devices: [device(1)], from: NOON, to: after(2 * HOUR) },
    );
    expect(hours).toMatchObject([
      { time: NOON, index: 4, contributions: [{ pollutant: 'so2', value: 300, capture: 0.75, count: 3 }] },
      { time: after(HOUR), index: null, contributions: [{ value: 300, capture: 0.5, valid: false }] },
    ]);
  });

  test('of a site where nothing was measured is nothing', async () => {
    const none = await siteIndexHours(
      { timeseries, ...minutely },
      { site: site('nowhere'), devices: [device(1)], from: NOON, to: instant(NOON + HOUR) },
    );
    expect(none).toEqual([]);
  });
});
