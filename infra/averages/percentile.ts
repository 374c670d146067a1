/**
 * The value below which a share of the values lies: linear interpolation between the two nearest ranks, of which the
 * first is 0 % and the last 100 % (Hyndman and Fan 1996, type 7: R's and openair's default, a spreadsheet's
 * PERCENTILE.INC).
 * @param percent 0 to 100. Undefined where there are no values.
 */
export const percentile = (values: readonly number[], percent: number): number | undefined =>
  percentilesOf(values)(percent);

/** The same for several shares of the same values, which are put in order once. */
export const percentilesOf = (values: readonly number[]): ((percent: number) => number | undefined) => {
  const sorted = Float64Array.from(values).sort();
  return (percent) => {
    const rank = ((sorted.length - 1) * percent) / 100;
    const [low, high] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
    return low === undefined || high === undefined ? undefined : low + (high - low) * (rank - Math.floor(rank));
  };
};
