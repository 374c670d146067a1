import type { Instant, QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Bucket } from '../../infra/timeseries/contract.ts';

/**
 * How often each datastream of one device has a value. It has the device's interval unless only some messages carry it:
 * then as many times that as there are messages to one of its values, on the days on which it had any at all. So a
 * status message once a day is not late at noon, and a datastream that has fallen silent is not excused by its silence.
 * @param counts values by quantity and day, of one device
 */
export const streamEvery = (counts: readonly Bucket[], everyMs: number): ReadonlyMap<QuantityId, number> => {
  const most = new Map<Instant, number>();
  for (const { time, count } of counts) most.set(time, Math.max(most.get(time) ?? 0, count));
  const sums = new Map<QuantityId, { values: number; messages: number }>();
  for (const { quantity, time, count } of counts) {
    const sum = sums.get(quantity) ?? { values: 0, messages: 0 };
    sums.set(quantity, { values: sum.values + count, messages: sum.messages + (most.get(time) ?? count) });
  }
  return new Map(
    [...sums].map(([quantity, { values, messages }]) => [
      quantity,
      everyMs * (values === 0 ? 1 : Math.max(1, Math.round(messages / values))),
    ]),
  );
};
