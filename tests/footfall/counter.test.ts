import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sample } from '../../infra/footfall/count.ts';
import { deltasOf } from '../../infra/footfall/counter.ts';
import { countsOf } from '../../infra/footfall/stream.ts';
import { HOUR, MINUTE, rules, samples } from './streams.ts';

const begin = '2026-01-15T08:00:00Z';
const deltas = (all: readonly (readonly [hour: number, value: number])[], how = rules()) =>
  deltasOf(samples(begin, all), how);
const said = (all: readonly (readonly [hour: number, value: number])[], how = rules()) =>
  deltas(all, how).deltas.map(({ passages, doubt }) => (doubt === undefined ? passages : [passages, doubt]));

describe('a running total', () => {
  test('counts what it rose by', () => {
    expect(
      said([
        [0, 18],
        [1, 22],
        [2, 22],
        [3, 400],
      ]),
    ).toEqual([4, 0, 378]);
  });

  test('begins again at 65,536 and at 4,294,967,296, by its width', () => {
    expect(
      said([
        [0, 65_500],
        [1, 30],
      ]),
    ).toEqual([66]);
    expect(
      said(
        [
          [0, 4_294_967_290],
          [1, 4],
        ],
        rules({ bits: 32 }),
      ),
    ).toEqual([10]);
  });

  test('that falls to nothing from the middle of its range was reset: what it shows is what passed since, in doubt', () => {
    expect(
      said([
        [0, 3_000],
        [1, 40],
      ]),
    ).toEqual([[40, 'reset']]);
  });

  test('that falls near its end, to more than can have passed, was reset too', () => {
    expect(
      said([
        [0, 60_000],
        [1, 6_000],
      ]),
    ).toEqual([[6_000, 'reset']]);
    // Four thousand and forty can have passed: that is a roll-over.
    expect(
      said([
        [0, 61_536],
        [1, 40],
      ]),
    ).toEqual([4_040]);
  });

  test('that falls from low in its range was reset, however much can have passed in a long silence', () => {
    expect(
      said([
        [0, 20_000],
        [5, 40],
      ]),
    ).toEqual([[40, 'reset']]);
  });

  test('of which nobody knows the width never rolls over', () => {
    expect(
      said(
        [
          [0, 65_500],
          [1, 30],
        ],
        rules({ bits: undefined }),
      ),
    ).toEqual([[30, 'reset']]);
  });

  test('that may have rolled over in a long silence says so', () => {
    expect(
      said([
        [0, 100],
        [10, 300],
      ]),
    ).toEqual([[200, 'rollover-unseen']]);
    expect(
      said(
        [
          [0, 100],
          [10, 300],
        ],
        rules({ bits: 32 }),
      ),
    ).toEqual([200]);
  });

  test('one reading that the next contradicts is left out, and said to be', () => {
    expect(
      deltas([
        [0, 100],
        [1, 60_000],
        [2, 130],
        [3, 140],
      ]),
    ).toMatchObject({ deltas: [{ passages: 30 }, { passages: 10 }], leftOut: 1 });
  });

  test('a level that jumps and stays is another counter: the jump is told and never counted as people', () => {
    expect(
      said([
        [0, 100],
        [1, 40_000],
        [2, 40_010],
      ]),
    ).toEqual([[39_900, 'too-fast'], 10]);
    expect(
      said([
        [0, 50_000],
        [1, 40_000],
        [2, 40_010],
      ]),
    ).toEqual([[40_000, 'too-fast'], 10]);
    expect(
      said([
        [0, 100],
        [1, 40_000],
      ]),
    ).toEqual([[39_900, 'too-fast']]);
  });

  test('repeats and late frames change nothing', () => {
    const [a, b, c] = [
      [0, 10],
      [1, 25],
      [2, 31],
    ] as const;
    expect(said([c, a, a, b, c, a])).toEqual(said([a, b, c]));
  });

  test('what is no number of passages is left out', () => {
    expect(
      said([
        [0, 10],
        [1, Number.NaN],
        [2, -5],
        [3, 10.5],
        [4, Infinity],
        [5, 12],
      ]),
    ).toEqual([2]);
  });
});

