/** What a sensor and a reference beside it said of the same hour, in the same unit. */
export interface Pair {
  readonly sensor: number;
  readonly reference: number;
}

/** How a sensor stood to its reference over a stretch side by side. Errors are sensor minus reference. */
export interface Agreement {
  readonly pairs: number;
  /** Coefficient of determination: the square of Pearson's correlation, 0 to 1. */
  readonly r2: number;
  /** Mean of the errors. */
  readonly bias: number;
  /** Root of the mean of their squares. */
  readonly rmse: number;
}

/** A straight line from what the sensor says to what the reference said, and how well it holds. */
export interface Fit {
  readonly offset: number;
  readonly slope: number;
  readonly before: Agreement;
  /** After the line is applied, over the same pairs: how it would do on others, only others can tell. */
  readonly after: Agreement;
}

/** Why there is no line. */
export type NoFit = 'too-few-pairs' | 'sensor-constant' | 'reference-constant';

/** A day of hours: with fewer, the line follows the weather of one afternoon. */
export const PAIRS_AT_LEAST = 24;

/** The line by ordinary least squares, the reference taken as free of error (as for the calibration of indicative monitors). */
export const fitOf = (pairs: readonly Pair[]): Fit | NoFit => {
  if (pairs.length < PAIRS_AT_LEAST) return 'too-few-pairs';
  const { sensor, reference, sxx, sxy, syy } = momentsOf(pairs);
  if (!(sxx > 0)) return 'sensor-constant';
  if (!(syy > 0)) return 'reference-constant';
  const slope = sxy / sxx;
  const offset = reference - slope * sensor;
  const line = pairs.map((pair) => ({ ...pair, sensor: offset + slope * pair.sensor }));
  return { offset, slope, before: agreementOf(pairs), after: agreementOf(line) };
};

/** @param pairs at least one. */
export const agreementOf = (pairs: readonly Pair[]): Agreement => {
  const { sxx, sxy, syy } = momentsOf(pairs);
  const errors = pairs.map(({ sensor, reference }) => sensor - reference);
  return {
    pairs: pairs.length,
    // By roots: the product of two tiny sums would be 0, and the ratio no number.
    r2: sxx > 0 && syy > 0 ? Math.min(1, (sxy / Math.sqrt(sxx) / Math.sqrt(syy)) ** 2) : 0,
    bias: mean(errors),
    rmse: Math.sqrt(mean(errors.map((error) => error * error))),
  };
};

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

/** Means, and sums of squares and products about them. */
const momentsOf = (pairs: readonly Pair[]) => {
  const sensor = mean(pairs.map((pair) => pair.sensor));
  const reference = mean(pairs.map((pair) => pair.reference));
  let [sxx, sxy, syy] = [0, 0, 0];
  for (const pair of pairs) {
    const [x, y] = [pair.sensor - sensor, pair.reference - reference];
    sxx += x * x;
    sxy += x * y;
    syy += y * y;
  }
  return { sensor, reference, sxx, sxy, syy };
};
