import {
  Flag,
  instant,
  type DeviceId,
  type Instant,
  type JudgedReading,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { StatsQuery } from './contract.ts';
import { DAY_MS } from './days.ts';
import { HOUR_MS, hourOf, hoursOf, type Hour, type HourStats, type Sample } from './hours.ts';
import type { Selector } from './selection.ts';

/** What of a reading statistics need. */
type SaidAt = Pick<JudgedReading, 'time' | 'site' | 'observations'>;

/** Values of one device by quantity and site, each in order of time. */
export class Samples {
  readonly #quantities = new Map<QuantityId, Map<SiteId | null, Sample[]>>();

  add(quantity: QuantityId, site: SiteId | null, sample: Sample): void {
    let sites = this.#quantities.get(quantity);
    if (sites === undefined) this.#quantities.set(quantity, (sites = new Map()));
    const samples = sites.get(site);
    if (samples === undefined) sites.set(site, [sample]);
    else samples.push(sample);
  }

  /** Adds what a selection wants of a reading: measured values, each as its own sample. */
  addReading({ time, site, observations }: SaidAt, selector: Selector): void {
    if (!selector.site(site)) return;
    for (const judged of observations) {
      if (judged.value.kind === 'measured' && selector.judged(judged))
        this.add(judged.quantity, site, { time, value: judged.value.value });
    }
  }

  *[Symbol.iterator](): Iterator<readonly [QuantityId, SiteId | null, readonly Sample[]]> {
    for (const [quantity, sites] of this.#quantities)
      for (const [site, samples] of sites) yield [quantity, site, samples];
  }

  /** In no order. */
  hours(device: DeviceId): Hour[] {
    return [...this].flatMap(([quantity, site, samples]) =>
      hoursOf(samples).map((hour) => ({ ...hour, device, quantity, site })),
    );
  }
}

/** Whole intervals that begin within a query's span. */
export const wholeSpan = ({ from, to }: Pick<StatsQuery, 'from' | 'to'>, tier: 'hourly' | 'daily') => {
  const width = tier === 'hourly' ? HOUR_MS : DAY_MS;
  const begin = (time: Instant): Instant => instant(Math.ceil(time / width) * width);
  return { from: begin(from), to: begin(to) };
};

type Placed = Pick<Hour, 'quantity' | 'time' | 'site'>;

/** The order of the hours, or days, of one device. */
export const byQuantityTimeSite = (a: Placed, b: Placed): number => {
  if (a.quantity !== b.quantity) return a.quantity < b.quantity ? -1 : 1;
  if (a.time !== b.time) return a.time - b.time;
  return (a.site ?? '') < (b.site ?? '') ? -1 : 1;
};

/** For which flags an hour is kept: for values with flag 1 or 2, and for those with 3 as well. */
export type TierFlag = 2 | 3;

/** An hour as a tier keeps it. */
export interface TierHour extends HourStats {
  readonly quantity: QuantityId;
  readonly site: SiteId | null;
  readonly flag: TierFlag;
  /** When `last` was observed: of two sites the one where the device was later has the last word. */
  readonly lastAt: Instant;
}

/** Makes the hours of one device, of readings in order of time. */
export class HourTally {
  readonly #good = new Samples();
  readonly #all = new Samples();
  /** Quantity, hour and site of each suspect value: only there the two kinds of hours differ. */
  readonly #suspect = new Set<string>();

  add({ time, site, observations }: SaidAt): void {
    for (const { quantity, value, flag } of observations) {
      if (value.kind === 'absent' || flag > Flag.suspect) continue;
      const sample = { time, value: value.value };
      this.#all.add(quantity, site, sample);
      if (flag < Flag.suspect) this.#good.add(quantity, site, sample);
      else this.#suspect.add(keyOf(quantity, site, hourOf(time)));
    }
  }

  hours(): readonly TierHour[] {
    const all = tierHours(this.#all, 3).filter(({ quantity, site, time }) =>
      this.#suspect.has(keyOf(quantity, site, time)),
    );
    return [...tierHours(this.#good, 2), ...all];
  }
}

const keyOf = (quantity: QuantityId, site: SiteId | null, hour: Instant): string => `${quantity} ${hour} ${site ?? ''}`;

const tierHours = (all: Samples, flag: TierFlag): readonly TierHour[] =>
  [...all].flatMap(([quantity, site, samples]) => {
    const lastAt = new Map(samples.map(({ time }) => [hourOf(time), time]));
    return hoursOf(samples).map((hour) => ({
      ...hour,
      quantity,
      site,
      flag,
      lastAt: lastAt.get(hour.time) ?? hour.time,
    }));
  });
