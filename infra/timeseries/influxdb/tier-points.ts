import { Point } from '@influxdata/influxdb-client';
import { instant, isQuantityId, type DeviceId, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Sum } from '../buckets.ts';
import type { Aggregate, Tier } from '../contract.ts';
import type { TierFlag, TierHour } from '../samples.ts';
import type { InfluxClient } from './client.ts';
import { where, type Where } from './influxql.ts';
import { placeIn } from './points.ts';
import { deviceGroups } from './reader.ts';
import type { Mark, Marks } from './tier-state.ts';

/** The tiers that are made, and the measurements they lie in. */
export type MadeTier = Exclude<Tier, 'raw'>;
export const measurementOf = { hourly: 'kerbside_hours', daily: 'kerbside_days' } as const;
/** What each tier has lost to its retention, at the time 0. */
const RETENTION = 'kerbside_retention';
/** Up to where the hours of each device are made, at the time 0. */
const ROLLED = 'kerbside_rolled';
/** Hours that were made and are touched, by their time. */
export const TOUCHED = 'kerbside_touched';

/** An hour or a day of a device; `covered` has a bit for each minute or hour with a value. */
export interface TierRow extends Omit<TierHour, 'minutes'> {
  readonly device: DeviceId;
  readonly covered: bigint;
}

/** Bits as text: JSON has no integers of 60 bits. */
const BITS = 16;

/** `kerbside_hours,device=..,flag=2,quantity=pm2_5,site=.. count=60i,covered="fff..",last=..,lastAt=..i,max=..,mean=..,min=..,sum=.. 1790000000000` */
export const lineOf = (tier: MadeTier, { device, quantity, site, flag, time, covered, ...row }: TierRow): string =>
  new Point(measurementOf[tier])
    .tag('device', device)
    .tag('quantity', quantity)
    .tag('site', site ?? '')
    .tag('flag', String(flag))
    .intField('count', row.count)
    .floatField('sum', row.sum)
    .floatField('mean', row.mean)
    .floatField('min', row.min)
    .floatField('max', row.max)
    .floatField('last', row.last)
    .intField('lastAt', row.lastAt)
    .stringField('covered', covered.toString(BITS))
    .timestamp(time)
    .toLineProtocol({ convertTime: String }) ?? '';

/**
 * A row that is no more, because its values have been corrected away: deleting single points is dear in InfluxDB 1, and not to
 * be had in 2 and 3, so a row of no values takes its place, and no reader gives it.
 */
export const goneLine = (
  tier: MadeTier,
  { device, quantity, site, flag, time }: Pick<TierRow, 'device' | 'quantity' | 'site' | 'flag' | 'time'>,
): string =>
  new Point(measurementOf[tier])
    .tag('device', device)
    .tag('quantity', quantity)
    .tag('site', site ?? '')
    .tag('flag', String(flag))
    .intField('count', 0)
    .timestamp(time)
    .toLineProtocol({ convertTime: String }) ?? '';

/** Which rows of a tier are read. */
export interface RowsWhere extends Pick<Where, 'devices' | 'from' | 'to'> {
  /** Only rows for values with a flag of 1 or 2; those with suspect ones beside them unless 2 is said. */
  readonly flag?: TierFlag;
}

/** Rows of the devices, or of all, in order of time for each of their quantities, sites and flags. */
export const readRows = (client: InfluxClient, tier: MadeTier, where: RowsWhere): Promise<readonly TierRow[]> =>
  rowsOf(
    client,
    tier,
    { where, fields: ['count', 'sum', 'mean', 'min', 'max', 'last', 'lastAt', 'covered'] },
    (place, [time, count, sum, mean, min, max, last, lastAt, covered]) => ({
      ...place,
      time: instant(Number(time)),
      count: Number(count),
      sum: Number(sum),
      mean: Number(mean),
      min: Number(min),
      max: Number(max),
      last: Number(last),
      lastAt: instant(Number(lastAt)),
      covered: BigInt(`0x${String(covered)}`),
    }),
  );

/** What an aggregate needs of a row: its own figure, which stands in the place of the others too. */
export type SumRow = Pick<TierRow, 'device' | 'quantity' | 'site' | 'flag' | 'time' | keyof Sum>;

/** The same for one aggregate: a year of days is a third as many bytes then. */
export const readSums = (
  client: InfluxClient,
  tier: MadeTier,
  aggregate: Aggregate,
  where: RowsWhere,
): Promise<readonly SumRow[]> => {
  const field = aggregate === 'mean' ? 'sum' : aggregate;
  return rowsOf(
    client,
    tier,
    { where, fields: ['count', field, ...(field === 'last' ? ['lastAt'] : [])] },
    ({ device, quantity, site, flag }, cells) => {
      const value = Number(cells[2]);
      return {
        device,
        quantity,
        site,
        flag,
        time: instant(Number(cells[0])),
        count: Number(cells[1]),
        sum: value,
        min: value,
        max: value,
        last: value,
        lastAt: instant(Number(cells[3] ?? 0)),
      };
    },
  );
};

