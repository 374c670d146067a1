import { beginOfDay, dayOf, dayOfWeek, isoWeekOf, weekdayOf, type Span } from './civil-time.ts';
import type { Row } from './series.ts';

/** With what a day or a week is compared. */
export const baselines = ['last-week', 'last-year'] as const;
export type Baseline = (typeof baselines)[number];

/** Why two periods are not compared. */
export const refusals = ['incomplete', 'before-incomplete', 'no-such-week'] as const;
export type NotCompared = (typeof refusals)[number];

/** A period beside the one before. */
export interface Comparison {
  readonly row: Row;
  /** Undefined where the year before had no such week. */
  readonly before: Row | undefined;
  /** Total less the total before; null where they are not compared. */
  readonly change: number | null;
  /** `change` as a share of the total before: 0.1 is a tenth more. Null also where nobody passed before. */
  readonly changeShare: number | null;
  readonly notCompared: NotCompared | null;
}

/**
 * The day or week with which one is compared: the same weekday of the week before, or the same weekday of the same ISO
 * week of the ISO year before, because a Saturday is like a Saturday and not like the 21st. Undefined: a week 53 that
 * the year before did not have.
 */
export const baselineOf = ({ from }: Span, length: 'day' | 'week', baseline: Baseline): Span | undefined => {
  const day = dayOf(from);
  const days = length === 'day' ? 1 : 7;
  const { year, week } = isoWeekOf(day);
  const before = baseline === 'last-week' ? day - 7 : dayOfWeek({ year: year - 1, week }, weekdayOf(day));
  return before === undefined ? undefined : { from: beginOfDay(before), to: beginOfDay(before + days) };
};

/** Compares two periods, unless less of one was counted than is asked for: half a Saturday is no Saturday. */
export const compare = (row: Row, before: Row | undefined, minCompleteness: number): Comparison => {
  const notCompared = refusal(row, before, minCompleteness);
  const change =
    notCompared !== null || row.total === null || before?.total === undefined || before.total === null
      ? null
      : row.total - before.total;
  const share =
    change === null || before?.total === undefined || before.total === null || before.total === 0
      ? null
      : change / before.total;
  return { row, before, change, changeShare: share, notCompared };
};

const refusal = (row: Row, before: Row | undefined, least: number): NotCompared | null => {
  if (before === undefined) return 'no-such-week';
  if (row.total === null || row.completeness < least) return 'incomplete';
  return before.total === null || before.completeness < least ? 'before-incomplete' : null;
};
