import { instant, parseIso, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { beginOfDay, dayName, dayOf } from '../../infra/footfall/civil-time.ts';
import type { Words } from '../words/index.ts';
import { dayWords } from './day-words.ts';

/** Stretches of time that the page of a site offers; `custom` is from a day to a day. */
export const rangeIds = ['24h', '7d', '30d', 'custom'] as const;
export type RangeId = (typeof rangeIds)[number];

/** A stretch of time, and by which intervals it is shown. */
export interface Range {
  readonly id: RangeId;
  /** Both are whole intervals. */
  readonly from: Instant;
  readonly to: Instant;
  readonly everyMs: number;
  /** `Last 24 hours`, `1 November 2026 to 3 November 2026` */
  readonly words: string;
  /** As they were given, for the fields of the form: `2026-11-01`. */
  readonly fromDay: string;
  readonly toDay: string;
  /** What was wrong with the days that were asked for; then the last 24 hours are shown. */
  readonly problem: string | undefined;
}

/** For how many days each tier keeps what it has; 0 for ever. */
export interface Kept {
  readonly retentionDays: number;
  readonly hourlyRetentionDays: number;
}

export interface RangeAsked {
  readonly range: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A year and a leap day: more by the day is not read on a screen, and the API gives it. */
const DAYS_AT_MOST = 366;

/** Intervals of which a screen shows fifty to two hundred, by the longest stretch that they are for: each is a row of a table too. */
const steps = [
  { upTo: 1.5 * DAY_MS, everyMs: 30 * MINUTE_MS },
  { upTo: 8.5 * DAY_MS, everyMs: HOUR_MS },
  { upTo: 46 * DAY_MS, everyMs: 6 * HOUR_MS },
  { upTo: Infinity, everyMs: DAY_MS },
] as const;

const fixed: Readonly<
  Record<Exclude<RangeId, 'custom'>, { readonly days: number; readonly key: `range.${'24h' | '7d' | '30d'}` }>
> = {
  '24h': { days: 1, key: 'range.24h' },
  '7d': { days: 7, key: 'range.7d' },
  '30d': { days: 30, key: 'range.30d' },
};

/** What an address asks for; whatever makes no sense is the last 24 hours, and says why. */
export const rangeOf = (
  { range, from, to }: RangeAsked,
  { now, kept }: { readonly now: Instant; readonly kept: Kept },
  words: Words,
): Range => {
  const given = { fromDay: from ?? '', toDay: to ?? '' };
  if (range === 'custom') {
    const days = daysOf(given, now, words);
    return typeof days === 'string'
      ? { ...lastDays('24h', { now, kept }, words), ...given, problem: days }
      : {
          ...whole(
            { from: beginOfDay(days.first), to: instant(Math.min(beginOfDay(days.last + 1), nextHour(now))) },
            now,
            kept,
          ),
          id: 'custom',
          words: customWords(days, words),
          ...given,
          problem: undefined,
        };
  }
  const id = rangeIds.find((one) => one === range) ?? '24h';
  return lastDays(id === 'custom' ? '24h' : id, { now, kept }, words);
};

const nextHour = (now: Instant): Instant => instant((Math.floor(now / HOUR_MS) + 1) * HOUR_MS);

const lastDays = (
  id: Exclude<RangeId, 'custom'>,
  { now, kept }: { readonly now: Instant; readonly kept: Kept },
  words: Words,
): Range => {
  const { days, key } = fixed[id];
  const to = nextHour(now);
  const span = whole({ from: instant(to - days * DAY_MS), to }, now, kept);
  return {
    ...span,
    id,
    words: words.say(key),
    fromDay: dayName(dayOf(span.from)),
    toDay: dayName(dayOf(now)),
    problem: undefined,
  };
};

/** Whole intervals, of a length that a tier still has. */
const whole = (
  { from, to }: { readonly from: Instant; readonly to: Instant },
  now: Instant,
  kept: Kept,
): Pick<Range, 'from' | 'to' | 'everyMs'> => {
  const gone = (days: number): boolean => days > 0 && from < now - days * DAY_MS;
  const least = gone(kept.hourlyRetentionDays) ? DAY_MS : gone(kept.retentionDays) ? HOUR_MS : 0;
  const everyMs = Math.max(least, steps.find(({ upTo }) => to - from <= upTo)?.everyMs ?? DAY_MS);
  return {
    from: instant(Math.floor(from / everyMs) * everyMs),
    to: instant(Math.ceil(to / everyMs) * everyMs),
    everyMs,
  };
};

interface Days {
  readonly first: number;
  readonly last: number;
}

const daysOf = (
  { fromDay, toDay }: { readonly fromDay: string; readonly toDay: string },
  now: Instant,
  words: Words,
): Days | string => {
  const [first, last] = [dayIn(fromDay), dayIn(toDay)];
  if (first === undefined) return words.say('range.first-no-date');
  if (last === undefined) return words.say('range.last-no-date');
  if (first > last) return words.say('range.first-after-last');
  if (first > dayOf(now)) return words.say('range.future');
  if (last - first + 1 > DAYS_AT_MOST) return words.say('range.too-long', { days: DAYS_AT_MOST });
  return { first, last };
};

const dayIn = (text: string): number | undefined => {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? parseIso(text) : undefined;
  return time === undefined ? undefined : Math.floor(time / DAY_MS);
};

const customWords = ({ first, last }: Days, words: Words): string =>
  first === last ? dayWords(first) : words.say('range.from-to', { from: dayWords(first), to: dayWords(last) });

/** How long an interval is, in words: `30 minutes`, `hour`, `6 hours`, `day`. */
export const stepWords = (everyMs: number, words: Words): string => {
  if (everyMs === DAY_MS) return words.say('step.day');
  if (everyMs === HOUR_MS) return words.say('step.hour');
  return everyMs < HOUR_MS
    ? words.say('length.minutes', { count: everyMs / MINUTE_MS })
    : words.say('length.hours', { count: everyMs / HOUR_MS });
};
