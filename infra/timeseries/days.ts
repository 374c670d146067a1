import {
  instant,
  type DeviceId,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import { HOUR_MS, type Hour, type HourStats, type Stats } from './hours.ts';

export const DAY_MS = 24 * HOUR_MS;

/** What one datastream said in one UTC day. Its mean is the mean of the means of its hours, as theirs is of their minutes. */
export interface DayStats extends Stats {
  /** Which of its 24 hours have a value: bit n stands for the hour that begins at n o'clock UTC. */
  readonly hours: number;
}

/** A day of a device at a site. */
export interface Day extends DayStats {
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  readonly site: SiteId | null;
}

/** The beginning of the UTC day that a time lies in. */
export const dayOf = (time: Instant): Instant => instant(Math.floor(time / DAY_MS) * DAY_MS);

/** The days of hours in order of time, as `hoursOf` gives them. Days come in order. */
export const daysOf = (hours: Iterable<Omit<HourStats, 'minutes'>>): readonly DayStats[] => {
  const days: DayStats[] = [];
  for (const [time, [first, ...rest]] of Map.groupBy(hours, (hour) => dayOf(hour.time))) {
    if (first === undefined) continue;
    let { count, sum, mean: means, min, max, last } = first;
    let bits = bitOf(first.time);
    for (const hour of rest) {
      count += hour.count;
      sum += hour.sum;
      means += hour.mean;
      min = Math.min(min, hour.min);
      max = Math.max(max, hour.max);
      last = hour.last;
      bits |= bitOf(hour.time);
    }
    days.push({ time, count, sum, mean: means / (rest.length + 1), min, max, last, hours: bits });
  }
  return days;
};

/** The days of hours of one device, in no order; hours come in order of time, of whichever quantity and site. */
export const daysFrom = (hours: readonly Hour[]): readonly Day[] =>
  [...Map.groupBy(hours, ({ quantity, site }) => `${quantity} ${site ?? ''}`).values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const { device, quantity, site } = first;
    return daysOf(of).map((day) => ({ ...day, device, quantity, site }));
  });

const bitOf = (hour: Instant): number => 1 << ((hour - dayOf(hour)) / HOUR_MS);
