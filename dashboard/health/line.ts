/** A point of a series of daily means. */
export interface Point {
  /** In days. */
  readonly x: number;
  readonly y: number;
}

/** `y = at + perDay * (x - x of the last point)`. */
export interface Line {
  readonly perDay: number;
  /** On the line, at the last point. */
  readonly at: number;
}

/** A line through less than a week follows the weather. */
const WEEK_DAYS = 7;
/** Of that week at least so many days must have a value. */
export const DAYS_AT_LEAST = 5;

/**
 * The Theil-Sen line: the median of the slopes of all pairs, through the median of what is left. A third of the points
 * may be wild without moving it much (Sen 1968; breakdown point 29 %). At most 32 points: 496 pairs.
 * Undefined when the points span less than a week, or are fewer than five.
 */
export const robustLine = (points: readonly Point[]): Line | undefined => {
  const ordered = points.toSorted((a, b) => a.x - b.x);
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (last.x - first.x < WEEK_DAYS - 1 || ordered.length < DAYS_AT_LEAST) return undefined;
  const slopes = ordered.flatMap((a, i) =>
    ordered.slice(i + 1).flatMap((b) => (b.x > a.x ? [(b.y - a.y) / (b.x - a.x)] : [])),
  );
  const perDay = median(slopes);
  return { perDay, at: median(ordered.map(({ x, y }) => y - perDay * (x - last.x))) };
};

const median = (numbers: readonly number[]): number => {
  const ordered = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(ordered.length / 2);
  const [low, high] = [ordered[Math.ceil(ordered.length / 2) - 1] ?? 0, ordered[middle] ?? 0];
  return (low + high) / 2;
};
