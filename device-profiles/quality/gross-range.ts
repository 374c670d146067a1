import { Flag } from '../vocabulary/value.ts';
import type { Limits } from './limits.ts';

export type GrossRangeLimits = Pick<Limits, 'sensorMin' | 'sensorMax' | 'operatorMin' | 'operatorMax'>;

/**
 * Gross range test: outside of what the sensor can measure a value fails, outside of what the operator expects it is
 * suspect. The edges belong to the span. (QARTOD; `gross_range_test` of ioos_qc.)
 * @param value in the quantity's unit; NaN is outside of every span.
 */
export const grossRange = (
  value: number,
  { sensorMin, sensorMax, operatorMin, operatorMax }: GrossRangeLimits,
): Flag => {
  if (!(value >= sensorMin && value <= sensorMax)) return Flag.fail;
  return value >= operatorMin && value <= operatorMax ? Flag.pass : Flag.suspect;
};

/** The same for a series; null is missing. */
export const grossRangeOf = (values: readonly (number | null)[], limits: GrossRangeLimits): Flag[] =>
  values.map((value) => (value === null ? Flag.missing : grossRange(value, limits)));
