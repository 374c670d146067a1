import { instant, type DeviceId, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Aggregate, Bucket } from './contract.ts';
import type { Sample } from './hours.ts';

/** What is known of the values of one interval. */
export interface Sum {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** The newest value, */
  last: number;
  /** and when it was observed. */
  lastAt: number;
}

/** The beginning of the interval that a time lies in, counted from 1970-01-01T00:00Z; before it too. */
export const intervalOf = (time: Instant, everyMs: number): Instant => instant(Math.floor(time / everyMs) * everyMs);

/** Adds the values of one sum to another. */
const join = (sum: Sum, more: Readonly<Sum>): void => {
  sum.count += more.count;
  sum.sum += more.sum;
  if (more.min < sum.min) sum.min = more.min;
  if (more.max > sum.max) sum.max = more.max;
  if (more.lastAt < sum.lastAt) return;
  sum.last = more.last;
  sum.lastAt = more.lastAt;
};

/** The figure of a sum that an aggregate asks for. */
export const pick = (sum: Readonly<Sum>, aggregate: Aggregate): number =>
  aggregate === 'mean' ? sum.sum / sum.count : sum[aggregate];

/** Values of one device, gathered by quantity and interval. */
export class DeviceBuckets {
  readonly #sums = new Map<QuantityId, Map<Instant, Sum>>();

  add(quantity: QuantityId, interval: Instant, { time, value }: Sample): void {
    const intervals = this.#of(quantity);
    const sum = intervals.get(interval);
    if (sum === undefined)
      intervals.set(interval, { count: 1, sum: value, min: value, max: value, last: value, lastAt: time });
    else {
      sum.count += 1;
      sum.sum += value;
      if (value < sum.min) sum.min = value;
      if (value > sum.max) sum.max = value;
      if (time < sum.lastAt) return;
      sum.last = value;
      sum.lastAt = time;
    }
  }

  /** Values that were summed up before. */
  join(quantity: QuantityId, interval: Instant, more: Readonly<Sum>): void {
    const intervals = this.#of(quantity);
    const sum = intervals.get(interval);
    if (sum === undefined) intervals.set(interval, { ...more });
    else join(sum, more);
  }

  #of(quantity: QuantityId): Map<Instant, Sum> {
    let intervals = this.#sums.get(quantity);
    if (intervals === undefined) this.#sums.set(quantity, (intervals = new Map()));
    return intervals;
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
