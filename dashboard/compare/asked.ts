import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { beginOfDay, dayOf } from '../../infra/footfall/civil-time.ts';
import { SERIES_AT_MOST } from '../chart/shape.ts';

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** How far back is looked: by the quarter of an hour, by the hour, by the day of UK time. */
export const ranges = ['24h', '7d', '30d'] as const;
export type Range = (typeof ranges)[number];

/** Whole weeks, so that a Monday is beside a Monday. */
export const pasts = ['week', 'year'] as const;
export type Past = (typeof pasts)[number];
export const daysBack: Readonly<Record<Past, number>> = { week: 7, year: 52 * 7 };

/** What is compared, as an address says it. */
export interface Comparison {
  /** Ids, in the order in which they were given, each once; at most four. */
  readonly sites: readonly string[];
  /** How many more were given, which no chart tells apart. */
  readonly left: number;
  readonly range: Range;
  /** Of one site only. */
  readonly pasts: readonly Past[];
  readonly quantity: string | undefined;
}

/** What cannot be compared is left out; the page says what it shows. */
export const comparisonOf = (asked: {
  readonly sites: string | undefined;
  readonly range: string | undefined;
  readonly past: string | undefined;
  readonly quantity: string | undefined;
}): Comparison => {
  const given = [
    ...new Set(
      (asked.sites ?? '')
        .split(',')
        .map((id) => id.trim())
        .filter((id) => id !== ''),
    ),
  ];
  const sites = given.slice(0, SERIES_AT_MOST);
  const words = (asked.past ?? '').split(',');
  return {
    sites,
    left: given.length - sites.length,
    range: ranges.find((range) => range === asked.range) ?? '24h',
    pasts: sites.length === 1 ? pasts.filter((past) => words.includes(past)) : [],
    quantity: asked.quantity,
  };
};

/** From when to when a range is, in whole steps; the step in which we are is the last. A step of a day is one of UK time. */
export const spanOf = (
  range: Range,
  now: Instant,
): { readonly from: Instant; readonly to: Instant; readonly everyMs: number } => {
  if (range === '30d')
    return { from: beginOfDay(dayOf(now) - 29), to: beginOfDay(dayOf(now) + 1), everyMs: 24 * HOUR_MS };
  const everyMs = range === '24h' ? 15 * MINUTE_MS : HOUR_MS;
  const to = (Math.floor(now / everyMs) + 1) * everyMs;
  return { from: instant(to - (range === '24h' ? 24 : 7 * 24) * HOUR_MS), to: instant(to), everyMs };
};
