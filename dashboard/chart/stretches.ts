import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { counts, type ChartPoint, type ChartSeries } from './shape.ts';

/** More than so many intervals between two values, and something is missing between them. */
const SLACK = 1.5;

/** The values that count, in stretches in which nothing is missing: what lies between two stretches is a gap. */
export const stretchesOf = ({ points, everyMs }: ChartSeries): readonly (readonly ChartPoint[])[] => {
  const stretches: ChartPoint[][] = [];
  let before: ChartPoint | undefined;
  for (const point of points) {
    if (!counts(point)) continue;
    const current = stretches.at(-1);
    if (current === undefined || before === undefined || point.time - before.time > everyMs * SLACK)
      stretches.push([point]);
    else current.push(point);
    before = point;
  }
  return stretches;
};

/** A time without values. */
export interface Gap {
  readonly from: Instant;
  readonly to: Instant;
}

/** The gaps between the values of a series, in order; before the first value and after the last none is claimed. */
export const gapsOf = (series: ChartSeries): readonly Gap[] => {
  const stretches = stretchesOf(series);
  return stretches.slice(1).flatMap((stretch, i): Gap[] => {
    const last = stretches[i]?.at(-1);
    const [next] = stretch;
    return last === undefined || next === undefined
      ? []
      : [{ from: instant(last.time + series.everyMs), to: next.time }];
  });
};
