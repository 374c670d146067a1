import type { Instant } from '../vocabulary/time.ts';
import { Flag } from '../vocabulary/value.ts';
import { graded, type Limits } from './limits.ts';

export type RateLimits = Pick<Limits, 'rateSuspect' | 'rateFail'>;

/**
 * How fast a value has changed since the one before it, in units per second, without its direction. NaN where there is
 * none before it. (QARTOD; `rate_of_change_test` of ioos_qc.)
 * @param elapsedMs greater than 0.
 */
export const rateOfChange = (before: number, value: number, elapsedMs: number): number =>
  Math.abs(value - before) / (elapsedMs / 1000);

/** Rate of change test over a series in order of time. What has no value before it passes, as in ioos_qc. */
export const ratesOf = (
  times: readonly Instant[],
  values: readonly (number | null)[],
  { rateSuspect, rateFail }: RateLimits,
): Flag[] =>
  values.map((value, place) => {
    if (value === null) return Flag.missing;
    const [time, previous] = [times[place], times[place - 1]];
    const before = values[place - 1];
    if (time === undefined || previous === undefined || typeof before !== 'number' || time <= previous)
      return Flag.pass;
    return graded(rateOfChange(before, value, time - previous), rateSuspect, rateFail);
  });
