import type { Plan } from '../../device-profiles/quality/limits.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import type { Judged, JudgedReading, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import type { Plans } from '../judge/plans.ts';
import { held, momentsOf, type MomentParts } from './moments.ts';
import type { Stretch } from './stretches.ts';
import { weigh, type Weighed } from './weigh.ts';

/** A part of a stretch, or of what lies around it, that is judged and written at once. */
export interface Chunk {
  readonly stretch: Stretch;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** How far around a stretch its values can change others. */
export interface Margins {
  readonly before: number;
  readonly after: number;
}

export interface ChunkParts extends MomentParts {
  readonly registry: Pick<Registry, 'deployment' | 'site' | 'calibrations' | 'calibration'>;
  readonly timeseries: Pick<TimeSeries, 'range'>;
  readonly plans: Plans;
}

/** What a chunk comes to, and how many moments had to be looked at for it. */
export interface Chunked extends Weighed {
  readonly moments: number;
  /** What the store has of it, those that it lies between aside. */
  readonly stored: readonly JudgedReading[];
}

/** Observations that are read at once. */
const PAGE = 10_000;

const planAtFor = ({ profile, plans }: { readonly profile: Profile; readonly plans: Plans }, { device }: Stretch) => (site: SiteId | null): Plan => plans.of(profile, device, site);

/** Before a stretch a spike can change, after it whatever is within the horizon: as when a value comes late. */
export const marginsOf = (parts: Pick<ChunkParts, 'profile' | 'plans' | 'registry'>, stretch: Stretch): Margins => {
  const site = parts.registry.deployment(stretch.device, stretch.from)?.site ?? null;
  const { horizonMs, plausibility } = planAtFor(parts, stretch)(site);
  return { before: plausibility.withinMs, after: horizonMs };
};

/** Judges a chunk with all that it depends on, and compares it with what is stored. Writes nothing. @throws StoreUnavailable. */
export const weighChunk = async ({ stretch, from, to }: Chunk, margins: Margins, parts: ChunkParts): Promise<Chunked> => {
  const { device } = stretch;
  const around = { from: from - margins.before - margins.after, to: to + margins.after };
  const stored = await readingsIn(parts.timeseries, stretch, around);
  const moments = momentsOf(stretch, { stored, ...around }, parts);
  const weighed = weigh(device, moments, { from, to, planAt: planAtFor(parts, stretch) });
  // What is as it was beyond the stretch is none of its business.
  const verdicts = weighed.verdicts.filter(({ time, fate }) => fate !== 'same' || (time >= stretch.from && time < stretch.to));
  return { ...weighed, verdicts, moments: moments.length, stored: stored.filter(({ time }) => time >= from && time < to) };
};

/** What the store has of a device between two times, in order. */
const readingsIn = async (timeseries: Pick<TimeSeries, 'range'>, { device: whose }: Stretch, { from, to }: { readonly from: number; readonly to: number }): Promise<readonly JudgedReading[]> => {
  const readings: (JudgedReading & { readonly observations: Judged[] })[] = [];
  for (let after: string | undefined; ; ) {
    const page = await timeseries.range({ devices: [whose], from: held(from), to: held(to), limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { device, site, borough, time, receivedAt, ...judged } of page.observations) {
      const last = readings.at(-1);
      if (last?.time === time) last.observations.push(judged);
      else readings.push({ device, site, borough, time, receivedAt, observations: [judged] });
    }
    if (page.next === undefined) return readings;
    after = page.next;
  }
};
