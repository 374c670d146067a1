import type { DeviceId, Instant, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert } from '../../infra/registry/contract.ts';
import type { PageParts } from './page.ts';

/** No chart holds more marks. */
const ALERTS_AT_MOST = 1_000;

/** Alerts at that site, or else of these devices, that began then or later: the newest thousand of each. */
export const alertsSince = async (
  since: Instant,
  { devices, site }: { readonly devices: readonly DeviceId[]; readonly site: SiteId | undefined },
  { registry }: Pick<PageParts, 'registry'>,
): Promise<readonly Alert[]> => {
  const whose = site === undefined ? devices.map((device) => ({ device })) : [{ site }];
  const found = await Promise.all(whose.map((one) => registry.alerts({ ...one, since, limit: ALERTS_AT_MOST })));
  return found.flatMap(({ alerts }) => alerts);
};
