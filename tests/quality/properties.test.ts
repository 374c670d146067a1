import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlatRun, flatLinesOf } from '../../device-profiles/quality/flat-line.ts';
import { grossRangeOf } from '../../device-profiles/quality/gross-range.ts';
import { worseOf } from '../../device-profiles/quality/grave.ts';
import { departure, median } from '../../device-profiles/quality/neighbours.ts';
import { copied, disordered, Sameness } from '../../device-profiles/quality/plausibility.ts';
import { ratesOf } from '../../device-profiles/quality/rate-of-change.ts';
import { DeviceSeries, type Finding } from '../../device-profiles/quality/series.ts';
import { spikeHeight, spikesOf } from '../../device-profiles/quality/spike.ts';
import { timeGapsOf } from '../../device-profiles/quality/time-gap.ts';
import { warmUpsOf } from '../../device-profiles/quality/warm-up.ts';
import {
  absences,
  absent,
  Flag,
  instant,
  measured,
  qualityTests,
  type Instant,
} from '../../device-profiles/vocabulary/index.ts';
import { limits, MINUTE, minutely, timesOf } from './settled.ts';

/** Whole numbers, so that shifting and scaling them is exact. */
const whole = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constant(null));
const any = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null));
const rising = (count: number) =>
  fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: count, maxLength: count }).map((steps) => {
    let time = Date.UTC(2026, 0, 1);
    return steps.map((step) => instant((time += step)));
  });
const seriesOf = <T>(value: fc.Arbitrary<T>) =>
  fc
    .integer({ min: 0, max: 60 })
    .chain((count) =>
      fc.record({ times: rising(count), values: fc.array(value, { minLength: count, maxLength: count }) }),
    );

const set = limits({
  sensorMin: -15,
  sensorMax: 15,
  operatorMin: -10,
  operatorMax: 10,
  spikeSuspect: 4,
  spikeFail: 9,
  rateSuspect: 0.01,
  rateFail: 0.1,
  flatTolerance: 2,
  flatSuspectMs: 20 * MINUTE,
  flatFailMs: 90 * MINUTE,
  gapSuspectMs: 30 * MINUTE,
  gapFailMs: 60 * MINUTE,
  warmSilenceMs: 40 * MINUTE,
  warmForMs: 60 * MINUTE,
  warmAfterAbsence: true,
});
type Values = readonly (number | null)[];
const tests: readonly (readonly [string, (times: readonly Instant[], values: Values) => readonly Flag[]])[] = [
  ['gross range', (_times, values) => grossRangeOf(values, set)],
  ['spike, average', (_times, values) => spikesOf(values, set)],
  ['spike, differential', (_times, values) => spikesOf(values, { ...set, spikeMethod: 'differential' })],
  ['rate of change', (times, values) => ratesOf(times, values, set)],
  ['flat line', (times, values) => flatLinesOf(times, values, set)],
  ['time gap', (times, values) => timeGapsOf(times, values, set)],
  ['warm-up', (times, values) => warmUpsOf(times, values, set)],
];
const moved = (values: Values, by: (value: number) => number): Values =>
  values.map((value) => (value === null ? null : by(value)));

describe.each(tests)('%s', (name, judge) => {
  it('gives one flag for each value, 9 where and only where there is none, and the same when asked again', () => {
    let judged = 0;
    fc.assert(
      fc.property(seriesOf(any), ({ times, values }) => {
        const flags = judge(times, values);
        expect(flags).toHaveLength(values.length);
        for (const [place, flag] of flags.entries()) {
          expect([1, 2, 3, 4, 9]).toContain(flag);
          expect(flag === Flag.missing).toBe(values[place] === null);
        }
        expect(judge(times, values)).toEqual(flags);
        judged += flags.length;
      }),
    );
    expect(judged).toBeGreaterThan(100);
  });

  it('does not look into the future, but for the next value where it is a spike', () => {
    const ahead = name.startsWith('spike') ? 1 : 0;
    fc.assert(
      fc.property(seriesOf(whole), fc.nat(60), ({ times, values }, cut) => {
        const some = Math.min(cut, values.length);
        const first = judge(times.slice(0, some), values.slice(0, some));
        const all = judge(times, values);
        const sure = Math.max(0, first.length - ahead);
        expect(first.slice(0, sure)).toEqual(all.slice(0, sure));
      }),
    );
  });
});

it.each(tests.filter(([name]) => name !== 'gross range'))('%s does not care where zero is', (_name, judge) => {
  fc.assert(
    fc.property(seriesOf(whole), fc.integer({ min: -1000, max: 1000 }), ({ times, values }, by) => {
      expect(
        judge(
          times,
          moved(values, (value) => value + by),
        ),
      ).toEqual(judge(times, values));
    }),
  );
});

