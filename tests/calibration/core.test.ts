import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corrected, growth } from '../../device-profiles/calibration/correction.ts';
import { agreementOf, fitOf, PAIRS_AT_LEAST, type Pair } from '../../device-profiles/calibration/fit.ts';

const number = fc.double({ min: -1e4, max: 1e4, noNaN: true });

describe('a correction', () => {
  test.each([
    [[0, 1], 12.3, 12.3],
    [[-2, 1.1], 10, 9],
    [[1, 2, 3], 2, 17],
    [[4], 99, 4],
    [[0, 0.1], 3, 0.3],
  ] as const)('%j of %d is %d', (coefficients, value, expected) =>
    expect(corrected(value, { coefficients }, undefined)).toBe(expected),
  );

  test('takes the water out by the equation of Crilley, and holds it above 95 %', () => {
    // C = 1 + (0.4 / 1.65) / (-1 + 1 / 0.8)
    expect(growth(80, 0.4)).toBeCloseTo(1 + 0.4 / 1.65 / (1 / 0.8 - 1), 12);
    expect(corrected(20, { coefficients: [0, 1], humidity: { kappa: 0.4, by: 'humidity' } }, 80)).toBeCloseTo(
      20 / 1.96969697,
      6,
    );
    expect(growth(100, 0.4)).toBe(growth(95, 0.4));
    expect([growth(0, 0.4), growth(-3, 0.4)]).toEqual([1, 1]);
    expect(corrected(20, { coefficients: [0, 1], humidity: { kappa: 0.4, by: 'humidity' } }, undefined)).toBe(
      'humidity-missing',
    );
  });

  test('is finite or nothing, whatever it is given', () => {
    let finite = 0;
    fc.assert(
      fc.property(
        fc.double({ noNaN: true }),
        fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 6 }),
        fc.option(fc.double({ min: -10, max: 120, noNaN: true }), { nil: undefined }),
        (value, coefficients, humidity) => {
          const result = corrected(
            value,
            { coefficients, ...(humidity === undefined ? {} : { humidity: { kappa: 0.35, by: 'humidity' } }) },
            humidity,
          );
          if (typeof result === 'number') finite += 1;
          expect(result === undefined || Number.isFinite(result)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
    expect(finite).toBeGreaterThan(50);
  });

  test('humid air never makes particles lighter, and the more humid the heavier', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, kappa) => {
          const [dry, humid] = a < b ? [a, b] : [b, a];
          expect(growth(dry, kappa)).toBeGreaterThanOrEqual(1);
          expect(growth(humid, kappa)).toBeGreaterThanOrEqual(growth(dry, kappa));
        },
      ),
    );
  });
});

describe('a fit beside a reference', () => {
  const line = (offset: number, slope: number): Pair[] =>
    Array.from({ length: 48 }, (_, n) => ({ sensor: n, reference: offset + slope * n }));

  test('finds the line that the reference follows, and says what it was before and is after', () => {
    const fit = fitOf(line(3, 0.5));
    if (typeof fit === 'string') throw new Error(fit);
    expect(fit.offset).toBeCloseTo(3, 9);
    expect(fit.slope).toBeCloseTo(0.5, 9);
    expect(fit.before).toMatchObject({ pairs: 48, bias: expect.closeTo(23.5 * 0.5 - 3, 9), r2: expect.closeTo(1, 9) });
    expect(fit.after.rmse).toBeCloseTo(0, 9);
  });

  test('known figures: Anscombe’s first set, doubled until there are enough pairs', () => {
    // Anscombe, F. J. (1973), Graphs in Statistical Analysis: slope 0.5001, offset 3.0001, r2 0.6665.
    const xs = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const ys = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    const pairs = [1, 2, 3].flatMap(() => xs.map((sensor, n) => ({ sensor, reference: ys[n] ?? 0 })));
    const fit = fitOf(pairs);
    if (typeof fit === 'string') throw new Error(fit);
    expect([fit.slope, fit.offset, fit.before.r2].map((n) => n.toFixed(4))).toEqual(['0.5001', '3.0001', '0.6665']);
  });

  test('is none with too few pairs, or where one side never moves', () => {
    expect(fitOf(line(0, 1).slice(0, PAIRS_AT_LEAST - 1))).toBe('too-few-pairs');
    expect(fitOf(line(0, 1).map((pair) => ({ ...pair, sensor: 7 })))).toBe('sensor-constant');
    expect(fitOf(line(0, 1).map((pair) => ({ ...pair, reference: 7 })))).toBe('reference-constant');
  });

  test('never does worse than before over its own pairs, has no bias, and r2 lies between 0 and 1', () => {
    let fits = 0;
    fc.assert(
      fc.property(
        fc.array(fc.record({ sensor: number, reference: number }), { minLength: PAIRS_AT_LEAST, maxLength: 200 }),
        (pairs) => {
          const fit = fitOf(pairs);
          expect(agreementOf(pairs).rmse).toBeGreaterThanOrEqual(Math.abs(agreementOf(pairs).bias) - 1e-6);
          if (typeof fit === 'string') return;
          fits += 1;
          const sound =
            fit.after.rmse <= fit.before.rmse * (1 + 1e-9) + 1e-6 &&
            Math.abs(fit.after.bias) < 1e-3 &&
            fit.before.r2 >= 0 &&
            fit.before.r2 <= 1;
          expect(sound ? 'sound' : fit).toBe('sound');
        },
      ),
    );
    expect(fits).toBeGreaterThan(50);
  });
});
