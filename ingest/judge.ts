import { Flag, quantityOf, type Judged, type Measurement } from '../device-profiles/vocabulary/index.ts';
import type { CalibratedReading, JudgedEntry } from './steps.ts';

/** QARTOD flags, each with the test that gave it: missing, gross range against the physical bounds, the device's clock, a correction that could not be made. */
export const judge = (readings: readonly CalibratedReading[]): readonly JudgedEntry[] =>
  readings.map(({ entry, disbelieved, uncorrected, device, site, borough, time, receivedAt, observations }) => ({
    entry,
    reading: {
      device,
      site,
      borough,
      time,
      receivedAt,
      observations: observations.map((measurement) => judgeOne(measurement, { clockDisbelieved: disbelieved !== undefined, uncorrected: uncorrected?.has(measurement.quantity) === true })),
    },
  }));

/** One measurement. The worst test gives flag and reason, in QARTOD's order. */
export const judgeOne = (
  { quantity, value, raw }: Measurement,
  { clockDisbelieved, uncorrected = false }: { readonly clockDisbelieved: boolean; readonly uncorrected?: boolean },
): Judged => {
  if (value.kind === 'absent') return { quantity, value, raw, flag: Flag.missing, reason: value.reason };
  const { min, max } = quantityOf(quantity);
  if (!(value.value >= min && value.value <= max)) return { quantity, value, raw, flag: Flag.fail, reason: 'gross-range' };
  if (clockDisbelieved) return { quantity, value, raw, flag: Flag.suspect, reason: 'device-time' };
  if (uncorrected) return { quantity, value, raw, flag: Flag.suspect, reason: 'calibration' };
  return { quantity, value, raw, flag: Flag.pass };
};
