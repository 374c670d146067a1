import { Point } from '@influxdata/influxdb-client';
import { instant, isQuantityId, type DeviceId, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Tier } from '../contract.ts';
import type { TierHour } from '../samples.ts';
import type { InfluxClient } from './client.ts';
import { where, type Where } from './influxql.ts';
import { placeIn } from './points.ts';
import { deviceGroups } from './reader.ts';

/** The tiers that are made, and the measurements they lie in. */
export type MadeTier = Exclude<Tier, 'raw'>;
export const measurementOf = { hourly: 'kerbside_hours', daily: 'kerbside_days' } as const;
/** What each tier has lost to its retention, at the time 0. */
const RETENTION = 'kerbside_retention';

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

/** Rows of the devices, or of all, in order of time for each of their quantities, sites and flags. */
export const readRows = async (client: InfluxClient, tier: MadeTier, { devices, from, to }: Where): Promise<readonly TierRow[]> => {
  const rows: TierRow[] = [];
  for (const group of deviceGroups(devices)) {
    const [tables = []] = await client.query([`SELECT * FROM "${measurementOf[tier]}"${where({ devices: group, from, to })} GROUP BY "device", "quantity", "site", "flag"`]);
    for (const { tags, rows: found } of tables) {
      const [place, quantity] = [placeIn((tag) => tags.get(tag)), tags.get('quantity')];
      if (place === undefined || quantity === undefined || !isQuantityId(quantity)) continue;
      const { device, site } = place;
      for (const row of found) {
        const number = (name: string): number => Number(row.get(name));
        rows.push({
          device,
          quantity,
          site,
          flag: tags.get('flag') === '3' ? 3 : 2,
          time: instant(number('time')),
          count: number('count'),
          sum: number('sum'),
          mean: number('mean'),
          min: number('min'),
          max: number('max'),
          last: number('last'),
          lastAt: instant(number('lastAt')),
          covered: BigInt(`0x${String(row.get('covered'))}`),
        });
      }
    }
  }
  return rows;
};

/** The time of the oldest row. */
export const firstTime = async (client: InfluxClient, tier: MadeTier): Promise<Instant | undefined> => {
  const [[table] = []] = await client.query([`SELECT "count" FROM "${measurementOf[tier]}" ORDER BY time ASC LIMIT 1`]);
  const time = table?.rows[0]?.get('time');
  return typeof time === 'number' ? instant(time) : undefined;
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
