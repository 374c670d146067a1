import type { Instant } from '../device-profiles/vocabulary/index.ts';

const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', hourCycle: 'h23', ...options });
const whole = format({
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const clock = format({ hour: '2-digit', minute: '2-digit' });
const day = format({ day: 'numeric', month: 'short' });
const minute = format({ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' });
const date = format({ day: 'numeric', month: 'long', year: 'numeric' });

/** UK local time, whole: `23 November 2026 at 15:24:19 GMT`. */
export const londonWords = (at: Instant): string => whole.format(at);

/** UK local time to the minute: `23 November 2026 at 15:24`. */
export const minuteWords = (at: Instant): string => minute.format(at);

/** A day of UK local time: `23 November 2026`. */
export const dateWords = (at: Instant): string => date.format(at);

/** UK local time as short as it is clear beside the present: `15:24` today, `22 Nov, 15:24` before. */
export const clockWords = (at: Instant, now: Instant): string =>
  date.format(at) === date.format(now) ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
