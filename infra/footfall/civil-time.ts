import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Monday, 29 December 1969: the weeks of ISO 8601 begin on Mondays. */
const FIRST_MONDAY = -3;

/**
 * The civil time of the United Kingdom: GMT, and one hour more from 01:00 GMT on the last Sunday of March to 01:00 GMT on
 * the last Sunday of October (Summer Time Order 2002; the same since 1996, and no sensor of ours is older). It is worked
 * out and not looked up, because each count is asked for it; a test holds it against the system's time zones.
 */
const lastSunday = (year: number, month: number): number => {
  const last = new Date(Date.UTC(year, month + 1, 0));
  return Date.UTC(year, month, last.getUTCDate() - last.getUTCDay(), 1);
};

const summers = new Map<number, readonly [begin: number, end: number]>();
const summerOf = (year: number): readonly [begin: number, end: number] => {
  const known = summers.get(year);
  if (known !== undefined) return known;
  const summer = [lastSunday(year, 2), lastSunday(year, 9)] as const;
  summers.set(year, summer);
  return summer;
};

/** How far UK clocks are ahead of UTC then, in milliseconds: 0, or an hour in summer. */
export const offsetAt = (time: Instant): number => {
  const [begin, end] = summerOf(new Date(time).getUTCFullYear());
  return time >= begin && time < end ? HOUR_MS : 0;
};

/** What UK clocks show, as milliseconds since 1970-01-01T00:00 on those clocks. Not an instant. */
export const wallOf = (time: Instant): number => time + offsetAt(time);

/** The instants at which UK clocks show that: none in the hour that spring leaves out, two in the one that autumn repeats. */
export const instantsOf = (wall: number): readonly Instant[] =>
  [instant(wall - HOUR_MS), instant(wall)].filter((time) => wallOf(time) === wall);

/** `2019-03-31T02:00:00+01:00`. */
export const localIso = (time: Instant): string =>
  `${new Date(wallOf(time)).toISOString().slice(0, 19)}+0${offsetAt(time) / HOUR_MS}:00`;

/** A day of UK clocks, counted from 1970-01-01, which is 0. */
export const dayOf = (time: Instant): number => Math.floor(wallOf(time) / DAY_MS);

/** The midnight with which a day begins. Clocks change at one in the morning or later, hence there is exactly one. */
export const beginOfDay = (day: number): Instant => instantsOf(day * DAY_MS)[0] ?? instant(day * DAY_MS);

/** `2019-12-21`. */
export const dayName = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** 1 Monday to 7 Sunday. */
export const weekdayOf = (day: number): number => mod(day - FIRST_MONDAY, 7) + 1;

/** A week of ISO 8601: the one that holds the year's first Thursday is its first. */
export interface IsoWeek {
  readonly year: number;
  /** 1 to 53. */
  readonly week: number;
}

/** The ISO week that a day lies in. */
export const isoWeekOf = (day: number): IsoWeek => {
  const thursday = day - weekdayOf(day) + 4;
  const year = new Date(thursday * DAY_MS).getUTCFullYear();
  return { year, week: Math.floor((thursday - Date.UTC(year, 0, 1) / DAY_MS) / 7) + 1 };
};

/** A day by its ISO week and weekday; undefined where the year has no such week. */
export const dayOfWeek = ({ year, week }: IsoWeek, weekday: number): number | undefined => {
  const fourth = Date.UTC(year, 0, 4) / DAY_MS;
  const day = fourth - weekdayOf(fourth) + 1 + (week - 1) * 7 + (weekday - 1);
  const found = isoWeekOf(day);
  return found.year === year && found.week === week ? day : undefined;
};

/** Lengths of the periods in which counts are given. */
export const periodLengths = ['hour', 'day', 'week', 'month'] as const;
export type PeriodLength = (typeof periodLengths)[number];

/** A stretch of time. `from` belongs to it, `to` does not. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** The hour, day, ISO week or month of UK clocks that a time lies in. An hour is one of UTC, which begins when theirs does. */
export const periodAt = (time: Instant, length: PeriodLength): Span => {
  if (length === 'hour') {
    const from = instant(Math.floor(time / HOUR_MS) * HOUR_MS);
    return { from, to: instant(from + HOUR_MS) };
  }
  const day = dayOf(time);
  if (length === 'day') return { from: beginOfDay(day), to: beginOfDay(day + 1) };
  if (length === 'week') {
    const monday = day - weekdayOf(day) + 1;
    return { from: beginOfDay(monday), to: beginOfDay(monday + 7) };
  }
  const date = new Date(day * DAY_MS);
  const first = (month: number): Instant => beginOfDay(Date.UTC(date.getUTCFullYear(), month, 1) / DAY_MS);
  return { from: first(date.getUTCMonth()), to: first(date.getUTCMonth() + 1) };
};

/** The periods that a span touches, in order, whole: a day has 23, 24 or 25 hours. */
export const periodsIn = ({ from, to }: Span, length: PeriodLength): readonly Span[] => {
  const periods: Span[] = [];
  for (let at = from; at < to;) {
    const period = periodAt(at, length);
    periods.push(period);
    at = period.to;
  }
  return periods;
};

/** `2019-12-21T11`, `2019-12-21`, `2019-W51`, `2019-12`: what people call a period. An hour has UK time, and its offset. */
export const periodName = ({ from }: Span, length: PeriodLength): string => {
  if (length === 'hour') return localIso(from);
  const day = dayOf(from);
  if (length === 'day') return dayName(day);
  if (length === 'month') return dayName(day).slice(0, 7);
  const { year, week } = isoWeekOf(day);
  return `${year}-W${String(week).padStart(2, '0')}`;
};

const mod = (a: number, b: number): number => ((a % b) + b) % b;
