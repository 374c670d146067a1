import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBuckets } from '../../gateway/lorawan/buckets.ts';

describe('buckets', () => {
  it('give no more than what was there and what came since, and whoever stays below gets all', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 5 }))), (steps) => {
        const buckets = openBuckets({ perSecond: 10, burst: 5 });
        let now = 0;
        let sum = 0;
        for (const [ms, cost] of steps) {
          now += ms;
          const there = buckets.has('a', now, cost);
          expect(buckets.take('a', now, cost)).toBe(there);
          if (there) sum += cost;
          expect(sum).toBeLessThanOrEqual(5 + now / 100 + 1e-6);
        }
        taken += sum;
        const steady = openBuckets({ perSecond: 10, burst: 5 });
        expect(steps.every((_, n) => steady.take('a', n * 100))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
    expect(taken).toBeGreaterThan(1_000);
  });

  it('are one for each key, take nothing when there is too little, and lose nothing to a clock that stands', () => {
    const buckets = openBuckets({ perSecond: 1, burst: 3 });
    expect([buckets.take('a', 0, 2), buckets.take('a', 0, 2), buckets.take('a', 0, 1), buckets.take('a', 0)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([
      buckets.take('b', 0, 3),
      buckets.has('a', 999),
      buckets.has('a', 1_000),
      buckets.has('a', 1_000, 2),
    ]).toEqual([true, false, true, false]);
    expect([buckets.take('a', 60_000, 3), buckets.take('a', 60_000)]).toEqual([true, false]);
  });
});
