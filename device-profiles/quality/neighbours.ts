import type { QuantityId } from '../vocabulary/quantity.ts';
import type { Limits } from './limits.ts';

/** What is compared: means over the last quarter of an hour that is over. */
export interface Nearby {
  /** The device's own mean; undefined where it had no value then. */
  readonly own: (quantity: QuantityId) => number | undefined;
  /** The means of the sites nearby, one each. */
  readonly others: (quantity: QuantityId) => readonly number[];
}

/** Of three the median still is right when one of them drifts; of two it would lay that to their neighbour. */
export const NEIGHBOURS_AT_LEAST = 3;

/** The middle of numbers, or the mean of the two in the middle; NaN of none. */
export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below, above] = [sorted[middle - (1 - (sorted.length % 2))], sorted[middle]];
  return below === undefined || above === undefined ? Number.NaN : below / 2 + above / 2;
};

/** How far the device is from the median of its neighbours, in the quantity's unit. NaN where there are too few. */
export const departure = ({ own, others }: Nearby, quantity: QuantityId): number => {
  const [mine, theirs] = [own(quantity), others(quantity)];
  return mine === undefined || theirs.length < NEIGHBOURS_AT_LEAST ? Number.NaN : Math.abs(mine - median(theirs));
};

/** How far it may be. */
export const nearbyLimit = (
  { others }: Nearby,
  quantity: QuantityId,
  { nearbySuspect, nearbyShare }: Pick<Limits, 'nearbySuspect' | 'nearbyShare'>,
): number => {
  const middle = median(others(quantity));
  return Number.isNaN(middle) ? nearbySuspect : Math.max(nearbySuspect, Math.abs(middle) * nearbyShare);
};
