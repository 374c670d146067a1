import type {
  DeviceId,
  Flag,
  Instant,
  JudgedReading,
  Observation,
  QuantityId,
  SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Day } from './days.ts';
import type { Hour } from './hours.ts';

/**
 * What became of a reading: `stored` new, or new quantities or corrected values for a time that was there;
 * `duplicate` when the store had it, word for word (the time of receipt aside: the first one stays). InfluxDB cannot
 * tell and says `stored`.
 */
export type Written = 'stored' | 'duplicate';

/** Observations, kept. `write` is idempotent; it resolves when everything is durable and rejects when nothing may be assumed. */
export interface TimeSeries {
  /**
   * Answers for each reading, in order.
   * @throws StoreUnavailable when the store cannot take it now: write again later. @throws StoreRefused when it will
   * never take some of the readings, which the error names; all others are durable then.
   */
  write(readings: readonly JudgedReading[]): Promise<readonly Written[]>;
  /**
   * Takes values away that turned out never to have been said: no query gives them any more, and hours and days that can still
   * be made anew are. What is not there is passed over, so it is idempotent. A later `write` may bring them back.
   * @throws StoreUnavailable when nothing may be assumed: withdraw again later.
   */
  withdraw(values: readonly Withdrawal[]): Promise<void>;
  /** Observations in order of (device, time, quantity), at most `limit`, and where to go on. */
  range(query: RangeQuery): Promise<Page>;
  /**
   * Of each quantity of each device the observation with the newest phenomenon time, not older than
   * `LATEST_HORIZON_MS`, in order of (device, quantity). Sites and flags are looked at after that: a device that has
   * moved on has no latest value at its old site, and a value that failed no older one behind it.
   */
  latest(query: LatestQuery): Promise<readonly Observation[]>;
  /**
   * Values by interval, aligned to 1970-01-01T00:00Z, one row for each (device, quantity, interval) that has any, in
   * that order. From the coarsest tier that answers exactly what raw would, or did before its retention took it; from raw
   * where none does.
   */
  aggregate(query: AggregateQuery): Promise<readonly Bucket[]>;
  /** Hours that begin in the span, in order of (device, quantity, time, site; no site first); one without values has no row. */
  hours(query: StatsQuery): Promise<readonly Hour[]>;
  /** UTC days that begin in the span, in the same order. */
  days(query: StatsQuery): Promise<readonly Day[]>;
  /**
   * Makes the hours and days that are due: complete, or touched by a late or corrected reading. Answers how many hours.
   * Nothing depends on it but speed: what is not made yet is read from raw.
   */
  rollUp(): Promise<number>;
  /**
   * Drops what a tier (raw unless said otherwise) has of whole hours, or for the other tiers whole days, before the time;
   * answers how many readings went (0 where the store does not say, and for other tiers). What raw loses stays in its hours and days.
   * A tier never goes where a finer one still is: they are dropped in order, and what is said of a coarser one waits.
   */
  prune(before: Instant, tier?: Tier): Promise<number>;
  close(): Promise<void>;
}

/** Values of one device at one time. */
export interface Withdrawal {
  readonly device: DeviceId;
  readonly time: Instant;
  readonly quantities: readonly QuantityId[];
}

/** How finely observations are kept: as they came, by hour, by UTC day. */
export type Tier = 'raw' | 'hourly' | 'daily';

/** A datastream that has said nothing for so long is history, not "latest": a month, so that a monthly report still finds it. */
export const LATEST_HORIZON_MS = 31 * 24 * 3_600_000;

export interface Selection {
  /** Only these devices; the caller turns sites and boroughs into devices. Empty: none. Undefined: all. */
  readonly devices?: readonly DeviceId[];
  /** Only what was observed at these sites. */
  readonly sites?: readonly SiteId[];
  readonly quantities?: readonly QuantityId[];
  /** Only flags that are no worse, in the order 1, 2, 3, 4, 9: `maxFlag` 2 leaves out suspect, failed and missing values. */
  readonly maxFlag?: Flag;
}

export interface LatestQuery extends Selection {
  readonly now: Instant;
}

export interface RangeQuery extends Selection {
  /** Inclusive. */
  readonly from?: Instant;
  /** Exclusive. */
  readonly to?: Instant;
  /** Observations, 1 to 10,000. */
  readonly limit: number;
  /** As an earlier page gave it. @throws Invalid (`cursor-invalid`) when it is not. */
  readonly after?: string;
}

export interface Page {
  readonly observations: readonly Observation[];
  /** Where the next page begins; undefined at the end. */
  readonly next?: string;
}

export const aggregates = ['mean', 'min', 'max', 'sum', 'count', 'last'] as const;
export type Aggregate = (typeof aggregates)[number];

export interface AggregateQuery extends Selection {
  readonly from: Instant;
  readonly to: Instant;
  /** Interval in milliseconds, at least 1000. The caller keeps (to - from) / every below 10,000. */
  readonly everyMs: number;
  readonly aggregate: Aggregate;
}

export interface StatsQuery extends Selection {
  /** Inclusive. */
  readonly from: Instant;
  /** Exclusive: an hour or a day that begins before it is whole, whenever it ends. */
  readonly to: Instant;
  /** As for `aggregate`; said always, because means for a report and means for a look differ in it. */
  readonly maxFlag: Flag;
}

/** One interval. Absent values take no part; flag 4 takes part only where `maxFlag` is 4 or 9. */
export interface Bucket {
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  /** Beginning of the interval. */
  readonly time: Instant;
  readonly value: number;
  /** How many values are in it. */
  readonly count: number;
}
