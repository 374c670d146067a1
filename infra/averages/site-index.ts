import { instant, type DeviceId, type Instant, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import { daqiPollutants, type DaqiPollutant } from './daqi.ts';
import { INDEX_LOOK_BACK_MS, indexHours, overall, type Contribution, type IndexHour } from './index-hours.ts';
import type { Mean } from './means.ts';
import type { HoursAsked } from './read.ts';
import { hourSeries, quarterSeries, type AveragesFrom, type Series } from './series.ts';

/** What one device contributes to the index of its site. */
export interface SiteContribution extends Contribution {
  readonly device: DeviceId;
}

/** Whose index is wanted, for which hours. */
export interface SiteAsked extends Pick<HoursAsked, 'devices' | 'from' | 'to' | 'maxFlag'> {
  readonly site: SiteId;
}

/**
 * The index of a site, hour by hour, from what its devices observed there. Values of two devices are never in one mean:
 * each has contributions of its own, and the site's index is the worst device's.
 */
export const siteIndexHours = async (
  from: AveragesFrom,
  { site, ...asked }: SiteAsked,
): Promise<readonly IndexHour<SiteContribution>[]> => {
  const reach = { ...asked, sites: [site], from: instant(asked.from - INDEX_LOOK_BACK_MS) };
  const hours = await hourSeries(from, { ...reach, quantities: daqiPollutants });
  const so2 = hours.some(({ quantity }) => quantity === 'so2')
    ? await quarterSeries(from, { ...asked, sites: [site], quantities: ['so2'] })
    : [];
  const devices = new Set(hours.map(({ device }) => device));
  const merged = new Map<Instant, SiteContribution[]>();
  for (const device of [...devices].sort()) {
    const own = (all: readonly Series[], quantity: DaqiPollutant): readonly Mean[] =>
      all.find((series) => series.device === device && series.quantity === quantity)?.means ?? [];
    const input = {
      no2: own(hours, 'no2'),
      o3: own(hours, 'o3'),
      so2: own(so2, 'so2'),
      pm2_5: own(hours, 'pm2_5'),
      pm10: own(hours, 'pm10'),
    };
    for (const { time, contributions } of indexHours(input, asked)) {
      const hour = merged.get(time) ?? [];
      merged.set(time, [...hour, ...contributions.map((contribution) => ({ ...contribution, device }))]);
    }
  }
  return [...merged].sort(([a], [b]) => a - b).map(([time, contributions]) => overall(time, contributions));
};
