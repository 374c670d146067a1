import { instant, parseIso, type Instant } from '../vocabulary/time.ts';

/** How a device writes the time. */
export const timeFormats = ['iso', 'epoch-s', 'epoch-ms', 'iso-or-epoch', 'day-and-hour'] as const;
export type TimeFormat = (typeof timeFormats)[number];

/** What stands in a message where the time should be, when it is none. */
export const noTime = Symbol('no time');

/** Numbers below this are seconds: as milliseconds it is March 1973, as seconds the year 5138. */
const SECONDS_BELOW = 1e11;

const fromEpoch = (ms: number): Instant | typeof noTime => (Math.abs(ms) <= 8.64e15 ? instant(Math.round(ms)) : noTime);

const months = new Map(
  ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((name, index) => [
    name,
    index + 1,
  ]),
);

/**
 * `01 Jan 2019` and `00:00`, as counters' exports label their hours: taken as if they were UTC, so that no two labels
 * become one time. What they are is said by `counts.sourceClock` of the profile.
 */
const dayAndHour = (day: unknown, hour: unknown): Instant | typeof noTime => {
  if (typeof day !== 'string' || typeof hour !== 'string') return noTime;
  const [date, name = '', year] = day.split(' ');
  const month = months.get(name);
  if (month === undefined) return noTime;
  return parseIso(`${year}-${String(month).padStart(2, '0')}-${date}T${hour}Z`) ?? noTime;
};

/**
 * Reads the time of a message: undefined when it has none (absent or null), `noTime` when what is there is no time.
 * `hour` is for `day-and-hour` only.
 */
export const readTime = (format: TimeFormat, value: unknown, hour: unknown): Instant | undefined | typeof noTime => {
  if (value === undefined || value === null) return undefined;
  if (format === 'day-and-hour') return dayAndHour(value, hour);
  if (typeof value === 'string')
    return format === 'iso' || format === 'iso-or-epoch' ? (parseIso(value) ?? noTime) : noTime;
  if (typeof value !== 'number' || format === 'iso') return noTime;
  const seconds = format === 'epoch-s' || (format === 'iso-or-epoch' && Math.abs(value) < SECONDS_BELOW);
  return fromEpoch(seconds ? value * 1000 : value);
};
