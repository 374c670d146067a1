import { Flag } from '../vocabulary/value.ts';
import { FEWEST, type Plausibility } from './limits.ts';

/** The fractions of particulate matter, each of which contains those before it. */
export const fractions = ['pm1', 'pm2_5', 'pm4', 'pm10'] as const;

/** By how much a finer fraction exceeds the coarser one that contains it, in ug/m3: 0 or less where all is well. */
export const excess = (finer: number, coarser: number): number => finer - coarser;

/** How much of that is rounding and noise. */
export const slackOf = (coarser: number, { slack, slackShare }: Pick<Plausibility, 'slack' | 'slackShare'>): number =>
  Math.max(slack, Math.abs(coarser) * slackShare);

/** A part greater than the whole: both are suspect, because nobody knows which of them is wrong. */
export const disordered = (finer: number, coarser: number, limits: Pick<Plausibility, 'slack' | 'slackShare'>): Flag =>
  excess(finer, coarser) > slackOf(coarser, limits) ? Flag.suspect : Flag.pass;

/** How long two fractions of a device have been the same number. Zeros of clean air say nothing and end it. */
export class Sameness {
  coveredMs = 0;
  count = 0;
  #since = Number.NaN;
  #last = Number.NaN;

  next(time: number, finer: number, coarser: number, withinMs: number): void {
    const same = finer === coarser && finer !== 0;
    if (!same) this.count = 0;
    else if (this.count === 0 || time - this.#last > withinMs) {
      this.#since = time;
      this.count = 1;
    } else this.count += 1;
    this.#last = time;
    this.coveredMs = same ? time - this.#since : 0;
  }
}

/** For how long the two count as the same, in milliseconds: not at all with fewer than four values. */
export const sameFor = ({ coveredMs, count }: Pick<Sameness, 'coveredMs' | 'count'>): number =>
  count < FEWEST ? 0 : coveredMs;

/** One channel under two names: the coarser fraction is suspect, because what it has beyond the finer one is missing. */
export const copied = (
  { coveredMs, count }: Pick<Sameness, 'coveredMs' | 'count'>,
  { identicalMs }: Pick<Plausibility, 'identicalMs'>,
): Flag => (count >= FEWEST && coveredMs >= identicalMs ? Flag.suspect : Flag.pass);
