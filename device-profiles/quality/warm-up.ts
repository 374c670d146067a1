import type { Instant } from '../vocabulary/time.ts';
import { Flag } from '../vocabulary/value.ts';
import type { Limits } from './limits.ts';

export type WarmUpLimits = Pick<Limits, 'warmSilenceMs' | 'warmForMs' | 'warmAfterAbsence'>;

/** Since when a sensor speaks without a break, for one quantity. */
export class Speaking {
  /** Of the first value after the last silence; NaN while there is none. */
  since = Number.NaN;
  #last = Number.NaN;
  #absent = false;

  /** A value came: answers for how many milliseconds the sensor had been speaking then. */
  value(time: number, { warmSilenceMs, warmAfterAbsence }: WarmUpLimits): number {
    if (!(time - this.#last <= warmSilenceMs) || (this.#absent && warmAfterAbsence)) this.since = time;
    this.#last = time;
    this.#absent = false;
    return time - this.since;
  }

  /** The device spoke, and had no value. */
  absence(): void {
    this.#absent = true;
  }

  /** Milliseconds since the last value; Infinity where there was none. */
  silenceAt(time: number): number {
    return Number.isNaN(this.#last) ? Infinity : time - this.#last;
  }
}

/**
 * Warm-up test: a sensor that was just switched on, or is heard again after a silence, is suspect until it has spoken
 * for `warmForMs`. A datastream's first value of all counts as switched on.
 */
export const warmUp = (speaksForMs: number, { warmForMs }: WarmUpLimits): Flag =>
  speaksForMs < warmForMs ? Flag.suspect : Flag.pass;

/** The same over a series in order of time. */
export const warmUpsOf = (
  times: readonly Instant[],
  values: readonly (number | null)[],
  limits: WarmUpLimits,
): Flag[] => {
  const speaking = new Speaking();
  return values.map((value, place) => {
    const time = times[place];
    if (time === undefined) return Flag.missing;
    if (value !== null) return warmUp(speaking.value(time, limits), limits);
    speaking.absence();
    return Flag.missing;
  });
};
