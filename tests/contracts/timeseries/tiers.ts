import { expect } from 'vitest';
import type { JudgedReading } from '../../../device-profiles/vocabulary/index.ts';
import { aggregates, type TimeSeries } from '../../../infra/timeseries/contract.ts';
import {
  after,
  DAY,
  device,
  flagged,
  gone,
  HOUR,
  MINUTE,
  NOON,
  pass,
  reading,
  site,
} from '../../timeseries/readings.ts';
import { buckets, expected, wholeRange, type TimeSeriesCase } from './case.ts';

const MIDNIGHT = NOON - 12 * HOUR;
/** Readings of PM2.5 at times in hours after noon. */
const dust = (...values: readonly (readonly [hour: number, value: number])[]): readonly JudgedReading[] =>
  values.map(([hour, value]) => reading([pass('pm2_5', value)], { time: after(hour * HOUR) }));
/** How many minutes each hour has, its mean, where and when, in hours after noon. */
const hoursOf = async (
  series: TimeSeries,
  maxFlag: 1 | 2 | 3 | 4 = 2,
  [from, to]: readonly [number, number] = [-100, 100],
) =>
  (await series.hours({ from: after(from * HOUR), to: after(to * HOUR), maxFlag })).map(({ time, count, mean }) => [
    (time - NOON) / HOUR,
    count,
    mean,
  ]);
/** Hours after noon, mean and count of the days around. */
const daysOf = async (series: TimeSeries) =>
  (
    await buckets(series, { aggregate: 'mean', maxFlag: 2, everyMs: DAY, from: after(-30 * DAY), to: after(30 * DAY) })
  ).map(([time, mean, count]) => [(time + NOON - MIDNIGHT) / DAY, count, mean]);
const byHour = { maxFlag: 2, everyMs: HOUR, from: after(-60 * HOUR), to: after(60 * HOUR) } as const;

