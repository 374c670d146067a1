import type { Profile } from '../../device-profiles/profile.ts';
import { HORIZON_AT_MOST_MS } from '../../device-profiles/quality/plan.ts';
import type { DeviceId, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { HOUR_MS } from '../../infra/timeseries/hours.ts';
import type { Plans } from './plans.ts';

/** Where single values have gone, in milliseconds of phenomenon time; -Infinity where none have. */
export interface Edge {
  /** From here on every single value is there, and for a while still will be. */
  readonly kept: number;
  /** From here on a value can be judged anew: all that its flag was given by is there. A whole hour. */
  readonly since: number;
}

/** So far after the oldest single value at the most it lies, whatever is set: what is newer need not be asked about. */
export const EDGE_AT_MOST_MS = 2 * HORIZON_AT_MOST_MS;

/** The store goes on losing values while they are looked at. */
const LOSING_MS = HOUR_MS;

/**
 * The one rule for what retention has made impossible to judge anew: what explain does not compare, what a run over history leaves
 * as it is, and what a late value corrects no more. A flag depends on what was said as far back as the plan looks, and on the value
 * before that a spike may change; beside what is left a sensor that is stuck would look like one that has just begun to speak. Of
 * the sites where the device stood then the one counts whose limits look back furthest.
 * @param keptFrom the store may have dropped single values before this; -Infinity where it keeps all.
 */
export const edgeOf = (
  { device, profile, keptFrom }: { readonly device: DeviceId; readonly profile: Profile; readonly keptFrom: number },
  { registry, plans }: { readonly registry: Pick<Registry, 'deployments'>; readonly plans: Plans },
): Edge => {
  if (keptFrom === -Infinity) return { kept: -Infinity, since: -Infinity };
  const kept = keptFrom + LOSING_MS;
  const stays = registry
    .deployments()
    .filter((stay) => stay.device === device && stay.from < kept + EDGE_AT_MOST_MS && (stay.to ?? Infinity) > kept);
  const sites = [null, ...new Set<SiteId | null>(stays.map(({ site }) => site))];
  const depends = sites.map((site) => {
    const { horizonMs, plausibility } = plans.of(profile, device, site);
    return horizonMs + plausibility.withinMs;
  });
  // Whole hours, so that no mean is of values of two kinds.
  return { kept, since: Math.ceil((kept + Math.max(...depends)) / HOUR_MS) * HOUR_MS };
};
