import type { Catalogue } from '../../device-profiles/profile.ts';
import { instant, quantityIds, type DeviceId, type QuantityId, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../registry/contract.ts';
import { DeviceBuckets, intervalOf } from '../timeseries/buckets.ts';
import type { AggregateQuery, Bucket, TimeSeries } from '../timeseries/contract.ts';
import { aggregateFlag } from '../timeseries/selection.ts';
import { HOUR_MS } from './civil-time.ts';
import { stretchesOf, type LabelRules } from './labels.ts';
import { place } from './source-clock.ts';
import { labelsOf, subjects, toldOf } from './subject.ts';

/** What intervals stand on. */
export interface IntervalParts {
  readonly timeseries: Pick<TimeSeries, 'aggregate' | 'range'>;
  readonly registry: Pick<Registry, 'device'>;
  readonly catalogue: Pick<Catalogue, 'get'>;
}

/** A query that names its devices. */
export interface IntervalsQuery extends AggregateQuery {
  readonly devices: readonly DeviceId[];
}

/** Counts of periods. */
const counts: ReadonlySet<QuantityId> = new Set(subjects.flatMap((subject) => toldOf(subject).map(({ told: { period } }) => period)));

/**
 * Values by interval as the store has them, but counts where they were counted: those of a source that names a period by its
 * end, or by UK clocks, are in the same hours as in `footfall`. They are few, and read one by one.
 */
export const aggregateOf = async (parts: IntervalParts, query: IntervalsQuery): Promise<readonly Bucket[]> => {
  const wanted = (query.quantities ?? quantityIds).filter((quantity) => counts.has(quantity));
  const named = wanted.length === 0 ? [] : query.devices.filter((device) => isNamedOtherwise(labelRulesOf(parts, device)));
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

const labelRulesOf = ({ registry, catalogue }: IntervalParts, id: DeviceId): LabelRules => labelsOf(registry.device({ by: 'id', value: id }), catalogue);

/** Whether the time of a count is not when its period began. */
const isNamedOtherwise = ({ labelled, clock }: LabelRules): boolean => labelled === 'end' || clock !== 'utc';

const PAGE = 10_000;

interface Said {
  readonly quantity: QuantityId;
  readonly labels: number[];
  readonly values: number[];
}

/** What one device counted, by interval. A count belongs, whole, where the middle of its period lies. */
const countsIn = async (parts: IntervalParts, device: DeviceId, query: AggregateQuery): Promise<readonly Bucket[]> => {
  const { everyMs, aggregate, from, to } = query;
  const rules = labelRulesOf(parts, device);
  const gathered = new DeviceBuckets();
  for (const { quantity, labels, values } of await saidAround(parts, { ...query, devices: [device] }, rules.everyMs)) {
    for (const [at, stretch] of stretchesOf(labels, rules).entries()) {
      const span = place(stretch, rules.clock);
      const middle = instant(Math.floor((span.from + span.to) / 2));
      if (middle < from || middle >= to) continue;
      gathered.add(quantity, intervalOf(middle, everyMs), { time: middle, value: values[at] ?? 0 });
    }
  }
  return gathered.finish(device, aggregate);
};

/** Counts of a span and a little around it, by quantity and site: far enough for a label to name what lies within. */
const saidAround = async ({ timeseries }: IntervalParts, { from, to, everyMs: _length, aggregate: _which, maxFlag, ...selection }: AggregateQuery, everyMs: number): Promise<Iterable<Said>> => {
  const margin = 2 * everyMs + 2 * HOUR_MS;
  const said = new Map<string, Said>();
  for (let after: string | undefined; ;) {
    const page = await timeseries.range({
      ...selection,
      maxFlag: aggregateFlag(maxFlag),
      from: instant(from - margin),
      to: instant(to + margin),
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { quantity, site, time, value } of page.observations) {
      if (value.kind !== 'measured') continue;
      const of = ofStream(said, quantity, site);
      of.labels.push(time);
      of.values.push(value.value);
    }
    if (page.next === undefined) return said.values();
    after = page.next;
  }
};

const ofStream = (said: Map<string, Said>, quantity: QuantityId, site: SiteId | null): Said => {
  const key = `${quantity} ${site ?? ''}`;
  let of = said.get(key);
  if (of === undefined) said.set(key, (of = { quantity, labels: [], values: [] }));
  return of;
};
