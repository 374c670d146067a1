import {
  Flag,
  instant,
  quantityOf,
  type DeviceId,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../../device-profiles/vocabulary/index.ts';
import { DeviceBuckets, intervalOf } from '../buckets.ts';
import type { AggregateQuery, Bucket } from '../contract.ts';
import { aggregateFlag, selectorOf } from '../selection.ts';
import type { Row } from './answer.ts';
import type { InfluxClient } from './client.ts';
import { identifier, milliseconds, where } from './influxql.ts';
import { fieldsOf } from './lines.ts';
import { placeIn, type Place } from './points.ts';
import { deviceGroups, knownQuantities, readAll, wantedIn } from './reader.ts';
import { WITHDRAWN } from './withdraw.ts';

/** One interval as one series of a device has it. */
interface Part extends Bucket {
  readonly site: SiteId | null;
}

/**
 * Buckets as InfluxDB counts them, where one series of a device spoke in the interval. Where two did, the device moved,
 * or readings were written again for another site and would count twice (see points.ts): those intervals are
 * counted here, from their readings.
 */
export const readBuckets = async (client: InfluxClient, query: AggregateQuery): Promise<readonly Bucket[]> => {
  const selector = selectorOf(query);
  const buckets: Bucket[] = [];
  for (const [device, intervals] of await readParts(client, query)) {
    const shared: Part[] = [];
    for (const [part, ...others] of intervals.values()) {
      if (part === undefined) continue;
      if (others.length > 0) shared.push(part);
      else if (selector.site(part.site)) buckets.push(bucketOf(part));
    }
    if (shared.length > 0) buckets.push(...(await countHere(client, query, { device, shared })));
  }
  return buckets.toSorted(inOrder);
};

const bucketOf = ({ device, quantity, time, value, count }: Part): Bucket => ({ device, quantity, time, value, count });

const inOrder = (a: Bucket, b: Bucket): number => {
  if (a.device !== b.device) return a.device < b.device ? -1 : 1;
  if (a.quantity !== b.quantity) return a.quantity < b.quantity ? -1 : 1;
  return a.time - b.time;
};

/** A flag of 9 is no value, although a number that was corrected away may still lie beside it. */
const flagAtMost = (maxFlag: Flag | undefined): number => Math.min(aggregateFlag(maxFlag), Flag.fail);

/** Of each device the parts of each quantity and interval. */
const readParts = async (
  client: InfluxClient,
  query: AggregateQuery,
): Promise<ReadonlyMap<DeviceId, ReadonlyMap<string, readonly Part[]>>> => {
  const { devices } = query;
  const quantities = await knownQuantities(client, wantedIn(query));
  const found = new Map<DeviceId, Map<string, Part[]>>();
  for (const group of deviceGroups(devices)) {
    for (const quantity of quantities) {
      for (const part of await readQuantity(client, { ...query, devices: group, quantity })) {
        const key = `${quantity} ${part.time}`;
        const parts = found.get(part.device) ?? new Map<string, Part[]>();
        found.set(part.device, parts);
        const before = parts.get(key);
        if (before === undefined) parts.set(key, [part]);
        else before.push(part);
      }
    }
  }
  return found;
};

type QuantityQuery = Omit<AggregateQuery, 'devices'> & {
  readonly devices: readonly DeviceId[] | undefined;
  readonly quantity: QuantityId;
};

const readQuantity = async (
  client: InfluxClient,
  { quantity, devices, from, to, everyMs, aggregate, maxFlag }: QuantityQuery,
): Promise<readonly Part[]> => {
  const field = identifier(fieldsOf(quantity).value);
  const flag = identifier(fieldsOf(quantity).flag);
  const also = `${flag} > ${WITHDRAWN} AND ${flag} <= ${flagAtMost(maxFlag)}`;
  const source = `FROM ${identifier(quantityOf(quantity).family)}${where({ devices, from, to, also })}`;
  const groups = `GROUP BY time(${milliseconds(everyMs)}), "device", "site", "borough" fill(none)`;
  const [tables = []] = await client.query([
    `SELECT count(${field}) AS "n", ${aggregate}(${field}) AS "of" ${source} ${groups}`,
  ]);
  return tables.flatMap(({ tags, rows }) => {
    const place = placeIn((tag) => tags.get(tag));
    return place === undefined ? [] : rows.flatMap((row) => partIn(row, place, quantity) ?? []);
  });
};

const partIn = (row: Row, { device, site }: Place, quantity: QuantityId): Part | undefined => {
  const [time, count, value] = [row.get('time'), row.get('n'), row.get('of')];
  if (typeof time !== 'number' || typeof count !== 'number' || typeof value !== 'number') return undefined;
  return { device, quantity, time: instant(time), value, count, site };
};

const countHere = async (
  client: InfluxClient,
  query: AggregateQuery,
  { device, shared }: { device: DeviceId; shared: readonly Part[] },
): Promise<readonly Bucket[]> => {
  const { everyMs, aggregate } = query;
  const selector = selectorOf({ ...query, maxFlag: aggregateFlag(query.maxFlag) });
  const times = shared.map(({ time }) => time);
  const span = {
    device,
    from: later(instant(Math.min(...times)), query.from),
    to: earlier(instant(Math.max(...times) + everyMs), query.to),
  };
  const quantities = [...new Set<QuantityId>(shared.map(({ quantity }) => quantity))];
  const gathered = new DeviceBuckets();
  for (const observation of await readAll(client, wantedIn({ quantities }), span)) {
    if (observation.value.kind !== 'measured' || !selector.site(observation.site) || !selector.judged(observation))
      continue;
    gathered.add(observation.quantity, intervalOf(observation.time, everyMs), {
      time: observation.time,
      value: observation.value.value,
    });
  }
  const keys = new Set(shared.map(({ quantity, time }) => `${quantity} ${time}`));
  return gathered.finish(device, aggregate).filter(({ quantity, time }) => keys.has(`${quantity} ${time}`));
};

const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);
const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);
