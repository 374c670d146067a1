import { beginOfDay, dayOf, HOUR_MS, wallOf } from './civil-time.ts';
import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Row } from './series.ts';

/** How people are taken to be inside. */
export interface PresenceRules {
  /** Hour of UK time, 0 to 23, at which nobody is inside. */
  readonly resetHour: number;
  /** Below this share of the time since then, nothing is said. */
  readonly minCompleteness: number;
}

/** The last time, not after the given one, at which nobody was inside. */
export const resetBefore = (time: Instant, resetHour: number): Instant => {
  const day = dayOf(instant(time - resetHour * HOUR_MS));
  for (const candidate of [day + 1, day, day - 1]) {
    const at = hourOfDay(candidate, resetHour);
    if (at <= time) return at;
  }
  return hourOfDay(day - 2, resetHour);
};

/** On the day on which the clocks go forward there may be no such hour: then it is the next one. */
const hourOfDay = (day: number, hour: number): Instant => {
  const midnight = beginOfDay(day);
  const straight = instant(midnight + hour * HOUR_MS);
  const late = (time: Instant): number => wallOf(time) - wallOf(midnight) - hour * HOUR_MS;
  const moved = instant(straight - late(straight));
  return late(moved) === 0 ? moved : straight;
};

/**
 * How many more went in than came out since the last reset, at the end of each hour: in less out, as counted. It drifts,
 * because each passage that is missed stays in it, and may fall below 0. Null from an hour that is not known until the
 * next reset, and where too little since the reset was counted.
 * @param rows hours in order, without a break, the first one at a reset.
 */
export const presenceOf = (
  rows: readonly Row[],
  { resetHour, minCompleteness }: PresenceRules,
): readonly (number | null)[] => {
  let inside: number | null = 0;
  let [hours, counted] = [0, 0];
  let reset: Instant | undefined;
  return rows.map(({ from, net, completeness }) => {
    const since = resetBefore(from, resetHour);
    if (since !== reset) {
      reset = since;
      inside = 0;
      [hours, counted] = [0, 0];
    }
    hours += 1;
    counted += completeness;
    inside = inside === null || net === null ? null : inside + net;
    return counted / hours >= minCompleteness ? inside : null;
  });
};
