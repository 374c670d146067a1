import type { Nearby } from '../../device-profiles/quality/neighbours.ts';
import type { Plan } from '../../device-profiles/quality/limits.ts';
import { Flag, type JudgedReading, type QuantityId, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import { metresBetween } from '../../infra/registry/distance.ts';
import type { Registry } from '../../infra/registry/contract.ts';

/** A puff of smoke is over by then, and two streets still breathe the same air. */
export const SLOT_MS = 15 * 60_000;

/** What a site measured in the quarter of an hour that lasts, and in the one before. */
interface Means {
  slot: number;
  sum: number;
  count: number;
  /** Of the slot before; NaN where there was no value. */
  before: number;
}

/**
 * What sites measure just now, for the test against the sites nearby. Nothing is kept until a plan asks for it, and two
 * numbers for each site and quantity then. It speaks of the present: for a value that comes late nobody is asked.
 */
export class Surroundings {
  readonly #registry: Pick<Registry, 'site'>;
  readonly #means = new Map<QuantityId, Map<SiteId, Means>>();
  #asked = false;

  constructor(registry: Pick<Registry, 'site'>) {
    this.#registry = registry;
  }

  /** Takes in what was measured. Failed values are nobody's air. */
  note({ site, time, observations }: JudgedReading): void {
    if (!this.#asked || site === null) return;
    const slot = Math.floor(time / SLOT_MS);
    for (const { quantity, value, flag } of observations) {
      if (value.kind === 'absent' || flag === Flag.fail) continue;
      let sites = this.#means.get(quantity);
      if (sites === undefined) this.#means.set(quantity, (sites = new Map()));
      const means = sites.get(site);
      if (means === undefined) sites.set(site, { slot, sum: value.value, count: 1, before: Number.NaN });
      else add(means, slot, value.value);
    }
  }

  /** What there is to compare with at that time; undefined where the plan does not ask, or nobody knows where the site is. */
  at(site: SiteId | null, time: number, plan: Plan): Nearby | undefined {
    if (site === null || !plan.asksNearby) return undefined;
    this.#asked = true;
    const slot = Math.floor(time / SLOT_MS) - 1;
    return {
      own: (quantity) => meanIn(this.#means.get(quantity)?.get(site), slot),
      others: (quantity) => {
        const metres = plan.limits.get(quantity)?.nearbyM ?? 0;
        return [...(this.#means.get(quantity) ?? [])].flatMap(([other, means]) => {
          const mean = other === site ? undefined : meanIn(means, slot);
          return mean === undefined || !(this.#metres(site, other) <= metres) ? [] : [mean];
        });
      },
    };
  }

  #metres(from: SiteId, to: SiteId): number {
    return metresBetween(this.#registry.site(from), this.#registry.site(to));
  }
}

const add = (means: Means, slot: number, value: number): void => {
  if (slot < means.slot) return;
  if (slot > means.slot) {
    means.before = slot === means.slot + 1 ? means.sum / means.count : Number.NaN;
    means.slot = slot;
    means.sum = means.count = 0;
  }
  means.sum += value;
  means.count += 1;
};

const meanIn = (means: Means | undefined, slot: number): number | undefined => {
  const mean =
    means === undefined
      ? Number.NaN
      : means.slot === slot
        ? means.sum / means.count
        : means.slot === slot + 1
          ? means.before
          : Number.NaN;
  return Number.isNaN(mean) ? undefined : mean;
};
