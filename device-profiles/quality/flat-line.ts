import type { Instant } from '../vocabulary/time.ts';
import { Flag } from '../vocabulary/value.ts';
import { FEWEST, graded, type Limits } from './limits.ts';

export type FlatLimits = Pick<
  Limits,
  'flatTolerance' | 'flatSuspectMs' | 'flatFailMs' | 'flatZeros' | 'everyMs' | 'withinMs'
>;

/** A value that is or was the smallest or the greatest of its run. */
interface Mark {
  readonly value: number;
  /** Its number in the series. */
  readonly place: number;
  /** The time of the value that came after it; undefined as long as there is none. */
  after: number | undefined;
}

/**
 * The longest run of values up to the newest whose range is smaller than the tolerance. In the ordinary case, where
 * values move, it keeps nothing but the newest; in a flat one the marks of what may yet be its least and greatest.
 */
export class FlatRun {
  /** Milliseconds from its first value to its newest. */
  coveredMs = 0;
  /** How many values it has. */
  count = 0;
  #since = Number.NaN;
  #last = Number.NaN;
  #lastTime = Number.NaN;
  #place = 0;
  /** Undefined while all values of the run are equal. In order of place; the first is the least, or the greatest. */
  #least: Mark[] | undefined;
  #greatest: Mark[] | undefined;

  next(time: number, value: number, limits: FlatLimits): void {
    this.#place += 1;
    if (!(Math.abs(value - this.#last) < limits.flatTolerance && time - this.#lastTime <= limits.withinMs)) {
      this.#since = time;
      this.count = 1;
      this.#least = this.#greatest = undefined;
    } else {
      this.count += 1;
      if (this.#least !== undefined || value !== this.#last) this.#widen(time, value, limits);
    }
    this.#last = value;
    this.#lastTime = time;
    this.coveredMs = time - this.#since;
  }

  #widen(time: number, value: number, limits: FlatLimits): void {
    const before: Mark = { value: this.#last, place: this.#place - 1, after: time };
    const least = (this.#least ??= [before]);
    const greatest = (this.#greatest ??= [before]);
    for (const marks of [least, greatest]) {
      const newest = marks.at(-1);
      if (newest !== undefined && newest.place === this.#place - 1) newest.after = time;
    }
    const mark: Mark = { value, place: this.#place, after: undefined };
    while ((least.at(-1)?.value ?? -Infinity) >= value) least.pop();
    least.push(mark);
    while ((greatest.at(-1)?.value ?? Infinity) <= value) greatest.pop();
    greatest.push(mark);
    // No run counts for more than the longest time that anybody asks for, which is what bounds the marks.
    const oldest = time - limits.flatFailMs - (FEWEST + 1) * limits.withinMs;
    for (;;) {
      const [low, high] = [least[0], greatest[0]];
      if (low === undefined || high === undefined) return;
      const first = low.place <= high.place ? low : high;
      const tooWide = !(high.value - low.value < limits.flatTolerance);
      if (!tooWide && !((first.after ?? Infinity) < oldest)) return;
      this.#since = first.after ?? time;
      this.count = this.#place - first.place;
      while ((least[0]?.place ?? Infinity) <= first.place) least.shift();
      while ((greatest[0]?.place ?? Infinity) <= first.place) greatest.shift();
    }
  }
}

/**
 * For how long values have not moved, in milliseconds, the device's interval with it: 0 with fewer than four of them, and
 * where zeros are no fault.
 */
export const flatForMs = (
  run: Pick<FlatRun, 'coveredMs' | 'count'>,
  value: number,
  { flatZeros, everyMs }: FlatLimits,
): number => (run.count < FEWEST || (flatZeros && value === 0) ? 0 : run.coveredMs + everyMs);

/**
 * Flat line test: values that do not move for longer than a living sensor's do. The run has to fill the time but for
 * less than one interval of the device, as a trailing window of whole intervals does. (QARTOD; `flat_line_test` of ioos_qc.)
 */
export const flatLine = (run: Pick<FlatRun, 'coveredMs' | 'count'>, value: number, limits: FlatLimits): Flag =>
  graded(flatForMs(run, value, limits), limits.flatSuspectMs, limits.flatFailMs);

/** The same over a series in order of time; missing values neither make a run nor break it. */
export const flatLinesOf = (
  times: readonly Instant[],
  values: readonly (number | null)[],
  limits: FlatLimits,
): Flag[] => {
  const run = new FlatRun();
  return values.map((value, place) => {
    const time = times[place];
    if (value === null || time === undefined) return Flag.missing;
    run.next(time, value, limits);
    return flatLine(run, value, limits);
  });
};
