import type { ChartPoint } from './shape.ts';

/** The middle of the times between points, in milliseconds: what is much longer is a gap. Undefined of less than two. */
export const usualGap = (points: readonly Pick<ChartPoint, 'time'>[]): number | undefined => {
  const gaps = points.slice(1).map(({ time }, i) => time - (points[i]?.time ?? time));
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)];
};
