import { expect } from 'vitest';
import { type Aggregate } from '../../../infra/timeseries/contract.ts';
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
import { buckets, expected, latest, wholeRange, type TimeSeriesCase } from './case.ts';

const [first, second] = [device(1), device(2)];

/** Values by interval, and what retention takes. */
export const aggregatingCases: readonly TimeSeriesCase[] = [
  {
    title: 'means, least, most, sums, counts and last values are by interval',
    run: async (series) => {
      const values = [4, 1, 7, 2.5, -3, 10];
      await series.write(
        values.map((value, n) =>
          reading([pass('temperature', value), pass('pm2_5', value * 2)], { time: after(n * 20 * MINUTE) }),
        ),
      );
      const found = async (aggregate: Aggregate) =>
        (await buckets(series, { aggregate, quantities: ['temperature'], to: after(2 * HOUR) })).map(
          ([, value]) => value,
        );
      expect(await found('mean')).toEqual([4, expect.closeTo(9.5 / 3, 9)]);
      expect(await found('min')).toEqual([1, -3]);
      expect(await found('max')).toEqual([7, 10]);
      expect(await found('sum')).toEqual([12, 9.5]);
      expect(await found('count')).toEqual([3, 3]);
      expect(await found('last')).toEqual([7, 10]);
    },
  },
  {
    title: 'intervals begin at whole multiples since 1970, wherever the query does, and readings may come in any order',
    run: async (series) => {
      const minutes = [50, 10, 70, 30, 20];
      for (const minute of minutes)
        await series.write([reading([pass('pm2_5', minute)], { time: after(minute * MINUTE) })]);
      expect(await buckets(series, { aggregate: 'sum', from: after(15 * MINUTE), to: after(65 * MINUTE) })).toEqual([
        [0, 100, 3],
      ]);
      expect(
        await buckets(series, { aggregate: 'last', everyMs: 7 * MINUTE, from: after(0), to: after(2 * HOUR) }),
      ).toEqual(
        [10, 20, 30, 50, 70].map((minute) => [
          Math.floor(after(minute * MINUTE) / (7 * MINUTE)) * 7 * MINUTE - NOON,
          minute,
          1,
        ]),
      );
    },
  },
  {
    title: 'each device and quantity has its own intervals, in order; an interval without values is not there',
    run: async (series) => {
      await series.write([
        reading([pass('pm2_5', 1), pass('pm10', 2)], { device: second }),
        reading([pass('pm2_5', 3)], { time: after(3 * HOUR) }),
        reading([pass('no2', 4), pass('pm2_5', 5)]),
      ]);
      const found = await series.aggregate({ from: NOON, to: after(4 * HOUR), everyMs: HOUR, aggregate: 'mean' });
      expect(found).toEqual([
        { device: first, quantity: 'no2', time: NOON, value: 4, count: 1 },
        { device: first, quantity: 'pm2_5', time: NOON, value: 5, count: 1 },
        { device: first, quantity: 'pm2_5', time: after(3 * HOUR), value: 3, count: 1 },
        { device: second, quantity: 'pm10', time: NOON, value: 2, count: 1 },
        { device: second, quantity: 'pm2_5', time: NOON, value: 1, count: 1 },
      ]);
    },
  },
  {
    title: 'absent values take no part in a mean, and failed ones only when they are asked for',
    run: async (series) => {
      const values = [
        pass('pm2_5', 10),
        flagged('pm2_5', 20, 2),
        flagged('pm2_5', 30, 3, 'device-time'),
        flagged('pm2_5', 9000, 4, 'gross-range'),
        gone('pm2_5', 'missing'),
      ];
      await series.write(values.map((value, minute) => reading([value], { time: after(minute * MINUTE) })));
      expect(await buckets(series, { aggregate: 'mean' })).toEqual([[0, 20, 3]]);
      expect(await buckets(series, { aggregate: 'mean', maxFlag: 1 })).toEqual([[0, 10, 1]]);
      expect(await buckets(series, { aggregate: 'sum', maxFlag: 2 })).toEqual([[0, 30, 2]]);
      expect(await buckets(series, { aggregate: 'max', maxFlag: 4 })).toEqual([[0, 9000, 4]]);
    },
  },
  {
    title: 'a device that moves within an hour is counted where it was',
    run: async (series) => {
      await series.write([
        reading([pass('footfall_in', 3)], { site: site('north') }),
        reading([pass('footfall_in', 4)], { site: site('south'), time: after(10 * MINUTE) }),
        reading([pass('footfall_in', 5)], { site: site('south'), time: after(70 * MINUTE) }),
      ]);
      const sum = { aggregate: 'sum', to: after(2 * HOUR) } as const;
      expect(await buckets(series, sum)).toEqual([
        [0, 7, 2],
        [HOUR, 5, 1],
      ]);
      expect(await buckets(series, { ...sum, sites: [site('south')] })).toEqual([
        [0, 4, 1],
        [HOUR, 5, 1],
      ]);
      expect(await buckets(series, { ...sum, sites: [site('north')] })).toEqual([[0, 3, 1]]);
      expect(await buckets(series, { ...sum, devices: [] })).toEqual([]);
    },
  },
  {
    title: 'what is older than the retention goes, and what is not stays',
    run: async (series, { tells }) => {
      const readings = Array.from({ length: 50 }, (_, n) =>
        reading([pass('pm2_5', n), pass('temperature', n)], { device: device(n % 3), time: after((n - 25) * MINUTE) }),
      );
      await series.write(readings);
      const gone = await series.prune(NOON);
      if (tells) expect(gone).toBe(25);
      expect(await wholeRange(series)).toEqual(expected(...readings.slice(25)));
      await series.prune(after(DAY));
      expect(await wholeRange(series)).toEqual([]);
      expect(await latest(series)).toEqual([]);
      await series.write(readings.slice(0, 1));
      expect(await wholeRange(series)).toEqual(expected(...readings.slice(0, 1)));
    },
  },
];
