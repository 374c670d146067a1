import { expect } from 'vitest';
import { after, DAY, device, flagged, HOUR, MINUTE, NOON, pass, reading, site } from '../../timeseries/readings.ts';
import { buckets, expected, latest, newest, wholeRange, type TimeSeriesCase } from './case.ts';

/** What was never said goes, and nothing else with it. */
export const withdrawingCases: readonly TimeSeriesCase[] = [
  {
    title: 'a value that is withdrawn is in no answer any more, also after a restart',
    run: async (series, place) => {
      const [before, wrong] = [reading([pass('no2', 20)], { time: after(-MINUTE) }), reading([pass('no2', 30)])];
      await series.write([before, wrong]);
      expect(await latest(series)).toEqual(newest(wrong));
      await series.withdraw([{ device: device(1), time: NOON, quantities: ['no2'] }]);
      expect(await wholeRange(series)).toEqual(expected(before));
      expect(await latest(series)).toEqual(newest(before));
      const again = await place.open();
      expect(await wholeRange(again)).toEqual(expected(before));
      expect(await latest(again)).toEqual(newest(before));
      expect(await buckets(again, { aggregate: 'count', maxFlag: 4 })).toEqual([]);
    },
  },
  {
    title: 'the other quantities of its time stay, and what was withdrawn can be written again',
    run: async (series) => {
      const all = reading([pass('no2', 30), pass('o3', 40), flagged('pm2_5', 6000, 4, 'gross-range')]);
      const others = reading([pass('o3', 41), pass('temperature', 4)], { device: device(2) });
      await series.write([all, others]);
      await series.withdraw([
        { device: device(1), time: NOON, quantities: ['no2', 'pm2_5', 'laeq'] },
        { device: device(2), time: after(1), quantities: ['o3'] },
      ]);
      expect(await wholeRange(series)).toEqual(expected(reading([pass('o3', 40)]), others));
      expect(await buckets(series, { aggregate: 'mean', maxFlag: 4 })).toEqual([
        [0, 40, 1],
        [0, 41, 1],
        [0, 4, 1],
      ]);
      const again = reading([pass('no2', 31)]);
      await series.write([again]);
      expect(await wholeRange(series)).toEqual(expected(reading([pass('no2', 31), pass('o3', 40)]), others));
    },
  },
  {
    title: 'to withdraw twice, or what was never there, changes nothing',
    run: async (series) => {
      const kept = reading([pass('no2', 30)]);
      await series.write([kept, reading([pass('no2', 31)], { time: after(MINUTE) })]);
      const withdrawal = { device: device(1), time: after(MINUTE), quantities: ['no2'] } as const;
      for (const values of [
        [withdrawal],
        [withdrawal],
        [{ ...withdrawal, time: after(DAY) }],
        [{ ...withdrawal, device: device(7) }],
        [],
      ])
        await series.withdraw(values);
      expect(await wholeRange(series)).toEqual(expected(kept));
      expect(await latest(series)).toEqual(newest(kept));
    },
  },
  {
    title: 'what is withdrawn of an earlier day leaves the newest value what it was, also after a restart',
    run: async (series, place) => {
      const now = reading([pass('no2', 2)]);
      await series.write([reading([pass('no2', 1)], { time: after(-2 * DAY) }), now]);
      await series.withdraw([{ device: device(1), time: after(-2 * DAY), quantities: ['no2'] }]);
      expect(await latest(series)).toEqual(newest(now));
      expect(await latest(await place.open())).toEqual(newest(now));
    },
  },
  {
    title: 'what is said after it has been withdrawn is the newest, and what is said of an earlier time is not',
    run: async (series) => {
      await series.write([reading([pass('no2', 1)], { time: after(-2 * DAY) }), reading([pass('no2', 2)])]);
      await series.withdraw([{ device: device(1), time: NOON, quantities: ['no2'] }]);
      const late = reading([pass('no2', 3)], { time: after(-DAY) });
      await series.write([late]);
      expect(await latest(series)).toEqual(newest(late));
      const now = reading([pass('no2', 4)], { time: after(MINUTE) });
      await series.write([now]);
      expect(await latest(series)).toEqual(newest(now));
    },
  },
  {
    title: 'hours and days that were made already lose what is withdrawn',
    run: async (series) => {
      await series.write(
        [0, 1, 2, 30].map((minute) => reading([pass('no2', minute)], { time: after(minute * MINUTE) })),
      );
      await series.write([reading([pass('no2', 9)], { time: after(2 * DAY) })]);
      await series.rollUp();
      await series.withdraw(
        [0, 30].map((minute) => ({ device: device(1), time: after(minute * MINUTE), quantities: ['no2'] as const })),
      );
      const hour = { from: NOON, to: after(HOUR), maxFlag: 2 } as const;
      for (const when of ['at once', 'made again']) {
        expect(
          (await series.hours(hour)).map(({ count, sum }) => [count, sum]),
          `hours ${when}`,
        ).toEqual([[2, 3]]);
        expect(
          (await series.days({ ...hour, from: after(-12 * HOUR) })).map(({ count, sum }) => [count, sum]),
          `hours ${when}`,
        ).toEqual([[2, 3]]);
        await series.rollUp();
      }
      await series.withdraw(
        [1, 2].map((minute) => ({ device: device(1), time: after(minute * MINUTE), quantities: ['no2'] as const })),
      );
      for (const when of ['at once', 'made again']) {
        expect(await series.hours(hour), `hours ${when}`).toEqual([]);
        expect(await series.days({ ...hour, from: after(-12 * HOUR) }), `hours ${when}`).toEqual([]);
        await series.rollUp();
      }
    },
  },
  {
    title: 'a value that was said of two sites is gone from both when it is withdrawn',
    run: async (series) => {
      await series.write([reading([pass('no2', 5)], { site: site('north') })]);
      await series.write([reading([pass('no2', 5)], { site: site('south') })]);
      await series.withdraw([{ device: device(1), time: NOON, quantities: ['no2'] }]);
      expect(await wholeRange(series)).toEqual([]);
      expect(await latest(series)).toEqual([]);
      expect(await buckets(series, { aggregate: 'count' })).toEqual([]);
    },
  },
];