type RowPlace = Pick<TierRow, 'device' | 'quantity' | 'site' | 'flag'>;

/** Rows that are there, made of the time and the fields in their order. */
const rowsOf = async <Made>(
  client: InfluxClient,
  tier: MadeTier,
  { where: { flag, ...which }, fields }: { readonly where: RowsWhere; readonly fields: readonly string[] },
  make: (place: RowPlace, cells: readonly unknown[]) => Made,
): Promise<readonly Made[]> => {
  const rows: Made[] = [];
  const names = fields.map((field) => `"${field}"`).join(', ');
  for (const devices of deviceGroups(which.devices)) {
    const condition = where({ ...which, devices, ...(flag === 2 ? { also: `"flag" = '2'` } : {}) });
    const [tables = []] = await client.query([
      `SELECT ${names} FROM "${measurementOf[tier]}"${condition} GROUP BY "device", "quantity", "site", "flag"`,
    ]);
    for (const { tags, cells } of tables) {
      const [place, quantity] = [placeIn((tag) => tags.get(tag)), tags.get('quantity')];
      if (place === undefined || quantity === undefined || !isQuantityId(quantity)) continue;
      const of = {
        device: place.device,
        quantity,
        site: place.site,
        flag: tags.get('flag') === '3' ? (3 as const) : (2 as const),
      };
      // Of a row that is gone the count is 0.
      for (const row of cells) if (Number(row[1]) > 0) rows.push(make(of, row));
    }
  }
  return rows;
};

export const readFloors = async (client: InfluxClient): Promise<Record<Tier, number>> => {
  const floors: Record<Tier, number> = { raw: -Infinity, hourly: -Infinity, daily: -Infinity };
  const [tables = []] = await client.query([`SELECT "before" FROM "${RETENTION}" GROUP BY "tier"`]);
  for (const { tags, rows } of tables) {
    const [tier, before] = [tags.get('tier'), rows[0]?.get('before')];
    if ((tier === 'raw' || tier === 'hourly' || tier === 'daily') && typeof before === 'number') floors[tier] = before;
  }
  return floors;
};

export const floorLine = (tier: Tier, before: Instant): string => `${RETENTION},tier=${tier} before=${before}i 0`;

export const readRolled = async (client: InfluxClient): Promise<Map<DeviceId, number>> => {
  const rolled = new Map<DeviceId, number>();
  const [tables = []] = await client.query([`SELECT "until" FROM "${ROLLED}" GROUP BY "device"`]);
  for (const { tags, rows } of tables) {
    const [place, until] = [placeIn((tag) => tags.get(tag)), rows[0]?.get('until')];
    if (place !== undefined && typeof until === 'number') rolled.set(place.device, until);
  }
  return rolled;
};

export const rolledLine = (device: DeviceId, until: Instant): string =>
  new Point(ROLLED)
    .tag('device', device)
    .intField('until', until)
    .timestamp(0)
    .toLineProtocol({ convertTime: String }) ?? '';

/** Marks whose hours are not made since. */
export const readMarks = async (client: InfluxClient): Promise<Marks> => {
  const pending: Marks['pending'] = new Map();
  let highest = 0;
  const [tables = []] = await client.query([`SELECT "touched", "made" FROM "${TOUCHED}" GROUP BY "device"`]);
  for (const { tags, rows } of tables) {
    const device = placeIn((tag) => tags.get(tag))?.device;
    if (device === undefined) continue;
    for (const row of rows) {
      const [time, touched, made = 0] = [row.get('time'), row.get('touched'), row.get('made')];
      if (typeof time !== 'number' || typeof touched !== 'number') continue;
      highest = Math.max(highest, touched);
      if (touched <= Number(made)) continue;
      const hours = pending.get(device) ?? new Map<Instant, number>();
      pending.set(device, hours);
      hours.set(instant(time), touched);
    }
  }
  return { pending, highest };
};

const markPoint = ({ device, hour, number }: Mark, field: 'touched' | 'made'): string =>
  new Point(TOUCHED)
    .tag('device', device)
    .intField(field, number)
    .timestamp(hour)
    .toLineProtocol({ convertTime: String }) ?? '';
export const markLine = (mark: Mark): string => markPoint(mark, 'touched');
export const madeLine = (mark: Mark): string => markPoint(mark, 'made');
