import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { SourceClock } from '../../device-profiles/profile.ts';
import { HOUR_MS, instantsOf, type Span } from './civil-time.ts';

/**
 * A stretch of time as its source labelled it: milliseconds of the source's own clock, which for `utc` is the instant.
 */
export interface Labelled {
  readonly from: number;
  readonly to: number;
}

/** When it was, and whether a change of the clocks leaves that in doubt. */
export interface Placed extends Span {
  readonly clockChange: boolean;
}

/**
 * The instants that labels of a source mean.
 *
 * `utc`: those that they say. `local`: UK clocks; of the hour that autumn repeats there is one label, taken as its first
 * time, and the second is missing. `local-without-dst`: UK clocks too, but each day has the same 24 hours, clock-change
 * days too: the hour that autumn repeats is one label for both times, so its count covers two hours; a label in the hour
 * that spring leaves out has no time of its own, and its count lies at the moment of the change.
 */
export const place = ({ from, to }: Labelled, clock: SourceClock): Placed => {
  if (clock === 'utc') return { from: instant(from), to: instant(to), clockChange: false };
  const begins = instantsOf(from);
  const begin = begins[0] ?? changeAfter(from);
  const repeated = begins.length > 1;
  if (repeated && clock === 'local-without-dst') return { ...repeatedHour(from), clockChange: true };
  const ends = instantsOf(to);
  // The label at which the repeated hour begins is also the end of the hour before it: the first time, as is `begin`.
  const end = repeated ? instant(begin + (to - from)) : (ends[0] ?? changeAfter(to));
  return { from: begin, to: instant(Math.max(begin, end)), clockChange: repeated || begins.length === 0 };
};

/** Labels that spring leaves out begin at a whole hour of UK clocks; the clocks were moved at that hour, GMT. */
const changeAfter = (label: number): Instant => instant(Math.floor(label / HOUR_MS) * HOUR_MS);

const repeatedHour = (label: number): Span => {
  const hour = instantsOf(Math.floor(label / HOUR_MS) * HOUR_MS);
  const first = hour[0] ?? instant(label);
  return { from: first, to: instant(first + 2 * HOUR_MS) };
};
