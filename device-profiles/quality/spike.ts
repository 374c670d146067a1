import { Flag } from '../vocabulary/value.ts';
import { graded, type Limits } from './limits.ts';

export type SpikeLimits = Pick<Limits, 'spikeMethod' | 'spikeSuspect' | 'spikeFail'>;

/**
 * How far a value sticks out between its neighbours, in its unit. `average`: from the mean of the two. `differential`:
 * the smaller of the two steps if they go in opposite directions, else 0, which does not blame the neighbours of a spike.
 * NaN where any of the three is, and a neighbour that is not there is NaN. (QARTOD; `spike_test` of ioos_qc.)
 */
export const spikeHeight = (before: number, value: number, after: number, method: Limits['spikeMethod']): number => {
  if (method === 'average') return Math.abs(value - (before / 2 + after / 2));
  const [up, down] = [value - before, after - value];
  if (Number.isNaN(up) || Number.isNaN(down)) return Number.NaN;
  return (up > 0 && down < 0) || (up < 0 && down > 0) ? Math.min(Math.abs(up), Math.abs(down)) : 0;
};

/** Spike test over a series: the first and the last value, and those beside a missing one, are not evaluated. */
export const spikesOf = (
  values: readonly (number | null)[],
  { spikeMethod, spikeSuspect, spikeFail }: SpikeLimits,
): Flag[] =>
  values.map((value, place) => {
    if (value === null) return Flag.missing;
    const [before, after] = [values[place - 1] ?? Number.NaN, values[place + 1] ?? Number.NaN];
    return graded(spikeHeight(before, value, after, spikeMethod), spikeSuspect, spikeFail);
  });
