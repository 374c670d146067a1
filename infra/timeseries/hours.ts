import {
  instant,
  type DeviceId,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
const MINUTES = 60;

/** What one datastream said in a stretch of time. */
export interface Stats {
  /** The beginning of the stretch. */
  readonly time: Instant;
  /** Values that took part. At least 1: a stretch without any has no row. */
  readonly count: number;
  readonly sum: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** The newest value. */
  readonly last: number;
}

/**
 * What one datastream said in one hour, UTC, which is GMT, named by its beginning. A mean over it is the mean of the
 * means of its minutes: a burst of one reading every ten seconds weighs no more than the quiet minute beside it.
 */
export interface HourStats extends Stats {
  /** Which of its 60 minutes have a value: bit n of the 60 stands for minute n. */
  readonly minutes: bigint;
}

/** An hour of a device at a site. */
export interface Hour extends HourStats {
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  readonly site: SiteId | null;
}

/** One value of a datastream, for statistics. */
export interface Sample {
  readonly time: Instant;
  readonly value: number;
}

/** The beginning of the hour that a time lies in. */
export const hourOf = (time: Instant): Instant => instant(Math.floor(time / HOUR_MS) * HOUR_MS);

/** The hours of samples in order of time; of two at the same time both count. Hours come in order. */
export const hoursOf = (samples: Iterable<Sample>): readonly HourStats[] => {
  const hours: HourStats[] = [];
  let open: OpenHour | undefined;
  for (const { time, value } of samples) {
    const hour = hourOf(time);
    if (open === undefined || open.time !== hour) {
      if (open !== undefined) hours.push(open.stats());
      open = new OpenHour(hour);
    }
    open.add(Math.floor((time - hour) / MINUTE_MS), value);
  }
  if (open !== undefined) hours.push(open.stats());
  return hours;
};

class OpenHour {
  readonly time: Instant;
  readonly #sums = new Float64Array(MINUTES);
  readonly #counts = new Uint32Array(MINUTES);
  #sum = 0;
  #count = 0;
  #min = Infinity;
  #max = -Infinity;
  #last = 0;

  constructor(time: Instant) {
    this.time = time;
  }

  add(minute: number, value: number): void {
    this.#sums[minute] = (this.#sums[minute] ?? 0) + value;
    this.#counts[minute] = (this.#counts[minute] ?? 0) + 1;
    this.#sum += value;
    this.#count += 1;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#last = value;
  }

  stats(): HourStats {
    let minutes = 0n;
    let [means, covered] = [0, 0];
    for (let minute = 0; minute < MINUTES; minute += 1) {
      const count = this.#counts[minute] ?? 0;
      if (count === 0) continue;
      minutes |= 1n << BigInt(minute);
      means += (this.#sums[minute] ?? 0) / count;
      covered += 1;
    }
    return {
      time: this.time,
      count: this.#count,
      sum: this.#sum,
      mean: means / covered,
      min: this.#min,
      max: this.#max,
      last: this.#last,
      minutes,
    };
  }
}

/**
 * How much of an hour was measured, 0 to 1: the share of its intervals of `everyMs` that have a value, none shorter than a
 * minute. A device that speaks once a minute needs 45 of 60 for 75 %, one that speaks every quarter of an hour 3 of 4, and
 * one that speaks once an hour or less is whole with one.
 * @param everyMs how often the device should be heard, as its profile says.
 */
export const captureOf = ({ minutes }: Pick<HourStats, 'minutes'>, everyMs: number): number =>
  coveredShare({ minutes, first: 0, of: MINUTES }, everyMs);

/** A stretch of an hour: which minutes of the hour have a value, where the stretch begins, and how many minutes it is long. */
interface Stretch extends Pick<HourStats, 'minutes'> {
  readonly first: number;
  readonly of: number;
}

/** The share of a stretch's intervals of `everyMs` that have a value; what is left over at its end belongs to the last one. */
export const coveredShare = ({ minutes, first, of }: Stretch, everyMs: number): number => {
  const wide = Math.min(of, Math.max(1, Math.ceil(everyMs / MINUTE_MS)));
  const intervals = Math.floor(of / wide);
  // Two plain numbers: a year of hours asks this half a million times, and each step of a bigint makes a new one.
  const [low, high] = [Number(minutes & HALF_MASK), Number(minutes >> HALF_BITS)];
  let [covered, before] = [0, -1];
  for (let minute = 0; minute < of; minute += 1) {
    const bit = first + minute;
    if ((bit < HALF ? low & (1 << bit) : high & (1 << (bit - HALF))) === 0) continue;
    const interval = Math.min(intervals - 1, Math.floor(minute / wide));
    if (interval !== before) covered += 1;
    before = interval;
  }
  return covered / intervals;
};

const HALF = MINUTES / 2;
const HALF_BITS = BigInt(HALF);
const HALF_MASK = (1n << HALF_BITS) - 1n;
