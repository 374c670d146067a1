import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import {
  dayMaxima,
  dayMeans,
  hourMeans,
  quarterMeans,
  runningMeans,
  yearMeans,
  type Expected,
  type Mean,
} from '../../infra/averages/means.ts';
import { percentile } from '../../infra/averages/percentile.ts';
import { QUARTER_MS } from '../../infra/averages/periods.ts';
import { summaryOf } from '../../infra/averages/summary.ts';
import { HOUR_MS, hoursOf, MINUTE_MS, type Sample } from '../../infra/timeseries/hours.ts';

/** Midnight of a leap year. */
const start = instant(Date.UTC(2024, 0, 1));
const minutely: Expected = { everyMs: MINUTE_MS, hourCapture: 0.75 };
const hour = (n: number): Instant => instant(start + n * HOUR_MS);
const mean = (n: number, value = 10, valid = true): Mean => ({
  time: hour(n),
  value,
  capture: valid ? 1 : 0.5,
  valid,
  count: 60,
});
const meansOf = (samples: readonly Sample[], expected = minutely): readonly Mean[] =>
  hourMeans(hoursOf(samples.toSorted((a, b) => a.time - b.time)), expected);
const minutes = (n: number, value = 10): Sample[] =>
  Array.from({ length: n }, (_, i) => ({ time: instant(start + i * MINUTE_MS), value }));
const atOne = (means: readonly Mean[], time: Instant): Mean | undefined => means.find((each) => each.time === time);

describe('an hour', () => {
  test('counts with 45 of its 60 minutes and not with 44', () => {
    expect(meansOf(minutes(45))).toMatchObject([{ capture: 0.75, valid: true, count: 45 }]);
    expect(meansOf(minutes(44))).toMatchObject([{ value: 10, valid: false, count: 44 }]);
  });

  test('of 3,600 values is one hour, whole, and weighs each minute alike', () => {
    const seconds = Array.from({ length: 3_600 }, (_, i) => ({
      time: instant(start + i * 1_000),
      value: i < 60 ? 70 : 10,
    }));
    expect(meansOf(seconds)).toMatchObject([{ value: 11, capture: 1, valid: true, count: 3_600 }]);
  });

  test('may be below zero: what a cell reads near its zero is not cut off', () => {
    expect(meansOf(minutes(60, -3))).toMatchObject([{ value: -3, valid: true }]);
  });
});

describe('a quarter of an hour', () => {
  const quarters = (at: readonly number[], everyMs: number): readonly Mean[] => {
    const stats = hoursOf(at.map((minute) => ({ time: instant(start + minute * MINUTE_MS), value: 1 })));
    return quarterMeans(
      stats.map((each) => ({ ...each, time: instant(start + 15 * MINUTE_MS) })),
      { ...minutely, everyMs },
    );
  };

  test('needs 12 of 15 minutes, or its one value of a device that speaks each ten or fifteen', () => {
    const twelve = Array.from({ length: 12 }, (_, i) => 15 + i);
    expect(quarters(twelve, MINUTE_MS)).toMatchObject([{ capture: 0.8, valid: true }]);
    expect(quarters(twelve.slice(1), MINUTE_MS)).toMatchObject([{ valid: false }]);
    for (const every of [10, 15])
      expect(quarters([20], every * MINUTE_MS)).toMatchObject([{ capture: 1, valid: true }]);
  });

  test('is never valid of a device that speaks once an hour', () => {
    expect(quarters([20], HOUR_MS)).toMatchObject([{ capture: QUARTER_MS / HOUR_MS, valid: false }]);
  });
});

