import { expect } from 'vitest';
import { instant, type Instant, type JudgedReading } from '../../../device-profiles/vocabulary/index.ts';
import { after, DAY, device, HOUR, NOON, pass, reading } from '../../timeseries/readings.ts';
import { expected, wholeRange, type TimeSeriesCase } from './case.ts';

const utc = (text: string): Instant => instant(Date.parse(text));
const at = (time: Instant, value = 1): JudgedReading => reading([pass('pm2_5', value)], { time });
const everyHour = (from: Instant, hours: number): readonly JudgedReading[] =>
  Array.from({ length: hours }, (_, n) => at(instant(from + n * HOUR), n));
const ALL_MINUTES = (1n << 60n) - 1n;
const ALL_HOURS = (1 << 24) - 1;

/** Hours that are fuller than anybody expects, years without a word, and days that are no ordinary ones. */
export const calendarCases: readonly TimeSeriesCase[] = [
  {
    title: 'an hour of 3,600 values is one hour of all its minutes, and so it stays when one more comes late',
    run: async (series) => {
      const seconds = Array.from({ length: 3_600 }, (_, second) => at(after(second * 1_000), second % 60));
      await series.write([...seconds.toReversed(), at(after(2 * HOUR))]);
      const hour = async () =>
        (await series.hours({ from: NOON, to: after(HOUR), maxFlag: 2 })).map(
          ({ count, sum, mean, min, max, last, minutes }) => [count, sum, mean, min, max, last, minutes],
        );
      for (const when of ['at once', 'made']) {
        expect(await hour(), `answer ${when}`).toEqual([[3_600, 29.5 * 3_600, 29.5, 0, 59, 59, ALL_MINUTES]]);
        expect(
          await series.aggregate({ from: NOON, to: after(HOUR), everyMs: HOUR, aggregate: 'count', maxFlag: 2 }),
          `answer ${when}`,
        ).toMatchObject([{ value: 3_600, count: 3_600 }]);
        await series.rollUp();
      }
      await series.write([at(after(3_599_500), 99)]);
      for (const when of ['late', 'made again']) {
        // A minute of sixty values from 0 to 59, and one of 99 beside them.
        expect(await hour(), `answer ${when}`).toEqual([
          [
            3_601,
            29.5 * 3_600 + 99,
            expect.closeTo((59 * 29.5 + (29.5 * 60 + 99) / 61) / 60, 9),
            0,
            99,
            99,
            ALL_MINUTES,
          ],
        ]);
        await series.rollUp();
      }
      expect(await wholeRange(series, {}, 1_000)).toHaveLength(3_602);
    },
  },
  {
    title: 'a year in which nothing was said has no hours, no days and no latest; those around it are whole',
    run: async (series) => {
      await series.write([
        ...everyHour(utc('2024-12-31T20:00:00Z'), 4),
        ...everyHour(utc('2026-01-01T00:00:00Z'), 4),
        at(NOON),
      ]);
      const year = { from: utc('2025-01-01T00:00:00Z'), to: utc('2026-01-01T00:00:00Z'), maxFlag: 2 } as const;
      const around = { from: instant(year.from - DAY), to: instant(year.to + DAY), maxFlag: 2 } as const;
      for (const when of ['at once', 'made']) {
        expect([await series.hours(year), await series.days(year)], `answer ${when}`).toEqual([[], []]);
        for (const everyMs of [HOUR, DAY, 7 * DAY])
          expect(await series.aggregate({ ...year, everyMs, aggregate: 'sum' }), `answer ${when}`).toEqual([]);
        expect(
          (await series.days(around)).map(({ time, count, sum }) => [
            new Date(time).toISOString().slice(0, 10),
            count,
            sum,
          ]),
          `answer ${when}`,
        ).toEqual([
          ['2024-12-31', 4, 6],
          ['2026-01-01', 4, 6],
        ]);
        expect(
          await series.latest({ now: utc('2025-06-01T00:00:00Z'), quantities: ['no2'] }),
          `answer ${when}`,
        ).toEqual([]);
        await series.rollUp();
      }
    },
  },
  {
    title: 'a leap year has a day more, and the last moment before a leap second belongs to the old year',
    run: async (series) => {
      const [before, next] = [at(utc('2016-12-31T23:59:59.999Z'), 3), at(utc('2017-01-01T00:00:00.000Z'), 5)];
      await series.write([...everyHour(utc('2024-02-28T00:00:00Z'), 3 * 24), before, next, at(NOON)]);
      for (const when of ['at once', 'made']) {
        const days = await series.days({
          from: utc('2024-02-01T00:00:00Z'),
          to: utc('2024-03-02T00:00:00Z'),
          maxFlag: 2,
        });
        expect(
          days.map(({ time, hours }) => [new Date(time).toISOString().slice(0, 10), hours]),
          `answer ${when}`,
        ).toEqual(['2024-02-28', '2024-02-29', '2024-03-01'].map((day) => [day, ALL_HOURS]));
        const turn = { from: utc('2016-12-31T00:00:00Z'), to: utc('2017-01-02T00:00:00Z'), maxFlag: 2 } as const;
        expect(
          (await series.hours(turn)).map(({ time, last, minutes }) => [new Date(time).toISOString(), last, minutes]),
          `answer ${when}`,
        ).toEqual([
          ['2016-12-31T23:00:00.000Z', 3, 1n << 59n],
          ['2017-01-01T00:00:00.000Z', 5, 1n],
        ]);
        expect(
          (await series.days(turn)).map(({ last }) => last),
          `answer ${when}`,
        ).toEqual([3, 5]);
        await series.rollUp();
      }
    },
  },
  {
    title: 'days on which clocks in the street change have 24 hours like all others',
    run: async (series) => {
      const changes = ['2026-03-29', '2026-10-25'];
      await series.write([...changes.flatMap((day) => everyHour(utc(`${day}T00:00:00Z`), 24)), at(NOON)]);
      for (const when of ['at once', 'made']) {
        for (const day of changes) {
          const span = {
            from: utc(`${day}T00:00:00Z`),
            to: instant(utc(`${day}T00:00:00Z`) + DAY),
            maxFlag: 2,
          } as const;
          expect(
            (await series.hours(span)).map(({ sum }) => sum),
            `answer ${when}`,
          ).toEqual(Array.from({ length: 24 }, (_, n) => n));
          expect(await series.days(span), `answer ${when}`).toMatchObject([
            { count: 24, mean: 11.5, hours: ALL_HOURS },
          ]);
        }
        await series.rollUp();
      }
    },
  },
  {
    title: 'times around 1970 and before it have hours and days as all others',
    run: async (series) => {
      const all = [at(instant(-DAY - 1), 1), at(instant(-1), 2), at(instant(0), 3), at(instant(HOUR), 4)];
      await series.write([...all, at(NOON)]);
      for (const when of ['at once', 'made']) {
        const span = { from: instant(-2 * DAY), to: instant(DAY), maxFlag: 2 } as const;
        expect(
          (await series.hours(span)).map(({ time, last, minutes }) => [time / HOUR, last, minutes]),
          `answer ${when}`,
        ).toEqual([
          [-25, 1, 1n << 59n],
          [-1, 2, 1n << 59n],
          [0, 3, 1n],
          [1, 4, 1n],
        ]);
        expect(
          (await series.days(span)).map(({ time, count, sum }) => [time / DAY, count, sum]),
          `answer ${when}`,
        ).toEqual([
          [-2, 1, 1],
          [-1, 1, 2],
          [0, 2, 7],
        ]);
        expect(await wholeRange(series, { to: instant(DAY) }), `answer ${when}`).toEqual(expected(...all));
        await series.rollUp();
      }
    },
  },
  {
    title: 'what another device says late touches no hour but its own',
    run: async (series) => {
      const two = (hour: number, value: number): JudgedReading =>
        reading([pass('pm2_5', value)], { device: device(2), time: after(hour * HOUR) });
      await series.write([...everyHour(after(-30 * HOUR), 40), two(-30, 1), two(9, 2)]);
      await series.rollUp();
      await series.write([two(-20, 7)]);
      const query = {
        from: after(-36 * HOUR),
        to: after(12 * HOUR),
        everyMs: DAY,
        aggregate: 'sum',
        maxFlag: 2,
      } as const;
      for (const when of ['at once', 'made again']) {
        const found = await series.aggregate(query);
        expect(
          found.map(({ device, time, value }) => [device, (time - NOON) / HOUR, value]),
          `answer ${when}`,
        ).toEqual([
          [device(1), -36, 153],
          [device(1), -12, 627],
          [device(2), -36, 8],
          [device(2), -12, 2],
        ]);
        await series.rollUp();
      }
    },
  },
];
