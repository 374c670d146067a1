import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { DAY_MS, dayOf, type DayStats } from '../timeseries/days.ts';
import { captureOf, coveredShare, HOUR_MS, hourOf, MINUTE_MS, type HourStats } from '../timeseries/hours.ts';
import { QUARTER_MS, yearOf, yearStart } from './periods.ts';

/** A mean, or a highest mean, over a period of time. It is said how much of the period was measured. */
export interface Mean {
  /** The beginning of the period; of a running mean its last hour. */
  readonly time: Instant;
  readonly value: number;
  /** The share of the period that was measured, 0 to 1: minutes of an hour, hours of anything longer. */
  readonly capture: number;
  /** Whether enough was measured. Only valid means go into longer ones and into indices. */
  readonly valid: boolean;
  /** What it was made of: values of a quarter-hour or an hour, valid means of anything longer. */
  readonly count: number;
  /** A day as it is kept, because retention has taken its hours: those that were measured too little are in it too. */
  readonly coarse?: true;
}

/**
 * 75 % data capture: 6 of 8 and 18 of 24 hours (UK-AIR FAQ 20, after LAQM.TG(09)). What is computed loses a little: the
 * share may fall short by a billionth.
 */
export const CAPTURE_AT_LEAST = 0.75;
export const isCaptured = (capture: number, least = CAPTURE_AT_LEAST): boolean => capture >= least - 1e-9;

/** How a device is expected to speak. */
export interface Expected {
  /** How often it should be heard, as its profile says, in milliseconds. */
  readonly everyMs: number;
  /** The share of an hour or quarter-hour that must be measured. */
  readonly hourCapture: number;
}

/** Hours of one datastream as means, in the same order. */
export const hourMeans = (hours: readonly HourStats[], { everyMs, hourCapture }: Expected): readonly Mean[] =>
  hours.map((hour) => meanOf(hour, captureOf(hour, everyMs), hourCapture));

/**
 * Quarter-hours of one datastream as means, in the same order. A device that speaks less often than each quarter of an
 * hour has no valid one: a value an hour says nothing of the quarters between.
 * @param quarters named by their beginning, with the minutes of the hour that have values, as `readQuarters` gives them.
 */
export const quarterMeans = (quarters: readonly HourStats[], { everyMs, hourCapture }: Expected): readonly Mean[] =>
  quarters.map((quarter) => meanOf(quarter, quarterCapture(quarter, everyMs), hourCapture));

const QUARTER_MINUTES = QUARTER_MS / MINUTE_MS;

/** As `captureOf` has it for an hour; a quarter-hour of a device that speaks less often is never whole. */
const quarterCapture = ({ time, minutes }: Pick<HourStats, 'time' | 'minutes'>, everyMs: number): number => {
  const first = (time - hourOf(time)) / MINUTE_MS;
  return Math.min(coveredShare({ minutes, first, of: QUARTER_MINUTES }, everyMs), QUARTER_MS / everyMs);
};

const meanOf = ({ time, mean, count }: HourStats, capture: number, least: number): Mean => ({
  time,
  value: mean,
  capture,
  valid: isCaptured(capture, least),
  count,
});

/** Means by their time, those that are valid. */
const validByTime = (means: readonly Mean[]): ReadonlyMap<Instant, number> =>
  new Map(means.flatMap(({ time, value, valid }) => (valid ? [[time, value]] : [])));

/**
 * Running means: of each hour and the hours before it, `hours` together, named by the hour in which they end. There is
 * one wherever at least one of them is valid. Each is summed anew, so that no error of rounding is carried along.
 */
export const runningMeans = (means: readonly Mean[], hours: 8 | 24): readonly Mean[] => {
  const values = validByTime(means);
  const running: Mean[] = [];
  let next = -Infinity;
  for (const first of values.keys()) {
    for (let time = Math.max(first, next); time < first + hours * HOUR_MS; time += HOUR_MS) {
      running.push(combined(instant(time), windowOf(values, time, hours), hours));
      next = time + HOUR_MS;
    }
  }
  return running;
};

const windowOf = (values: ReadonlyMap<number, number>, last: number, hours: number): number[] => {
  const found: number[] = [];
  for (let back = hours - 1; back >= 0; back -= 1) {
    const value = values.get(last - back * HOUR_MS);
    if (value !== undefined) found.push(value);
  }
  return found;
};

const combined = (time: Instant, values: readonly number[], of: number, how = average): Mean => {
  const capture = values.length / of;
  return { time, value: how(values), capture, valid: isCaptured(capture), count: values.length };
};

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const highest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), -Infinity);

/** Valid means by the day, or the year, of their time. */
const grouped = (means: readonly Mean[], of: (time: Instant) => Instant): ReadonlyMap<Instant, number[]> => {
  const groups = new Map<Instant, number[]>();
  for (const { time, value, valid } of means) {
    if (!valid) continue;
    const start = of(time);
    const values = groups.get(start);
    if (values === undefined) groups.set(start, [value]);
    else values.push(value);
  }
  return groups;
};

/** The mean of each day, GMT, of its valid hours. */
export const dayMeans = (hours: readonly Mean[]): readonly Mean[] =>
  [...grouped(hours, dayOf)].map(([day, values]) => combined(day, values, DAY_MS / HOUR_MS));

/**
 * A day of which there are no hours any more: the mean of the means of its hours, the valid and the others, because which
 * were which is not kept. Its capture is the share of its hours that have a value, or, where that is less, the share of the
 * values that a device that speaks so often says in a day.
 */
export const keptDay = ({ time, mean, count, hours }: DayStats, { everyMs }: Expected): Mean => {
  const withValue = hours.toString(2).replaceAll('0', '').length;
  const capture = Math.min(withValue / (DAY_MS / HOUR_MS), (count * Math.min(everyMs, HOUR_MS)) / DAY_MS);
  return { time, value: mean, capture, valid: isCaptured(capture), count: withValue, coarse: true };
};

/**
 * The highest hour of each day, GMT, or the highest running mean of those that end in it (the day of a running mean is
 * that in which it ends: AQSR 2010, schedule).
 */
export const dayMaxima = (hourly: readonly Mean[]): readonly Mean[] =>
  [...grouped(hourly, dayOf)].map(([day, values]) => combined(day, values, DAY_MS / HOUR_MS, highest));

/** Hours of the calendar year, GMT, that a time lies in: 8,760, or 8,784 of a leap year. */
export const hoursInYear = (time: Instant): number =>
  (yearStart(new Date(time).getUTCFullYear() + 1) - yearOf(time)) / HOUR_MS;

/** The mean of each calendar year, GMT, of its valid hours. Capture is of the whole year, also while it lasts. */
export const yearMeans = (hours: readonly Mean[]): readonly Mean[] =>
  [...grouped(hours, yearOf)].map(([year, values]) => combined(year, values, hoursInYear(year)));
