import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { captureOf, HOUR_MS, hourOf, hoursOf, MINUTE_MS, type Sample } from '../../infra/timeseries/hours.ts';

const start = Date.UTC(2021, 0, 25, 6);
const samples = (all: readonly (readonly [minute: number, value: number])[]): Sample[] =>
  all.map(([minute, value]) => ({ time: instant(start + minute * MINUTE_MS), value }));

describe('an hour of a datastream', () => {
  test('is the mean of its minutes: six values in one minute weigh as much as one in the next', () => {
    const [hour, next] = hoursOf(
      samples([...[0, 1, 2, 3, 4, 5].map((n): [number, number] => [n / 6, 12]), [1, 6], [59.9, 3], [60, 100]]),
    );
    expect(hour).toEqual({
      time: start,
      count: 8,
      sum: 81,
      mean: (12 + 6 + 3) / 3,
      min: 3,
      max: 12,
      last: 3,
      minutes: 0b11n | (1n << 59n),
    });
    expect(next).toMatchObject({ time: start + HOUR_MS, count: 1, mean: 100, minutes: 1n });
  });

  test('captures what the device should have said: 45 of 60 minutes, 3 of 4 quarters, one of one', () => {
    const [minutely] = hoursOf(samples(Array.from({ length: 45 }, (_, n): [number, number] => [n, 1])));
    const [quarterly] = hoursOf(
      samples([
        [1, 1],
        [16, 1],
        [44.9, 1],
      ]),
    );
    const [once] = hoursOf(samples([[59, 1]]));
    if (minutely === undefined || quarterly === undefined || once === undefined) throw new Error('three hours');
    expect([captureOf(minutely, 10_000), captureOf(minutely, 60_000), captureOf(quarterly, 15 * MINUTE_MS)]).toEqual([
      0.75, 0.75, 0.75,
    ]);
    expect([HOUR_MS, 24 * HOUR_MS].map((everyMs) => captureOf(once, everyMs))).toEqual([1, 1]);
    expect(captureOf(once, 7 * MINUTE_MS)).toBe(1 / 8);
  });

  test('whatever is said, hours hold all values once, in order, with a mean within their bounds and a share of 0 to 1', () => {
    let hours = 0;
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.double({ min: -300, max: 600, noNaN: true }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
          { maxLength: 200 },
        ),
        fc.integer({ min: 1, max: 2 * HOUR_MS }),
        (all, everyMs) => {
          const sorted = samples(all.toSorted(([a], [b]) => a - b));
          const found = hoursOf(sorted);
          hours += found.length;
          expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(sorted.length);
          expect(found.map(({ time }) => time)).toEqual([...new Set(sorted.map(({ time }) => hourOf(time)))]);
          for (const hour of found) {
            expect(hour.mean).toBeGreaterThanOrEqual(hour.min - 1e-6);
            expect(hour.mean).toBeLessThanOrEqual(hour.max + 1e-6);
            const capture = captureOf(hour, everyMs);
            expect(capture > 0 && capture <= 1).toBe(true);
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(hours).toBeGreaterThan(100);
  });
});
