import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measure } from '../../device-profiles/measure.ts';
import type { Field } from '../../device-profiles/profile.ts';
import {
  conversionTo,
  quantityIds,
  quantityOf,
  type Absence,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';

const field = (
  quantity: QuantityId,
  unit = quantityOf(quantity).unit,
  absentAt: readonly (readonly [number, Absence])[] = [],
): Field => ({
  quantity,
  unit,
  conversion: conversionTo(quantity, unit),
  absentAt: new Map(absentAt),
});
const one = (spoken: Field, raw: number | null) =>
  measure({ fields: new Map([['key', spoken]]) }, { fields: new Map([['key', raw]]) })[0];

describe("from the maker's words to quantities", () => {
  it.each([
    ['battery_voltage', 'mV', 3616, 3.616],
    ['no2', '[ppb]', 20, 38.25],
    ['o3', '[ppb]', 50, 99.785],
    ['no', '[ppm]', 0.1, 124.73],
    ['co', '[ppm]', 2.5, 2.9105],
    ['co', '[ppb]', 250, 0.29105],
    ['pressure', 'Pa', 101325, 1013.25],
    ['temperature', '[degF]', 32, 0],
    ['temperature', 'K', 273.15, 0],
    ['speed', '[mi_i]/h', 30, 48.28032],
    ['wind_speed', 'km/h', 36, 10],
    ['water_level', 'mm', -120, -0.12],
  ] as const)('%s of %s: %d is %d, without the dust of binary arithmetic', (quantity, unit, raw, value) => {
    expect(one(field(quantity, unit), raw)).toEqual({ quantity, raw, value: { kind: 'measured', value } });
  });

  it('what came in the canonical unit stays as it came, to the last bit', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...quantityIds),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (quantity, raw) => {
          expect(one(field(quantity), raw)).toEqual({ quantity, raw, value: { kind: 'measured', value: raw } });
        },
      ),
    );
  });

  it('0 is a value, null is missing, and a number that means nothing is absent for its reason', () => {
    const spoken = field('no2', '[ppb]', [
      [-999, 'fault'],
      [-1, 'below-detection'],
    ]);
    expect(one(spoken, 0)).toMatchObject({ value: { kind: 'measured', value: 0 } });
    expect(one(spoken, null)).toEqual({ quantity: 'no2', raw: null, value: { kind: 'absent', reason: 'missing' } });
    expect(one(spoken, -999)).toEqual({ quantity: 'no2', raw: -999, value: { kind: 'absent', reason: 'fault' } });
    expect(one(spoken, -1)).toEqual({ quantity: 'no2', raw: -1, value: { kind: 'absent', reason: 'below-detection' } });
  });

  it('a number that no conversion can hold is a fault, never infinity', () => {
    expect(one(field('no2', '[ppm]'), 1e308)).toEqual({
      quantity: 'no2',
      raw: 1e308,
      value: { kind: 'absent', reason: 'fault' },
    });
  });

  it('the other way round gives the same number again, as far as a sensor can tell', () => {
    fc.assert(
      fc.property(fc.double({ min: -1000, max: 1000, noNaN: true }), (metresPerSecond) => {
        const there = one(field('speed', 'm/s'), metresPerSecond);
        const back = there?.value.kind === 'measured' ? one(field('wind_speed', 'km/h'), there.value.value) : undefined;
        expect(back?.value.kind === 'measured' && back.value.value).toBeCloseTo(metresPerSecond, 6);
      }),
    );
  });
});
