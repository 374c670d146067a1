import { departure, median, nearbyLimit, NEIGHBOURS_AT_LEAST } from '../../device-profiles/quality/neighbours.ts';
import type { Limits } from '../../device-profiles/quality/limits.ts';
import { Flag, instant, type Instant, type QuantityId, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Beside } from '../../infra/explain/contract.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { metresBetween } from '../../infra/registry/distance.ts';
import { SLOT_MS } from '../judge/surroundings.ts';

/** What the sites nearby measured, as the store has it now: what was known when the value was news is not kept. */
export interface Recalled {
  readonly found: number | undefined;
  readonly suspect: number;
  /** The mean of each site that was compared, the site's own first. */
  readonly beside: readonly Beside[];
  /** Why there is nothing to compare; undefined where there is. */
  readonly lacks?: 'nowhere' | 'too-few-nearby';
}

interface Asked {
  readonly site: SiteId | null;
  readonly quantity: QuantityId;
  readonly time: Instant;
  readonly limits: Limits;
}

/** Observations of one question; and as many questions as a quarter of an hour of a whole town may need. */
const PAGE = 10_000;
const PAGES_AT_MOST = 20;

/** The quarter of an hour that was over when the value came, at its site and those nearby. */
export const recall = async (
  { site, quantity, time, limits }: Asked,
  {
    timeseries,
    registry,
  }: { readonly timeseries: Pick<TimeSeries, 'range'>; readonly registry: Pick<Registry, 'site' | 'sites'> },
): Promise<Recalled> => {
  const own = site === null ? undefined : registry.site(site);
  const near = registry.sites().filter((other) => other.id !== site && metresBetween(own, other) <= limits.nearbyM);
  const from = instant((Math.floor(time / SLOT_MS) - 1) * SLOT_MS);
  const nothing = { found: undefined, suspect: limits.nearbySuspect, beside: [] };
  if (site === null || own?.latitude === undefined) return { ...nothing, lacks: 'nowhere' };
  const sums = new Map<SiteId, { sum: number; count: number }>();
  let after: string | undefined;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const found = await timeseries.range({
      sites: [site, ...near.map(({ id }) => id)],
      quantities: [quantity],
      from,
      to: instant(from + SLOT_MS),
      maxFlag: Flag.suspect,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { site: where, value } of found.observations) {
      if (where === null || value.kind === 'absent') continue;
      const sum = sums.get(where) ?? { sum: 0, count: 0 };
      sums.set(where, { sum: sum.sum + value.value, count: sum.count + 1 });
    }
    after = found.next;
    if (after === undefined) break;
  }
  const means = new Map([...sums].map(([where, { sum, count }]) => [where, sum / count]));
  const mine = means.get(site);
  const others = [...means].filter(([where]) => where !== site);
  const nearby = { own: () => mine, others: () => others.map(([, mean]) => mean) };
  const found = departure(nearby, quantity);
  const beside = [
    ...(mine === undefined ? [] : [{ time: from, value: mine, site }]),
    ...others.map(([where, value]) => ({ time: from, value, site: where })),
  ];
  if (Number.isNaN(found) || others.length < NEIGHBOURS_AT_LEAST)
    return { ...nothing, beside, lacks: 'too-few-nearby' };
  return {
    found,
    suspect: nearbyLimit(nearby, quantity, limits),
    beside: [...beside, { time: from, value: median(others.map(([, mean]) => mean)) }],
  };
};