describe('a running mean', () => {
  test('is named by its last hour, and needs 6 of 8 or 18 of 24 hours', () => {
    const six = [0, 1, 2, 3, 4, 5].map((n) => mean(n, n));
    expect(atOne(runningMeans(six, 8), hour(5))).toEqual({
      time: hour(5),
      value: 2.5,
      capture: 0.75,
      valid: true,
      count: 6,
    });
    expect(atOne(runningMeans(six, 8), hour(7))).toMatchObject({ valid: true, count: 6 });
    expect(atOne(runningMeans(six, 8), hour(8))).toMatchObject({ value: 3, valid: false, count: 5 });
    expect(atOne(runningMeans(six, 8), hour(13))).toBeUndefined();
    const day = Array.from({ length: 18 }, (_, n) => mean(n));
    expect(atOne(runningMeans(day, 24), hour(17))).toMatchObject({ capture: 0.75, valid: true });
    expect(atOne(runningMeans(day.slice(1), 24), hour(17))).toMatchObject({ valid: false, count: 17 });
  });

  test('leaves out hours of which too little was measured', () => {
    expect(atOne(runningMeans([mean(0, 10), mean(1, 99, false)], 8), hour(1))).toMatchObject({ value: 10, count: 1 });
    expect(runningMeans([mean(0, 10, false)], 8)).toEqual([]);
  });

  test('belongs to the day in which it ends: the one from 17:00 to 01:00 to the later day', () => {
    // High until 20:00; the 8 hours to 01:00 still hold three of them.
    const hours = Array.from({ length: 48 }, (_, n) => mean(n, n < 20 ? 80 : 0));
    const [first, second] = dayMaxima(runningMeans(hours, 8));
    expect(first).toMatchObject({ time: hour(0), value: 80 });
    expect(second).toMatchObject({ time: hour(24), value: 30, count: 24, capture: 1 });
  });
});

describe('a day and a year', () => {
  test('are of GMT, by their valid hours', () => {
    const [day, next] = dayMeans(Array.from({ length: 30 }, (_, n) => mean(n, n)));
    expect(day).toEqual({ time: hour(0), value: 11.5, capture: 1, valid: true, count: 24 });
    expect(next).toEqual({ time: hour(24), value: 26.5, capture: 0.25, valid: false, count: 6 });
    expect(dayMaxima([mean(3, 7), mean(4, 9), mean(5, 99, false)])).toMatchObject([
      { value: 9, count: 2, valid: false },
    ]);
  });

  test('a leap year has 8,784 hours, and 6,588 of them are enough', () => {
    const hours = Array.from({ length: 6_588 }, (_, n) => mean(n, n % 2));
    expect(yearMeans(hours)).toEqual([{ time: start, value: 0.5, capture: 0.75, valid: true, count: 6_588 }]);
    expect(yearMeans(hours.slice(1))).toMatchObject([{ valid: false }]);
  });

  test('an empty year has no mean, and its summary says nothing but that', () => {
    expect([yearMeans([]), dayMeans([]), dayMaxima([]), runningMeans([], 24)]).toEqual([[], [], [], []]);
    const summary = summaryOf([], { from: start, to: hour(8_784) });
    expect(summary).toMatchObject({
      mean: null,
      min: null,
      max: null,
      maxAt: null,
      count: 0,
      capture: 0,
      valid: false,
    });
    expect(Object.values(summary.percentiles)).toEqual([null, null, null, null]);
  });
});

describe('a summary', () => {
  test('has mean, bounds, percentiles and capture of the valid hours in its span', () => {
    const hours = [...Array.from({ length: 101 }, (_, n) => mean(n, n)), mean(101, 5_000, false), mean(200, 900)];
    expect(summaryOf(hours, { from: start, to: hour(120) })).toEqual({
      time: start,
      to: hour(120),
      mean: 50,
      min: 0,
      max: 100,
      maxAt: hour(100),
      percentiles: { p50: 50, p90: 90, p98: 98, p99_8: 99.8 },
      count: 101,
      capture: 101 / 120,
      valid: true,
    });
  });

  test('interpolates between ranks as R, openair and spreadsheets do', () => {
    expect([0, 25, 50, 75, 100].map((percent) => percentile([4, 1, 3, 2], percent))).toEqual([1, 1.75, 2.5, 3.25, 4]);
    expect(percentile([7], 99.8)).toBe(7);
    expect(percentile([], 50)).toBeUndefined();
  });
});

/** Values of three days, at any second. */
const anySamples = fc
  .array(
    fc.record({
      second: fc.integer({ min: 0, max: 3 * 86_400 - 1 }),
      value: fc.double({ min: -50, max: 1_000, noNaN: true }),
    }),
    { minLength: 1, maxLength: 300 },
  )
  .map((all): Sample[] => all.map(({ second, value }) => ({ time: instant(start + second * 1_000), value })));
const everyTen: Expected = { everyMs: 10 * MINUTE_MS, hourCapture: 0.75 };
/** A device that is mostly heard: enough for valid hours and means, with gaps. */
const steady = fc
  .array(fc.boolean(), { minLength: 72 * 6, maxLength: 72 * 6 })
  .chain((heard) =>
    fc
      .integer({ min: 0, max: 71 })
      .map((gap): Sample[] =>
        heard.flatMap((is, i) =>
          Math.floor(i / 6) === gap || (!is && i % 5 === 0)
            ? []
            : [{ time: instant(start + i * 10 * MINUTE_MS), value: i % 37 }],
        ),
      ),
  );
