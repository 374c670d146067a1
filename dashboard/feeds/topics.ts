import type { Borough, Observation, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert } from '../../infra/registry/contract.ts';

/** Stands where a site has no borough, or an alert no site: neither a borough nor a site id can be this. */
const NOWHERE = '-';

/**
 * `feeds/v1/{borough}/{siteId}/{quantity}`; undefined for what was observed at no site, which the feed has no place
 * for.
 */
export const observationTopic = ({
  borough,
  site,
  quantity,
}: Pick<Observation, 'borough' | 'site' | 'quantity'>): string | undefined =>
  site === null ? undefined : `feeds/v1/${borough ?? NOWHERE}/${site}/${quantity}`;

/**
 * `feeds/v1/alerts/{borough}/{siteId}/{device}/{rule}`: one for each condition that can hold, so that its newest
 * state can be retained.
 */
export const alertTopic = (
  { site, device, rule }: Pick<Alert, 'site' | 'device' | 'rule'>,
  boroughOf: (site: SiteId) => Borough | undefined,
): string =>
  `feeds/v1/alerts/${(site === null ? undefined : boroughOf(site)) ?? NOWHERE}/${site ?? NOWHERE}/${device}/${rule}`;

/** Whether a filter can match a topic of the feed: anything else is a slip that the partner should hear of. */
export const isFeedFilter = (filter: string): boolean => {
  const [first, second] = filter.split('/');
  return (
    first === '#' || ((first === 'feeds' || first === '+') && (second === 'v1' || second === '+' || second === '#'))
  );
};
