import type { Catalogue } from '../../device-profiles/profile.ts';
import {
  instant,
  quantityIds,
  type DeviceId,
  type Instant,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../registry/contract.ts';
import { DeviceBuckets, intervalOf } from '../timeseries/buckets.ts';
import type { AggregateQuery, Bucket, TimeSeries } from '../timeseries/contract.ts';
import { tierFor } from '../timeseries/pieces.ts';
import { aggregateFlag } from '../timeseries/selection.ts';
import { HOUR_MS } from './civil-time.ts';
import { coarseDay, coarseHour, coveredOf } from './coarse.ts';
import { stretchesOf, type LabelRules } from './labels.ts';
import { readLeft } from './read.ts';
import { place, type Labelled } from './source-clock.ts';
import { labelsOf, subjects, toldOf } from './subject.ts';

/** What intervals stand on. */
export interface IntervalParts {
  readonly timeseries: Pick<TimeSeries, 'aggregate' | 'range' | 'hours' | 'days'>;
  readonly registry: Pick<Registry, 'device'>;
  readonly catalogue: Pick<Catalogue, 'get'>;
}

/** A query that names its devices. */
export interface IntervalsQuery extends AggregateQuery {
  readonly devices: readonly DeviceId[];
}

/** Counts of periods. */
const counts: ReadonlySet<QuantityId> = new Set(
  subjects.flatMap((subject) => toldOf(subject).map(({ told: { period } }) => period)),
);

/**
 * Values by interval as the store has them, but counts where they were counted: those of a source that names a period by its
 * end, or by UK clocks, are in the same hours as in `footfall`. They are few, and read one by one; where their single readings
 * are gone, by the hour or the day.
 */
export const aggregateOf = async (parts: IntervalParts, query: IntervalsQuery): Promise<readonly Bucket[]> => {
  const wanted = (query.quantities ?? quantityIds).filter((quantity) => counts.has(quantity));
  const named =
    wanted.length === 0 ? [] : query.devices.filter((device) => isNamedOtherwise(labelRulesOf(parts, device)));
  if (named.length === 0) return parts.timeseries.aggregate(query);
  const apart = new Set(named);
  const others = query.devices.filter((device) => !apart.has(device));
  const rest = (query.quantities ?? quantityIds).filter((quantity) => !counts.has(quantity));
  const found = [
    others.length === 0 ? [] : await parts.timeseries.aggregate({ ...query, devices: others }),
    rest.length === 0 ? [] : await parts.timeseries.aggregate({ ...query, devices: named, quantities: rest }),
  ];
  for (const device of named) found.push(await countsIn(parts, device, { ...query, quantities: wanted }));
  return found.flat().sort((a, b) => compare(a.device, b.device) || compare(a.quantity, b.quantity) || a.time - b.time);
};

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const labelRulesOf = ({ registry, catalogue }: IntervalParts, id: DeviceId): LabelRules =>
  labelsOf(registry.device({ by: 'id', value: id }), catalogue);

/** Whether the time of a count is not when its period began. */
const isNamedOtherwise = ({ labelled, clock }: LabelRules): boolean => labelled === 'end' || clock !== 'utc';

/**
 * What one device counted, by interval. A count belongs, whole, where the middle of its period lies. So does, where retention has
 * taken the single readings, an hour of them in intervals of whole hours, and a day in those of whole days: as in `footfall`.
 */
const countsIn = async (parts: IntervalParts, device: DeviceId, query: AggregateQuery): Promise<readonly Bucket[]> => {
  const { everyMs, aggregate, from, to, sites, quantities = quantityIds, maxFlag } = query;
  const rules = labelRulesOf(parts, device);
  // Far enough for a label to name what lies within.
  const margin = 2 * rules.everyMs + 2 * HOUR_MS;
  const { readings, hours, days } = await readLeft(parts.timeseries, {
    devices: [device],
    quantities,
    ...(sites === undefined ? {} : { sites }),
    maxFlag: aggregateFlag(maxFlag),
    from: instant(from - margin),
    to: instant(to + margin),
    coarsest: tierFor(query),
    atMost: Infinity,
  });
  const gathered = new DeviceBuckets();
  const intervalAt = (labels: Labelled): { readonly interval: Instant; readonly middle: Instant } | undefined => {
    const span = place(labels, rules.clock);
    const middle = instant(Math.floor((span.from + span.to) / 2));
    return middle < from || middle >= to ? undefined : { interval: intervalOf(middle, everyMs), middle };
  };
  for (const said of Map.groupBy(readings, ({ quantity, site }) => `${quantity} ${site ?? ''}`).values()) {
    for (const [at, stretch] of stretchesOf(
      said.map(({ time }) => time),
      rules,
    ).entries()) {
      const [one, where] = [said[at], intervalAt(stretch)];
      if (one !== undefined && where !== undefined)
        gathered.add(one.quantity, where.interval, { time: where.middle, value: one.value });
    }
  }
  for (const [stats, coarse] of [
    ...hours.map((hour) => [hour, coarseHour(hour)] as const),
    ...days.map((day) => [day, coarseDay(day)] as const),
  ]) {
    const covered = coveredOf(coarse, rules);
    const [first, last] = [covered[0], covered.at(-1)];
    const where = first === undefined || last === undefined ? undefined : intervalAt({ from: first.from, to: last.to });
    if (where !== undefined) gathered.join(stats.quantity, where.interval, { ...stats, lastAt: where.middle });
  }
  return gathered.finish(device, aggregate);
};
