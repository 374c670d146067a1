import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { DAY_MS } from '../timeseries/days.ts';
import { HOUR_MS, MINUTE_MS } from '../timeseries/hours.ts';

export const QUARTER_MS = 15 * MINUTE_MS;

/**
 * What means are made of. All in GMT, as UK air quality is reported all year. Quarter-hours, hours, days and years are
 * named by their beginning, the running means of 8 and 24 hours by their last hour.
 */
export const periods = ['15m', '1h', '8h', '24h', 'day', 'day-max', 'day-max-8h', 'year'] as const;
export type Period = (typeof periods)[number];

/** How far one row of a period lies from the next; of years it differs, see `periodOf`. */
export const strideMs: Readonly<Record<Exclude<Period, 'year'>, number>> = {
  '15m': QUARTER_MS,
  '1h': HOUR_MS,
  '8h': HOUR_MS,
  '24h': HOUR_MS,
  day: DAY_MS,
  'day-max': DAY_MS,
  'day-max-8h': DAY_MS,
};

/** How far before its name a row of the period reaches back. */
export const lookBackMs = (period: Period): number =>
  period === '8h' || period === 'day-max-8h' ? 7 * HOUR_MS : period === '24h' ? 23 * HOUR_MS : 0;

/** The beginning of the calendar year, GMT, that a time lies in. */
export const yearOf = (time: Instant): Instant => yearStart(new Date(time).getUTCFullYear());

/** The beginning of a calendar year. */
export const yearStart = (year: number): Instant => instant(Date.UTC(year, 0, 1));

/** The beginning of the row of a period that a time lies in. */
export const periodOf = (time: Instant, period: Period): Instant =>
  period === 'year' ? yearOf(time) : instant(Math.floor(time / strideMs[period]) * strideMs[period]);

/** The name of the row after one. */
export const nextPeriod = (time: Instant, period: Period): Instant =>
  period === 'year' ? yearStart(new Date(time).getUTCFullYear() + 1) : instant(time + strideMs[period]);
