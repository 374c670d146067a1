import { instant, type DeviceId, type Observation } from '../../../device-profiles/vocabulary/index.ts';
import type { AggregateQuery, Bucket, StatsQuery } from '../contract.ts';
import { DAY_MS, daysFrom, type Day } from '../days.ts';
import { HOUR_MS, type Hour } from '../hours.ts';
import { tierFor } from '../pieces.ts';
import { byQuantityTimeSite, Samples, wholeSpan, type TierFlag } from '../samples.ts';
import { aggregateFlag, selectorOf, type Selector } from '../selection.ts';
import { readBuckets } from './aggregate.ts';
import type { InfluxClient } from './client.ts';
import { inOrderOf, RowBuckets } from './row-buckets.ts';
import { readRows, readSums, type TierRow } from './tier-points.ts';
import type { Alike, InfluxTiers, Visitor } from './tiers.ts';

/** Buckets: of hours and days where they are made, and as InfluxDB counts them from raw where they are not yet. */
export const bucketsOf = async (from: StatsFrom, query: AggregateQuery): Promise<readonly Bucket[]> => {
  if (tierFor(query) === 'raw') return readBuckets(from.client, query);
  const groups = await from.tiers.alike(query.devices);
  const found = new Map<DeviceId, (readonly Bucket[])[]>();
  for (const group of groups)
    for (const [device, lists] of await bucketsAlike(from, query, group)) found.set(device, [...lists]);
  return inOrderOf(found);
};

/** Of each device lists of buckets. */
const bucketsAlike = async (
  { client, tiers }: StatsFrom,
  query: AggregateQuery,
  { devices, until }: Alike,
): Promise<ReadonlyMap<DeviceId, readonly (readonly Bucket[])[]>> => {
  const { everyMs, from, to, aggregate } = query;
  const those = { ...query, ...(devices === undefined ? {} : { devices }) };
  // The interval in which hours end has some of both.
  const rest = instant(Math.max(from, Math.min(to, Math.ceil(until / everyMs) * everyMs)));
  const selector = selectorOf({ ...query, maxFlag: aggregateFlag(query.maxFlag) });
  const gathered = new RowBuckets(query);
  await tiers.visit(
    { from, to: rest, tier: tierFor(query), devices, until, flag: flagOf(query) },
    {
      read: (of, where) => readSums(client, of, aggregate, where),
      row: (tier, row) => {
        if (isSelected(row, selector)) gathered.addRow(tier, row);
      },
      raw: ({ device, quantity, time, value, site, flag }) => {
        if (value.kind === 'measured' && selector.site(site) && selector.quantity(quantity) && selector.flag(flag))
          gathered.addValue(device, quantity, { time, value: value.value });
      },
    },
  );
  const found = new Map([...gathered.finish()].map(([device, lists]) => [device, [...lists]]));
  const after = rest < to ? await readBuckets(client, { ...those, from: rest }) : [];
  for (const [device, buckets] of Map.groupBy(after, (bucket) => bucket.device))
    found.set(device, [...(found.get(device) ?? []), buckets]);
  return found;
};

/** What hours and days are read from. */
export interface StatsFrom {
  readonly client: InfluxClient;
  readonly tiers: InfluxTiers;
}

/** Hours; those that are not made yet are counted here, from observations. */
export const hoursOf = async (from: StatsFrom, query: StatsQuery): Promise<readonly Hour[]> => {
  const { hours } = await statsOf(from, query, 'hourly');
  return hours.sort(inOrder);
};

/** UTC days, likewise. */
export const daysOf = async (from: StatsFrom, query: StatsQuery): Promise<readonly Day[]> => {
  const { hours, days } = await statsOf(from, query, 'daily');
  const ofHours = [...Map.groupBy(hours.sort(inOrder), ({ device }) => device).values()].flatMap(daysFrom);
  return [...days, ...ofHours].sort(inOrder);
};

const statsOf = async ({ client, tiers }: StatsFrom, query: StatsQuery, tier: 'hourly' | 'daily') => {
  const selector = selectorOf(query);
  const samples = new Map<DeviceId, Samples>();
  const of = ensuring(samples, () => new Samples());
  const [hours, days]: [Hour[], Day[]] = [[], []];
  const finest = tierFor({ everyMs: tier === 'hourly' ? HOUR_MS : DAY_MS, maxFlag: query.maxFlag });
  const visitor: Visitor<TierRow> = {
    read: (of, where) => readRows(client, of, where),
    row: (from, row) => {
      if (!isSelected(row, selector)) return;
      const { device, quantity, site, time, count, sum, mean, min, max, last, covered } = row;
      const stats = { device, quantity, site, time, count, sum, mean, min, max, last };
      if (from === 'hourly') hours.push({ ...stats, minutes: covered });
      else days.push({ ...stats, hours: Number(covered) });
    },
    raw: (observation: Observation) =>
      of(observation.device).addReading({ ...observation, observations: [observation] }, selector),
  };
  for (const group of await tiers.alike(query.devices))
    await tiers.visit({ ...wholeSpan(query, tier), ...group, tier: finest, flag: flagOf(query) }, visitor);
  return { hours: [...hours, ...[...samples].flatMap(([device, all]) => all.hours(device))], days };
};

const isSelected = ({ quantity, site }: Pick<TierRow, 'quantity' | 'site'>, selector: Selector): boolean =>
  selector.quantity(quantity) && selector.site(site);

const flagOf = ({ maxFlag }: Pick<AggregateQuery, 'maxFlag'>): TierFlag => (aggregateFlag(maxFlag) === 2 ? 2 : 3);

/** Finds what belongs to a device, or makes it. */
const ensuring =
  <Part>(parts: Map<DeviceId, Part>, make: () => Part) =>
  (device: DeviceId): Part => {
    let part = parts.get(device);
    if (part === undefined) parts.set(device, (part = make()));
    return part;
  };

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
const inOrder = (a: Hour | Day, b: Hour | Day): number => compare(a.device, b.device) || byQuantityTimeSite(a, b);
