import { instant, type DeviceId, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Aggregate, Bucket } from './contract.ts';

/** What is known of the values of one interval. Values come in order of time, so `last` is the newest. */
export interface Sum {
  count: number;
  sum: number;
  min: number;
  max: number;
  last: number;
}

/** The beginning of the interval that a time lies in, counted from 1970-01-01T00:00Z; before it too. */
export const intervalOf = (time: Instant, everyMs: number): Instant => instant(Math.floor(time / everyMs) * everyMs);

export const add = (sum: Sum | undefined, value: number): Sum => {
  if (sum === undefined) return { count: 1, sum: value, min: value, max: value, last: value };
  sum.count += 1;
  sum.sum += value;
  if (value < sum.min) sum.min = value;
  if (value > sum.max) sum.max = value;
  sum.last = value;
  return sum;
};

const pick = (sum: Sum, aggregate: Aggregate): number => (aggregate === 'mean' ? sum.sum / sum.count : sum[aggregate]);

/** Values of one device, gathered by quantity and interval. */
export class DeviceBuckets {
  readonly #sums = new Map<QuantityId, Map<Instant, Sum>>();

  add(quantity: QuantityId, interval: Instant, value: number): void {
    let intervals = this.#sums.get(quantity);
    if (intervals === undefined) this.#sums.set(quantity, (intervals = new Map()));
    const sum = intervals.get(interval);
    if (sum === undefined) intervals.set(interval, add(undefined, value));
    else add(sum, value);
  }

  /** In order of quantity and time. */
  finish(device: DeviceId, aggregate: Aggregate): Bucket[] {
    const buckets: Bucket[] = [];
    for (const [quantity, intervals] of [...this.#sums].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      for (const [time, sum] of [...intervals].toSorted(([a], [b]) => a - b)) {
        buckets.push({ device, quantity, time, value: pick(sum, aggregate), count: sum.count });
      }
    }
    return buckets;
  }
}
