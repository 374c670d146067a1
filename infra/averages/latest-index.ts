import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { HOUR_MS } from '../timeseries/hours.ts';
import { lastWholeHour, type IndexHour } from './index-hours.ts';
import type { AveragesFrom } from './series.ts';
import { siteIndexHours, type SiteAsked, type SiteContribution } from './site-index.ts';

/** So many hours back the newest index may lie; what is older is history. */
export const LATEST_HOURS = 6;

/**
 * The newest index of a site: of the last hour that is over and has one, not older than `LATEST_HOURS`; else the last hour
 * with what was measured in it, and no index.
 */
export const latestIndexOf = async (
  from: AveragesFrom,
  asked: Omit<SiteAsked, 'from' | 'to'>,
  now: Instant,
): Promise<IndexHour<SiteContribution>> => {
  const last = lastWholeHour(now);
  const hours = await siteIndexHours(from, {
    ...asked,
    from: instant(last - (LATEST_HOURS - 1) * HOUR_MS),
    to: instant(last + HOUR_MS),
  });
  return (
    hours.findLast(({ index }) => index !== null) ??
    hours.find(({ time }) => time === last) ?? { time: last, index: null, contributions: [] }
  );
};
