import { Flag, quantityOf, type Judged, type Measurement } from '../device-profiles/vocabulary/index.ts';
import type { JudgedEntry, NormalisedReading } from './steps.ts';

/** QARTOD flags, each with the test that gave it: missing, gross range against the physical bounds, the device's clock. */
export const judge = (readings: readonly NormalisedReading[]): readonly JudgedEntry[] =>
  readings.map(({ entry, disbelieved, device, site, borough, time, receivedAt, observations }) => ({
    entry,
    reading: {
      device,
      site,
      borough,
      time,
      receivedAt,
      observations: observations.map((measurement) => judgeOne(measurement, disbelieved !== undefined)),
    },
  }));

/** One measurement. The worst test gives flag and reason, in QARTOD's order. */
export const judgeOne = ({ quantity, value, raw }: Measurement, clockDisbelieved: boolean): Judged => {
  if (value.kind === 'absent') return { quantity, value, raw, flag: Flag.missing, reason: value.reason };
  const { min, max } = quantityOf(quantity);
  if (!(value.value >= min && value.value <= max)) return { quantity, value, raw, flag: Flag.fail, reason: 'gross-range' };
  if (clockDisbelieved) return { quantity, value, raw, flag: Flag.suspect, reason: 'device-time' };
  return { quantity, value, raw, flag: Flag.pass };
};
