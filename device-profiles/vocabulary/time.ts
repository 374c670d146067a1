declare const brand: unique symbol;

/** A point in time: whole milliseconds since 1970-01-01T00:00:00Z. Inside the house time is UTC and nothing else. */
export type Instant = number & { readonly [brand]: true };

/** The one clock, injected wherever "now" matters, so that tests can turn it. */
export interface Clock {
  now(): Instant;
}

/** Any finite number of milliseconds as an Instant, cut to whole milliseconds. @throws RangeError beyond what Date can hold. */
export const instant = (epochMs: number): Instant => {
  if (!(Math.abs(epochMs) <= 8.64e15)) throw new RangeError(`${epochMs} is not a time in milliseconds`);
  return Math.trunc(epochMs) as Instant;
};

/** The clock of this machine. */
export const systemClock: Clock = { now: () => Date.now() as Instant };

/** RFC 3339 in UTC with milliseconds: `2026-11-23T15:24:19.000Z`. */
export const iso = (time: Instant): string => new Date(time).toISOString();

const withZone = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;
const withoutZone = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/;

/** Reads ISO 8601; a text without a zone is UTC. Undefined when it is no time, 30 February too: never a guess, never today. */
export const parseIso = (text: string): Instant | undefined => {
  const whole = withZone.test(text) ? text : withoutZone.test(text) ? zoned(text) : undefined;
  if (whole === undefined || !hasDay(whole)) return undefined;
  const ms = commonMs(whole) ?? Date.parse(whole.replace(' ', 'T'));
  return Number.isNaN(ms) ? undefined : (ms as Instant);
};

/**
 * What nearly every machine writes: UTC, with seconds. It is read by hand because it stands in each message several times,
 * and `Date.parse` takes four times as long. Undefined for all else, which may be a time too.
 */
const commonMs = (text: string): number | undefined => {
  if (text[16] !== ':' || !(text.endsWith('Z') || text.endsWith('+00:00'))) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  // Date.UTC takes the years to 99 for those of the last century, and carries over what is too much.
  if (year < 100 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  let fraction = 0;
  if (text[19] === '.')
    for (let at = 20, unit = 100; unit >= 1 && isDigit(text, at); at += 1, unit /= 10)
      fraction += digit(text, at) * unit;
  return Date.UTC(year, month - 1, day, hour, minute, second, fraction);
};

const digit = (text: string, at: number): number => text.charCodeAt(at) - 0x30;
const isDigit = (text: string, at: number): boolean => digit(text, at) >= 0 && digit(text, at) <= 9;
const twoDigits = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1);

/** `Date.parse` would read 30 February as 2 March. */
const hasDay = (text: string): boolean => {
  const day = Number(text.slice(8, 10));
  return day <= 28 || day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
};

const zoned = (text: string): string => (text.length === 10 ? `${text}T00:00Z` : `${text}Z`);
