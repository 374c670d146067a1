import {
  instant,
  type DeviceId,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import { beginOfDay, dayOf, instantsOf, wallOf } from '../../infra/footfall/civil-time.ts';
import { aggregateOf, type IntervalParts } from '../../infra/footfall/intervals.ts';
import type { Registry, Site } from '../../infra/registry/contract.ts';
import type { Aggregate, Bucket } from '../../infra/timeseries/contract.ts';
import { columnsOf } from '../pages/history.ts';
import { HOUR_MS, spanOf, type Range } from './asked.ts';

/** One value of a comparison: where it stands on the axis of time, and when it was measured. */
export interface Compared {
  readonly time: Instant;
  readonly measuredAt: Instant;
  readonly value: number;
  /** How many measurements are in it. */
  readonly count: number;
}

export interface ReadParts extends IntervalParts {
  readonly registry: IntervalParts['registry'] & Pick<Registry, 'deployments'>;
}

/** What is read of one site. */
export interface ReadOf {
  readonly site: Site;
  readonly quantity: QuantityId;
  readonly range: Range;
  /** Days before now, in whole weeks; 0 for now. */
  readonly daysBack: number;
}

const DAY_MS = 24 * HOUR_MS;

/**
 * The values of one quantity at one site, whoever measured them there, moved by whole days of UK clocks onto the axis of
 * now: nine o'clock is beside nine o'clock, across a change of the clocks too.
 */
export const readCompared = async (
  parts: ReadParts,
  { site, quantity, range, daysBack }: ReadOf,
  now: Instant,
): Promise<readonly Compared[]> => {
  const { from, to, everyMs } = spanOf(range, now);
  const aggregate = statisticOf(quantity);
  const back = daysBack * DAY_MS;
  // An hour more on both sides, in case the clocks changed between.
  const around = { from: instant(from - back - HOUR_MS), to: instant(to - back + HOUR_MS) };
  const devices = devicesAt(parts.registry, site.id, around);
  if (devices.length === 0) return [];
  const buckets = await aggregateOf(parts, {
    devices,
    sites: [site.id],
    quantities: [quantity],
    ...around,
    everyMs: Math.min(everyMs, HOUR_MS),
    aggregate,
  });
  const placed = new Map<Instant, Bucket[]>();
  for (const bucket of buckets) {
    const time = range === '30d' ? beginOfDay(dayOf(bucket.time) + daysBack) : onAxis(bucket.time, back);
    if (time === undefined || time < from || time >= to) continue;
    placed.set(time, [...(placed.get(time) ?? []), bucket]);
  }
  return [...placed.entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([time, these]) => ({ time, ...together(these, aggregate) }));
};

/** What the values of an interval are summed up by. */
export const statisticOf = (quantity: QuantityId): Aggregate => columnsOf(quantity)[0].aggregate;

/** Undefined in the hour that UK clocks leave out in spring. */
const onAxis = (time: Instant, back: number): Instant | undefined =>
  back === 0 ? time : instantsOf(wallOf(time) + back)[0];

const devicesAt = (
  registry: ReadParts['registry'],
  site: SiteId,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): readonly DeviceId[] => [
  ...new Set(
    registry
      .deployments()
      .flatMap((one) =>
        one.site === site && one.from < to && (one.to === undefined || one.to > from) ? [one.device] : [],
      ),
  ),
];

/** Several sensors of a site, and several hours of a day, as one. */
const together = (these: readonly Bucket[], aggregate: Aggregate): Omit<Compared, 'time'> => {
  const count = these.reduce((sum, one) => sum + one.count, 0);
  const measuredAt = instant(Math.min(...these.map(({ time }) => time)));
  return { measuredAt, count, value: summed(these, aggregate, count) };
};

const summed = (these: readonly Bucket[], aggregate: Aggregate, count: number): number => {
  const values = these.map(({ value }) => value);
  switch (aggregate) {
    case 'mean':
      return these.reduce((sum, one) => sum + one.value * one.count, 0) / count;
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'sum':
    case 'count':
      return values.reduce((sum, value) => sum + value, 0);
    case 'last':
      return these.reduce((last, one) => (one.time >= last.time ? one : last)).value;
  }
};