describe('a flat line', () => {
  it('is the longest run whose range is smaller than the tolerance, as counting all of them finds it', () => {
    let long = 0;
    fc.assert(
      fc.property(
        seriesOf(fc.integer({ min: 0, max: 4 })),
        fc.integer({ min: 1, max: 4 }),
        ({ times, values }, tolerance) => {
          const run = new FlatRun();
          for (const [place, value] of values.entries()) {
            const time = times[place] ?? instant(0);
            run.next(time, value, { ...set, flatTolerance: tolerance, flatFailMs: Infinity });
            let first = place;
            while (
              first > 0 &&
              Math.max(...values.slice(first - 1, place + 1)) - Math.min(...values.slice(first - 1, place + 1)) <
                tolerance
            )
              first -= 1;
            expect([run.count, run.coveredMs]).toEqual([place - first + 1, time - (times[first] ?? 0)]);
            if (run.count > 5) long += 1;
          }
        },
      ),
    );
    expect(long).toBeGreaterThan(50);
  });

  it('leaves zeros alone where they are no fault: nobody walks at night', () => {
    const times = timesOf(200, MINUTE);
    const night = times.map(() => 0);
    expect(new Set(flatLinesOf(times, night, { ...set, flatZeros: true }))).toEqual(new Set([Flag.pass]));
    expect(flatLinesOf(times, night, set).filter((flag) => flag === Flag.fail).length).toBeGreaterThan(100);
  });

  it('does not span a silence', () => {
    const times = [0, 10, 20, 30, 500, 510].map((minutes) => instant(minutes * MINUTE));
    expect(flatLinesOf(times, [5, 5, 5, 5, 5, 5], { ...set, withinMs: 30 * MINUTE })).toEqual([1, 1, 1, 3, 1, 1]);
  });
});

it('a spike is measured alike in both directions, and scales with its unit', () => {
  fc.assert(
    fc.property(
      fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -50, max: 50 }))),
      fc.constantFrom('average' as const, 'differential' as const),
      ([a = 0, b = 0, c = 0], method) => {
        expect(spikeHeight(c, b, a, method)).toBe(spikeHeight(a, b, c, method));
        expect(spikeHeight(-4 * a, -4 * b, -4 * c, method)).toBe(4 * spikeHeight(a, b, c, method));
      },
    ),
  );
});

it('the worst flag wins as QARTOD orders them, and of two alike the first test', () => {
  expect(worseOf({ flag: 3, reason: 'warm-up' }, 3, 'spike')).toEqual({ flag: 3, reason: 'warm-up' });
  expect(worseOf({ flag: 3, reason: 'warm-up' }, 4, 'flat-line')).toEqual({ flag: 4, reason: 'flat-line' });
  expect(worseOf({ flag: 1 }, 2, 'spike')).toEqual({ flag: 1 });
  expect(worseOf({ flag: 2 }, 1, 'spike')).toEqual({ flag: 1 });
});

describe('fractions of particulate matter', () => {
  const plausible = { slack: 1, slackShare: 0.1, identicalMs: 60 * MINUTE, withinMs: 10 * MINUTE };
  it('a part is not greater than the whole, but for rounding', () => {
    expect([disordered(10, 10, plausible), disordered(11, 10, plausible), disordered(11.1, 10, plausible)]).toEqual([
      1, 1, 3,
    ]);
    expect([disordered(109, 100, plausible), disordered(111, 100, plausible)]).toEqual([1, 3]);
  });
  it('two channels that say the same for an hour are one; not when they part, not in clean air, not over a silence', () => {
    const last = (values: readonly (readonly [number, number, number])[]): Flag => {
      const same = new Sameness();
      for (const [minute, finer, coarser] of values) same.next(minute * MINUTE, finer, coarser, plausible.withinMs);
      return copied(same, plausible);
    };
    const hour = (finer: number, coarser = finer) =>
      Array.from({ length: 13 }, (_, index) => [index * 5, finer, coarser] as const);
    expect(last(hour(12))).toBe(Flag.suspect);
    expect(last(hour(12).slice(1))).toBe(Flag.pass);
    expect(last(hour(12, 12.1))).toBe(Flag.pass);
    expect(last(hour(0))).toBe(Flag.pass);
    expect(last([...hour(12).slice(0, 6), ...hour(12).slice(10)])).toBe(Flag.pass);
  });
});

describe('sites nearby', () => {
  const nearby = (own: number | undefined, others: readonly number[]) => ({ own: () => own, others: () => others });
  it('are asked by their median, three of them at least', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1])).toBe(2.5);
    expect(median([])).toBeNaN();
    expect(departure(nearby(10, [1, 2, 90]), 'no2')).toBe(8);
    expect(departure(nearby(10, [1, 2]), 'no2')).toBeNaN();
    expect(departure(nearby(undefined, [1, 2, 3]), 'no2')).toBeNaN();
  });
});

it('a whole device throws nothing and finds no NaN, whatever it says', () => {
  const value = fc.oneof(
    any.map((one) => (one === null ? absent('missing') : measured(one))),
    fc.constantFrom(...absences).map(absent),
  );
  const reading = fc.record({ no2: value, pm1: value, pm2_5: value, pm10: value, pressure: value, footfall_in: value });
  const quantities = ['no2', 'pm1', 'pm2_5', 'pm10', 'pressure', 'footfall_in'] as const;
  let found = 0;
  fc.assert(
    fc.property(seriesOf(reading), ({ times, values }) => {
      const findings: Finding[] = [];
      const series = new DeviceSeries<number>(
        () => {},
        (finding) => findings.push(finding),
      );
      for (const [place, said] of values.entries()) {
        const observations = quantities.map((quantity) => ({ quantity, value: said[quantity], raw: null }));
        const { judged } = series.next(
          { of: place, time: times[place] ?? 0, observations, disbelieved: false },
          minutely,
        );
        expect(judged.map(({ quantity }) => quantity)).toEqual(quantities);
      }
      for (const finding of findings) {
        expect(finding.found).not.toBeNaN();
        expect(qualityTests).toContain(finding.test);
      }
      found += findings.length;
    }),
  );
  expect(found).toBeGreaterThan(1000);
});