const allOf = (samples: readonly Sample[]): { name: string; means: readonly Mean[] }[] => {
  const hours = meansOf(samples, everyTen);
  const [eight, whole] = [runningMeans(hours, 8), runningMeans(hours, 24)];
  return [
    { name: '1h', means: hours },
    { name: '8h', means: eight },
    { name: '24h', means: whole },
    { name: 'day', means: dayMeans(hours) },
    { name: 'day-max', means: dayMaxima(hours) },
    { name: 'day-max-8h', means: dayMaxima(eight) },
    { name: 'year', means: yearMeans(hours) },
  ];
};
/** How far after its own hour a value reaches, in hours, by the name of the mean; days and years hold all of it. */
const reach = new Map([
  ['1h', 0],
  ['8h', 7],
  ['24h', 23],
]);

describe('whatever comes', () => {
  test('the order of arrival is irrelevant', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        anySamples.chain((samples) =>
          fc.tuple(fc.constant(samples), fc.shuffledSubarray(samples, { minLength: samples.length })),
        ),
        ([samples, shuffled]) => {
          // Of two values at the same time the store keeps one; here the time alone tells values apart.
          const once = (all: readonly Sample[]): Sample[] => [
            ...new Map(all.toSorted((a, b) => a.value - b.value).map((each) => [each.time, each])).values(),
          ];
          expect(allOf(once(shuffled))).toEqual(allOf(once(samples)));
          compared += 1;
        },
      ),
    );
    expect(compared).toBeGreaterThan(90);
  });

  test('a late value changes only the means that it touches', () => {
    let [same, changed] = [0, 0];
    fc.assert(
      fc.property(steady, fc.integer({ min: 0, max: 71 }), (samples, lateHour) => {
        const late = { time: instant(hour(lateHour) + 65_000), value: 500 };
        const after = new Map(allOf([...samples, late]).map(({ name, means }) => [name, means]));
        for (const { name, means } of allOf(samples)) {
          const hours = reach.get(name);
          if (hours === undefined) continue;
          const touched = (time: Instant): boolean => time >= hour(lateHour) && time <= hour(lateHour + hours);
          const untouched = (all: readonly Mean[]): Mean[] => all.filter(({ time }) => !touched(time));
          expect(untouched(after.get(name) ?? [])).toEqual(untouched(means));
          same += untouched(means).length;
          if (JSON.stringify(after.get(name)) !== JSON.stringify(means)) changed += 1;
        }
        const days = after.get('day') ?? [];
        const day = Math.floor(lateHour / 24);
        for (const each of dayMeans(meansOf(samples, everyTen)).filter(({ time }) => time !== hour(day * 24)))
          expect(atOne(days, each.time)).toEqual(each);
      }),
    );
    expect(same).toBeGreaterThan(1_000);
    expect(changed).toBeGreaterThan(50);
  });

  test('more values never mean less capture, nor a valid mean that is valid no more', () => {
    let compared = 0;
    fc.assert(
      fc.property(steady, anySamples, (samples, more) => {
        const after = new Map(allOf([...samples, ...more]).map(({ name, means }) => [name, means]));
        for (const { name, means } of allOf(samples)) {
          const later = new Map((after.get(name) ?? []).map((each) => [each.time, each]));
          for (const before of means) {
            const now = later.get(before.time);
            expect(now === undefined ? -1 : now.capture).toBeGreaterThanOrEqual(before.capture);
            expect(before.valid && now?.valid !== true).toBe(false);
            compared += 1;
          }
        }
      }),
      { numRuns: 50 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  test('no mean is not a number, lies beyond what was measured, or captures less than nothing or more than all', () => {
    let seen = 0;
    fc.assert(
      fc.property(anySamples, (samples) => {
        const values = samples.map(({ value }) => value);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        for (const { means } of allOf(samples)) {
          for (const { value, capture, count } of means) {
            expect(value >= low - 1e-9 && value <= high + 1e-9 && capture > 0 && capture <= 1 && count >= 1).toBe(true);
            seen += 1;
          }
        }
      }),
    );
    expect(seen).toBeGreaterThan(200);
  });
});
