import type { DeviceId, QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { dayOf, HOUR_MS, type HeardDay } from '../../infra/heard/contract.ts';
import { emptyDay, sumDays } from '../../infra/heard/day.ts';
import type { Bucket } from '../../infra/timeseries/contract.ts';

/** How often a datastream has a value, and the days on which it had any. */
export interface StreamDays {
  readonly everyMs: number;
  /** As the days of a device: values by hour, by phenomenon time. */
  readonly days: readonly HeardDay[];
}

/**
 * The datastreams of one device. Each has the device's interval unless only some messages carry it: then as many times
 * that as there are messages to one of its values, on the days on which it had any at all. So a status message once a
 * day is not late at noon, and a datastream that has fallen silent is not excused by its silence.
 * @param hourly how many values there were, by quantity and hour; absent ones are none
 */
export const streamsOf = (
  device: DeviceId,
  hourly: readonly Bucket[],
  everyMs: number,
): ReadonlyMap<QuantityId, StreamDays> => {
  const streams = new Map(
    [...Map.groupBy(hourly, ({ quantity }) => quantity)].map(([quantity, buckets]) => [
      quantity,
      sumDays(buckets.map((bucket) => dayWith(device, bucket))),
    ]),
  );
  /** The messages of a day are as many as the values of the datastream that had most. */
  const messages = new Map<number, number>();
  for (const days of streams.values())
    for (const one of days) messages.set(one.day, Math.max(messages.get(one.day) ?? 0, valuesOf(one)));
  return new Map(
    [...streams].map(([quantity, days]) => {
      const values = days.reduce((sum, one) => sum + valuesOf(one), 0);
      const all = days.reduce((sum, { day }) => sum + (messages.get(day) ?? 0), 0);
      return [quantity, { everyMs: everyMs * (values === 0 ? 1 : Math.max(1, Math.round(all / values))), days }];
    }),
  );
};

const dayWith = (device: DeviceId, { time, count }: Bucket): HeardDay => {
  const day = emptyDay(device, dayOf(time));
  const hour = Math.floor(time / HOUR_MS) % 24;
  return { ...day, hours: day.hours.map((n, i) => (i === hour ? count : n)) };
};

const valuesOf = ({ hours }: HeardDay): number => hours.reduce((sum, n) => sum + n, 0);