/** Hours and days, made of observations and repaired with them; kept when those go. */
export const tierCases: readonly TimeSeriesCase[] = [
  {
    title: 'an hour is known by its values, its minutes and where they were observed; its mean is that of its minutes',
    run: async (series) => {
      const north = { site: site('north') };
      await series.write([
        reading([pass('pm2_5', 4), pass('no2', 30)], { ...north, time: after(0) }),
        reading([pass('pm2_5', 8)], { ...north, time: after(10_000) }),
        reading([pass('pm2_5', 1)], { ...north, time: after(59 * MINUTE) }),
        reading([pass('pm2_5', 7)], { site: null, time: after(30 * MINUTE) }),
        reading([gone('pm2_5', 'fault')], { ...north, time: after(2 * HOUR) }),
        reading([pass('pm2_5', 5)], { ...north, time: after(3 * HOUR) }),
      ]);
      const hour = { device: device(1), quantity: 'pm2_5', time: NOON };
      const made = [
        {
          device: device(1),
          quantity: 'no2',
          site: 'north',
          time: NOON,
          count: 1,
          sum: 30,
          mean: 30,
          min: 30,
          max: 30,
          last: 30,
          minutes: 1n,
        },
        { ...hour, site: null, count: 1, sum: 7, mean: 7, min: 7, max: 7, last: 7, minutes: 1n << 30n },
        { ...hour, site: 'north', count: 3, sum: 13, mean: 3.5, min: 1, max: 8, last: 1, minutes: 1n | (1n << 59n) },
        {
          ...hour,
          site: 'north',
          time: after(3 * HOUR),
          count: 1,
          sum: 5,
          mean: 5,
          min: 5,
          max: 5,
          last: 5,
          minutes: 1n,
        },
      ];
      for (const when of ['at once', 'made']) {
        expect(await series.hours({ from: NOON, to: after(4 * HOUR), maxFlag: 2 }), `hours ${when}`).toEqual(made);
        expect(
          await series.hours({
            from: NOON,
            to: after(4 * HOUR),
            maxFlag: 3,
            sites: [site('north')],
            quantities: ['pm2_5'],
          }),
          `hours ${when}`,
        ).toEqual(made.slice(2));
        expect(await series.hours({ from: after(1), to: after(3 * HOUR + 1), maxFlag: 2 }), `hours ${when}`).toEqual(
          made.slice(3),
        );
        expect(
          await series.hours({ from: NOON, to: after(4 * HOUR), maxFlag: 2, devices: [] }),
          `hours ${when}`,
        ).toEqual([]);
        await series.rollUp();
      }
    },
  },
  {
    title: 'a day is the mean of its hours, and knows which it has',
    run: async (series) => {
      await series.write(dust([-2, 10], [-1.9, 10], [-1.8, 10], [0, 2], [1, 3], [24, 9]));
      const day = {
        device: device(1),
        quantity: 'pm2_5',
        site: 'a6-column-14',
        time: MIDNIGHT,
        count: 5,
        sum: 35,
        mean: 5,
        min: 2,
        max: 10,
        last: 3,
        hours: (1 << 10) | (1 << 12) | (1 << 13),
      };
      for (const when of ['at once', 'made']) {
        expect(await series.days({ from: after(-DAY), to: after(0), maxFlag: 3 }), `hours ${when}`).toEqual([day]);
        expect(await series.days({ from: after(-DAY), to: after(0), maxFlag: 3, sites: [] }), `hours ${when}`).toEqual(
          [],
        );
        await series.rollUp();
      }
    },
  },
  {
    title: 'suspect values are in the hours of those who ask for them, and in no others',
    run: async (series) => {
      await series.write([
        ...dust([0, 10], [1, 20], [3, 1]),
        ...[
          flagged('pm2_5', 30, 3, 'device-time'),
          flagged('pm2_5', 9000, 4, 'gross-range'),
          flagged('pm2_5', 50, 2),
        ].map((value, n) => reading([value], { time: after((n + 1) * MINUTE) })),
        reading([flagged('pm2_5', 40, 3)], { time: after(2 * HOUR) }),
      ]);
      for (const when of ['at once', 'made']) {
        expect(await hoursOf(series, 2), `hours ${when}`).toEqual([
          [0, 2, 30],
          [1, 1, 20],
          [3, 1, 1],
        ]);
        expect(await hoursOf(series, 3), `hours ${when}`).toEqual([
          [0, 3, 30],
          [1, 1, 20],
          [2, 1, 40],
          [3, 1, 1],
        ]);
        expect(await hoursOf(series, 1), `hours ${when}`).toEqual([
          [0, 1, 10],
          [1, 1, 20],
          [3, 1, 1],
        ]);
        expect(await hoursOf(series, 4), `hours ${when}`).toEqual([
          [0, 4, 2272.5],
          [1, 1, 20],
          [2, 1, 40],
          [3, 1, 1],
        ]);
        await series.rollUp();
      }
    },
  },
  {
    title:
      'late, corrected and moved values and flags that change repair hours and days that were made, also after a restart',
    run: async (series, place) => {
      await series.write(dust([-24, 1], [-23, 2], [-22, 3], [0, 4], [1, 5], [30, 6]));
      await series.rollUp();
      expect(await daysOf(series)).toEqual([
        [-1, 3, 2],
        [0, 2, 4.5],
        [1, 1, 6],
      ]);
      const repairs = [
        ...dust([-23.5, 11]),
        ...dust([-22, 30]),
        reading([flagged('pm2_5', 2, 4, 'gross-range')], { time: after(-23 * HOUR) }),
        reading([pass('pm2_5', 4)], { time: after(0), site: site('elsewhere') }),
      ];
      for (const repair of repairs) await series.write([repair]);
      const repaired = async (of: TimeSeries): Promise<void> => {
        expect(await hoursOf(of)).toEqual([
          [-24, 2, 6],
          [-22, 1, 30],
          [0, 1, 4],
          [1, 1, 5],
          [30, 1, 6],
        ]);
        expect(await daysOf(of)).toEqual([
          [-1, 3, 14],
          [0, 2, 4.5],
          [1, 1, 6],
        ]);
        expect(
          (await buckets(of, { ...byHour, aggregate: 'last', sites: [site('elsewhere')] })).map(([time]) => time),
        ).toEqual([0]);
      };
      await repaired(series);
      const again = await place.open();
      await repaired(again);
      await again.rollUp();
      await repaired(again);
      await repaired(await place.open());
    },
  },
  {
    title: 'every aggregate over whole hours and days is that of the values themselves, whoever moved meanwhile',
    run: async (series) => {
      const values = Array.from({ length: 300 }, (_, n) =>
        reading([pass('pm2_5', (n * 37) % 101), flagged('no2', n % 7, n % 5 === 0 ? 3 : 1)], {
          site: site(n % 90 < 50 ? 'north' : 'south'),
          time: after((n - 150) * 25 * MINUTE),
        }),
      );
      await series.write(values);
      await series.rollUp();
      const span = { from: after(-63 * HOUR + 7 * MINUTE), to: after(61 * HOUR) };
      for (const everyMs of [HOUR, 5 * HOUR, DAY, 2 * DAY]) {
        for (const aggregate of aggregates) {
          for (const sites of [undefined, [site('south')]]) {
            const query = { ...span, everyMs, aggregate, ...(sites === undefined ? {} : { sites }) };
            // No value has failed: so a query that asks for failed ones too means the same, and no tier knows it.
            expect(await series.aggregate(query), `${aggregate} ${everyMs}`).toEqual(
              (await series.aggregate({ ...query, maxFlag: 4 })).map((bucket) => ({
                ...bucket,
                value: expect.closeTo(bucket.value, 9),
              })),
            );
          }
        }
      }
    },
  },
  {
    title: 'what the retention of raw takes stays in its hours and days; raw goes by whole hours',
    run: async (series, place) => {
      const values = dust([-30, 1], [-1.5, 2], [-1.4, 4], [0.25, 5], [0.75, 6]);
      await series.write(values);
      await series.prune(after(0.5 * HOUR));
      for (const open of [async () => series, () => place.open()]) {
        const of = await open();
        expect(await wholeRange(of)).toEqual(expected(...values.slice(3)));
        expect(await hoursOf(of)).toEqual([
          [-30, 1, 1],
          [-2, 2, 3],
          [0, 2, 5.5],
        ]);
        expect(await daysOf(of)).toEqual([
          [-1, 1, 1],
          [0, 4, 4.25],
        ]);
        expect(await buckets(of, { ...byHour, aggregate: 'max', everyMs: 5 * MINUTE })).toEqual([
          [0.25 * HOUR, 5, 1],
          [0.75 * HOUR, 6, 1],
        ]);
      }
    },
  },
  {
    title: 'hours have a retention of their own, and then days; none goes where a finer tier still is',
    run: async (series, place) => {
      await series.write(dust([-97, 0], [-49, 1], [-25, 2], [-23, 3], [0, 4]));
      await series.prune(after(0), 'hourly');
      await series.prune(after(0), 'daily');
      expect(await hoursOf(series)).toHaveLength(5);
      await series.prune(after(0));
      await series.prune(after(-20 * HOUR), 'hourly');
      await series.prune(after(-2 * DAY), 'daily');
      for (const open of [async () => series, () => place.open()]) {
        const of = await open();
        expect(await hoursOf(of)).toEqual([
          [-25, 1, 2],
          [-23, 1, 3],
          [0, 1, 4],
        ]);
        expect(await daysOf(of)).toEqual([
          [-2, 1, 1],
          [-1, 2, 2.5],
          [0, 1, 4],
        ]);
      }
    },
  },
  {
    title:
      'a value that comes when its hour has lost its raw values is kept, and changes nothing in the hour; one that is alone makes its own',
    run: async (series) => {
      await series.write(dust([-5, 10], [0, 1]));
      await series.prune(after(0));
      const late = dust([-4.75, 30], [-8, 7], [-7.5, 9]);
      for (const value of late) await series.write([value]);
      const made = [
        [-8, 2, 8],
        [-5, 1, 10],
        [0, 1, 1],
      ];
      expect(await wholeRange(series)).toEqual(expected(...late, ...dust([0, 1])));
      expect(await hoursOf(series)).toEqual(made);
      await series.rollUp();
      expect(await hoursOf(series)).toEqual(made);
      await series.prune(after(0));
      for (const value of dust([-7.75, 100])) await series.write([value]);
      expect(await hoursOf(series)).toEqual(made);
    },
  },
];
