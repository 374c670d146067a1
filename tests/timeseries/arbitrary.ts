import * as fc from 'fast-check';
import {
  absences,
  type Flag,
  type Judged,
  type JudgedReading,
  type QualityTest,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Bucket, Selection } from '../../infra/timeseries/contract.ts';
import { after, device, site, stockport } from './readings.ts';

const allQuantities: readonly QuantityId[] = ['pm2_5', 'pm10', 'temperature', 'footfall_in'];
const devices = [1, 2, 3].map((number) => device(number));
/** Where they stand, unless nowhere. */
export const sites = ['north', 'south'].map((name) => site(name));

/**
 * Values over and over for few devices and times, so that repetitions, corrections and additions are common. Where a
 * device stands, when a reading is received and whether there was a raw value depend on device and time alone:
 * those are where the stores may differ, and the contract says how (a raw value cannot be taken back from InfluxDB).
 */
const judgedOf = (minute: number, quantities: readonly QuantityId[]): fc.Arbitrary<Judged> =>
  fc
    .record({
      quantity: fc.constantFrom(...quantities),
      number: fc.constantFrom(0, 1, -2.5, 1e3, 0.1),
      kind: fc.constantFrom('pass', 'suspect', 'fail', 'absent'),
      absence: fc.constantFrom(...absences),
    })
    .map(({ quantity, number, kind, absence }): Judged => {
      const raw = minute % 3 === 0 ? null : number + 1;
      if (kind === 'absent') return { quantity, value: { kind, reason: absence }, raw, flag: 9, reason: absence };
      const [flag, reason] = (
        { pass: [1], suspect: [3, 'device-time'], fail: [4, 'gross-range'] } as const satisfies Record<
          string,
          readonly [Flag, QualityTest?]
        >
      )[kind === 'suspect' || kind === 'fail' ? kind : 'pass'];
      return {
        quantity,
        value: { kind: 'measured', value: number },
        raw,
        flag,
        ...(reason === undefined ? {} : { reason }),
      };
    });

/** Readings of three devices, at times so far apart around noon. */
export const readingsEvery = (everyMs: number, quantities = allQuantities): fc.Arbitrary<JudgedReading> =>
  fc.record({ which: fc.nat({ max: 2 }), minute: fc.integer({ min: -40, max: 40 }) }).chain(({ which, minute }) =>
    fc
      .uniqueArray(judgedOf(minute, quantities), { minLength: 1, maxLength: 3, selector: ({ quantity }) => quantity })
      .map((observations) => ({
        device: devices[which] ?? device(1),
        site: minute % 5 === 0 ? null : (sites[minute > 10 ? 1 : 0] ?? null),
        borough: minute % 5 === 0 ? null : stockport,
        time: after(minute * everyMs),
        receivedAt: after(minute * everyMs + 30_000),
        observations,
      })),
  );

/** Any selection of them. */
export const selections: fc.Arbitrary<Selection> = fc.record(
  {
    devices: fc.subarray(devices),
    sites: fc.subarray(sites),
    quantities: fc.subarray([...allQuantities]),
    maxFlag: fc.constantFrom<Flag>(1, 2, 3, 4, 9),
  },
  { requiredKeys: [] },
);

/** Sums of the same numbers in another order may differ in their last digits. */
export const rounded = (bucket: Bucket): Bucket => ({ ...bucket, value: digits(bucket.value) });
export const digits = (value: number): number => Number(value.toPrecision(11)) + 0;
