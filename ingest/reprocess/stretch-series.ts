import type { Plan } from '../../device-profiles/quality/limits.ts';
import { DeviceSeries, type Held } from '../../device-profiles/quality/series.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import type { Judged, JudgedReading, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import type { Plans } from '../judge/plans.ts';
import { held, momentsOf, type Moment, type MomentParts } from './moments.ts';
import type { Margins, Stretch } from './stretches.ts';
import { weigh, type Weighed } from './weigh.ts';

export interface ChunkParts extends MomentParts {
  readonly registry: Pick<Registry, 'deployment' | 'site' | 'calibrations' | 'calibration'>;
  readonly timeseries: Pick<TimeSeries, 'range'>;
  readonly plans: Plans;
}

/** Phenomenon times, `to` exclusive. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** What a part of a stretch comes to, and how many moments it has. */
export interface Chunked extends Weighed {
  readonly moments: number;
}

/** Observations that are read at once. */
const PAGE = 10_000;

const planAtFor =
  ({ profile, plans }: { readonly profile: Profile; readonly plans: Plans }, { device }: Stretch) =>
  (site: SiteId | null): Plan =>
    plans.of(profile, device, site);

/** Before a stretch a spike can change, after it whatever is within the horizon: as when a value comes late. */
export const marginsOf = (parts: Pick<ChunkParts, 'profile' | 'plans' | 'registry'>, stretch: Stretch): Margins => {
  const site = parts.registry.deployment(stretch.device, stretch.from)?.site ?? null;
  const { horizonMs, plausibility } = planAtFor(parts, stretch)(site);
  return { before: plausibility.withinMs, after: horizonMs };
};

/**
 * A stretch of a device's history, judged from its beginning to its end as one series: each value is looked at once. What it is told of
 * the store has to stay as it is from one part to the next; when something came in between, it begins again before the part at hand.
 */
export class StretchSeries {
  readonly #stretch: Stretch;
  readonly #margins: Margins;
  readonly #parts: ChunkParts;
  #series = new DeviceSeries<Moment>(() => {});
  /** What was judged and may still change, or was not asked for yet. */
  #held: Held<Moment>[] = [];
  /** Everything before this was judged; undefined at the beginning. */
  #until: number | undefined;

  constructor(stretch: Stretch, margins: Margins, parts: ChunkParts) {
    this.#stretch = stretch;
    this.#margins = margins;
    this.#parts = parts;
  }

  /** Something of the device has changed at a time: if that was looked at, it is looked at again. */
  changedAt(time: number): void {
    if (this.#until === undefined || time - this.#margins.before >= this.#until) return;
    this.#series = new DeviceSeries<Moment>(() => {});
    this.#held = [];
    this.#until = undefined;
  }

  /**
   * What a part comes to, the one before aside: it begins where that ended, or where nothing lay between. Its writes may lie before it:
   * when something came in, what was written last was perhaps judged beside values of this part as they were. @throws StoreUnavailable.
   */
  async part({ from, to }: Part): Promise<Chunked> {
    const { device, from: begin, to: end, since } = this.#stretch;
    const { before, after } = this.#margins;
    // Where it begins later than it is understood anew, what lies before stays as it is.
    const first = since > begin ? since : -Infinity;
    const writesFrom =
      this.#until === undefined ? Math.max(first, Math.min(from, Math.max(from, begin) - before)) : from;
    await this.#judgeUntil(from, to + after);
    this.#held = this.#held.filter(({ time }) => time >= writesFrom);
    const now = this.#held.filter(({ time }) => time < to);
    const weighed = weigh(
      device,
      now.map(({ of, judged }) => ({ moment: of, judged })),
      (time) => time < begin || time >= end,
    );
    // What is as it was beyond the stretch is none of its business.
    const verdicts = weighed.verdicts.filter(
      ({ time, fate }) => time >= from && (fate !== 'same' || (time >= begin && time < end)),
    );
    return { ...weighed, verdicts, moments: now.filter(({ time }) => time >= from).length };
  }

  async #judgeUntil(from: number, until: number): Promise<void> {
    const { timeseries } = this.#parts;
    const since = this.#until ?? from - this.#margins.before - this.#margins.after;
    if (until <= since) return;
    const span = { from: since, to: until };
    const planAt = planAtFor(this.#parts, this.#stretch);
    const stored = await readingsIn(timeseries, this.#stretch, span);
    for (const moment of momentsOf(this.#stretch, { stored, ...span }, this.#parts)) {
      const { time, observations, disbelieved, uncorrected, site } = moment;
      this.#held.push(this.#series.next({ of: moment, time, observations, disbelieved, uncorrected }, planAt(site)));
    }
    this.#until = until;
  }
}

/** What the store has of a device between two times, in order. */
const readingsIn = async (
  timeseries: Pick<TimeSeries, 'range'>,
  { device: whose }: Stretch,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly JudgedReading[]> => {
  const readings: (JudgedReading & { readonly observations: Judged[] })[] = [];
  for (let after: string | undefined; ;) {
    const page = await timeseries.range({
      devices: [whose],
      from: held(from),
      to: held(to),
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { device, site, borough, time, receivedAt, ...judged } of page.observations) {
      const last = readings.at(-1);
      if (last?.time === time) last.observations.push(judged);
      else readings.push({ device, site, borough, time, receivedAt, observations: [judged] });
    }
    if (page.next === undefined) return readings;
    after = page.next;
  }
};
