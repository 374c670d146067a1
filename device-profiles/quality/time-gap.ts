import type { Instant } from '../vocabulary/time.ts';
import { Flag } from '../vocabulary/value.ts';
import { graded, type Limits } from './limits.ts';

export type GapLimits = Pick<Limits, 'gapSuspectMs' | 'gapFailMs'>;

/**
 * Time gap test: the first value after a silence that was too long.
 * @param silenceMs since the value before it; Infinity where none is known.
 */
export const timeGap = (silenceMs: number, { gapSuspectMs, gapFailMs }: GapLimits): Flag =>
  graded(silenceMs, gapSuspectMs, gapFailMs);

/** The same over a series in order of time; nothing is known before its first value, which passes. */
export const timeGapsOf = (
  times: readonly Instant[],
  values: readonly (number | null)[],
  limits: GapLimits,
): Flag[] => {
  let last: Instant | undefined;
  return values.map((value, place) => {
    const time = times[place];
    if (value === null || time === undefined) return Flag.missing;
    const flag = last === undefined ? Flag.pass : timeGap(time - last, limits);
    last = time;
    return flag;
  });
};
