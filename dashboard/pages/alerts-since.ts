import type { DeviceId, Instant, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert } from '../../infra/registry/contract.ts';
import type { PageParts } from './page.ts';

/** Alerts read at once, and how often: a city's alerts of a year are not read for one page. */
const PAGE = 1_000;
const PAGES_AT_MOST = 5;

/** Alerts of these devices, or at that site, that began then or later, as far as the newest 5,000 of all reach. */
export const alertsSince = async (
  since: Instant,
  { devices, site }: { readonly devices: readonly DeviceId[]; readonly site: SiteId | undefined },
  { registry }: Pick<PageParts, 'registry'>,
): Promise<readonly Alert[]> => {
  const wanted: ReadonlySet<DeviceId> = new Set(devices);
  const found: Alert[] = [];
  let before: string | undefined;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const { alerts, next } = await registry.alerts({ limit: PAGE, ...(before === undefined ? {} : { before }) });
    found.push(...alerts.filter((alert) => alert.startedAt >= since && (site === undefined ? wanted.has(alert.device) : alert.site === site)));
    const last = alerts.at(-1);
    if (next === undefined || last === undefined || last.startedAt < since) break;
    before = next;
  }
  return found;
};