/** A true series: passages minute by minute, read by a counter of that width at some minutes, from some start. */
const truth = fc.record({
  bits: fc.constantFrom(16, 32),
  start: fc.oneof(
    fc.nat(),
    fc.integer({ min: 65_000, max: 65_535 }),
    fc.integer({ min: 4_294_960_000, max: 4_294_967_295 }),
  ),
  // At most 100 a minute, 6,000 an hour; at most 2 hours, 12,000 passages, between two frames that arrive.
  steps: fc.array(fc.record({ minutes: fc.integer({ min: 1, max: 120 }), aMinute: fc.integer({ min: 0, max: 100 }) }), {
    minLength: 1,
    maxLength: 60,
  }),
});

const framesOf = ({ bits, start, steps }: typeof truth extends fc.Arbitrary<infer T> ? T : never) => {
  const modulus = 2 ** bits;
  let [minute, passed] = [0, 0];
  const frames: (Sample & { readonly passed: number })[] = [{ label: 0, value: start % modulus, passed }];
  for (const { minutes, aMinute } of steps) {
    minute += minutes;
    passed += minutes * aMinute;
    frames.push({ label: minute * MINUTE, value: (start + passed) % modulus, passed });
  }
  return frames;
};

describe('whatever passes', () => {
  test('and in whatever order frames come, lost and repeated, the counts add up to last less first, roll-overs included', () => {
    let [series, rolled] = [0, 0];
    fc.assert(
      fc.property(truth, fc.infiniteStream(fc.nat({ max: 3 })), fc.infiniteStream(fc.nat()), (true_, copies, order) => {
        const frames = framesOf(true_);
        // Losses: of two frames less than an hour apart one may be missing, so that no gap is longer than two hours.
        const heard = frames.filter(
          (_, n) =>
            n === 0 ||
            n % 2 === 1 ||
            (frames[n + 1]?.label ?? Infinity) - (frames[n - 1]?.label ?? 0) > 2 * HOUR ||
            (copies.next().value ?? 0) > 0,
        );
        const came = heard.flatMap((frame) => Array.from({ length: 1 + (copies.next().value ?? 0) }, () => frame));
        const shuffled = came
          .map((frame) => ({ frame, key: order.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ frame }) => frame);
        const { counts, leftOut } = countsOf(
          { periods: [], totals: shuffled },
          rules({ bits: true_.bits, everyMs: 10 * MINUTE }),
        );
        const sum = counts.reduce((total, { passages }) => total + passages, 0);
        expect(sum).toBe((heard.at(-1)?.passed ?? 0) - (heard[0]?.passed ?? 0));
        expect(
          counts.every(({ passages, doubt }) => Number.isSafeInteger(passages) && passages >= 0 && doubt === undefined),
        ).toBe(true);
        expect(leftOut).toBe(0);
        series += 1;
        if (heard.some(({ value }, n) => value < (heard[n - 1]?.value ?? 0))) rolled += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(series).toBeGreaterThanOrEqual(1_000);
    expect(rolled).toBeGreaterThan(100);
    process.stdout.write(`${series} true series, ${rolled} of them with a roll-over\n`);
  });

  test('no reading of any kind makes a count negative, broken or NaN, and the order of arrival never matters', () => {
    const number = fc.oneof(fc.nat({ max: 65_535 }), fc.double(), fc.constantFrom(Number.NaN, -1, Infinity, 0, 65_535));
    const sample = fc.record({
      label: fc.integer({ min: 0, max: 48 }).map((half) => half * 30 * MINUTE),
      value: number,
    });
    const any = fc.record({
      periods: fc.array(sample, { maxLength: 30 }),
      totals: fc.array(sample, { maxLength: 30 }),
    });
    fc.assert(
      fc.property(
        any,
        fc.constantFrom('begin' as const, 'end' as const),
        fc.constantFrom('utc' as const, 'local' as const, 'local-without-dst' as const),
        (all, labelled, clock) => {
          const how = rules({ labelled, clock });
          const counted = countsOf(all, how);
          for (const { passages, from, to } of counted.counts) {
            expect(Number.isSafeInteger(passages) && passages >= 0).toBe(true);
            expect(from).toBeLessThanOrEqual(to);
          }
          const back = { periods: all.periods.toReversed(), totals: all.totals.toReversed() };
          expect(countsOf({ periods: [...back.periods, ...all.periods], totals: back.totals }, how).counts).toEqual(
            counted.counts,
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});
