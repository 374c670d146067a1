import type { Day } from '../timeseries/days.ts';
import { HOUR_MS, MINUTE_MS, type Hour } from '../timeseries/hours.ts';
import type { Sample, StreamRules } from './count.ts';
import type { LabelRules } from './labels.ts';
import type { Labelled } from './source-clock.ts';

/** What is left of the readings of one hour, or one UTC day, of one quantity when retention has taken them. */
export interface Coarse {
  /** How long it is: an hour or a day, in milliseconds. */
  readonly widthMs: number;
  /** Which of its minutes, or hours, have a reading: their beginnings by the source's own clock, in order. At least one. */
  readonly units: readonly number[];
  /** How long a unit is, in milliseconds. */
  readonly unitMs: number;
  /** All its readings together: what was counted, where they are counts of periods. */
  readonly sum: number;
  /** Its newest reading: what the counter showed, where they are readings of a running total. */
  readonly last: number;
}

/** An hour as it is kept, with its minutes. */
export const coarseHour = ({ time, minutes, sum, last }: Hour): Coarse => ({
  widthMs: HOUR_MS,
  units: unitsOf(time, MINUTE_MS, (place) => (minutes & (1n << BigInt(place))) !== 0n, 60),
  unitMs: MINUTE_MS,
  sum,
  last,
});

/** A UTC day as it is kept, with its hours. */
export const coarseDay = ({ time, hours, sum, last }: Day): Coarse => ({
  widthMs: 24 * HOUR_MS,
  units: unitsOf(time, HOUR_MS, (place) => (hours & (1 << place)) !== 0, 24),
  unitMs: HOUR_MS,
  sum,
  last,
});

const unitsOf = (time: number, unitMs: number, has: (place: number) => boolean, of: number): readonly number[] =>
  Array.from({ length: of }, (_, place) => place).flatMap((place) => (has(place) ? [time + place * unitMs] : []));

/**
 * The stretches that the counts of an hour or a day are about, as far as its units tell: each unit that has a reading, by
 * the device's interval. In order; where they meet or overlap they are one.
 */
export const coveredOf = (
  { units, unitMs }: Coarse,
  { labelled, everyMs }: Pick<LabelRules, 'labelled' | 'everyMs'>,
): readonly Labelled[] => {
  const covered: { from: number; to: number }[] = [];
  for (const unit of units) {
    const from = labelled === 'begin' ? unit : unit - everyMs;
    const to = from + Math.max(everyMs, unitMs);
    const last = covered.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else covered.push({ from, to });
  }
  return covered;
};

/** The newest reading of a running total, at the time at which a device that keeps its interval said it. */
export const totalOf = ({ units, unitMs, widthMs, last }: Coarse, { everyMs }: StreamRules): Sample => ({
  label: (units.at(-1) ?? 0) + Math.max(0, unitMs - everyMs),
  value: last,
  coarseMs: widthMs,
});
