import { instant, parseIso, type Instant } from '../../device-profiles/vocabulary/index.ts';

/** How a file, or a message, writes a time. */
export interface TimeFormat {
  /** UTC. Undefined when the text is no such time: 31 February is none. */
  read(text: string): Instant | undefined;
  /** As a message says it: epochs as numbers, everything else as text. */
  write(time: Instant): string | number;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

type Field = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';
interface Token {
  readonly field: Field;
  readonly pattern: string;
  read(text: string): number;
  write(value: number): string;
}
const digits = (field: Field, count: number): Token => ({
  field,
  pattern: `\\d{${count}}`,
  read: Number,
  write: (value) => String(value).padStart(count, '0'),
});
const tokens = new Map<string, Token>([
  ['YYYY', digits('year', 4)],
  [
    'MMM',
    {
      field: 'month',
      pattern: months.join('|'),
      read: (text) => months.indexOf(text) + 1,
      write: (value) => months[value - 1] ?? '',
    },
  ],
  ['MM', digits('month', 2)],
  ['DD', digits('day', 2)],
  ['HH', digits('hour', 2)],
  ['mm', digits('minute', 2)],
  ['ss', digits('second', 2)],
]);

/**
 * Epoch numbers beyond this are no time of a street sensor (year 2286): seconds and milliseconds are not mistaken
 * for each other.
 */
const EPOCH_SECONDS_AT_MOST = 9_999_999_999;

const epoch = (unitMs: number): TimeFormat => ({
  read: (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < 0 || (value * unitMs) / 1000 > EPOCH_SECONDS_AT_MOST)
      return undefined;
    return instant(value * unitMs);
  },
  write: (time) => Math.trunc(time / unitMs),
});

const named = new Map<string, TimeFormat>([
  ['iso', { read: (text) => parseIso(text), write: (time) => new Date(time).toISOString() }],
  ['epoch-seconds', epoch(1000)],
  ['epoch-milliseconds', epoch(1)],
]);

/** What a map may say for a time, for its fault message. */
export const timeFormatsAre = `${[...named.keys()].join(', ')}, or a pattern of ${[...tokens.keys()].join(', ')} such as "DD MMM YYYY HH:mm"`;

/** `iso`, `epoch-seconds`, `epoch-milliseconds`, or a pattern. Undefined when the text is none of them. */
export const timeFormat = (text: string): TimeFormat | undefined => named.get(text) ?? patterned(text);

const patterned = (text: string): TimeFormat | undefined => {
  const parts = text.split(/(YYYY|MMM|MM|DD|HH|mm|ss)/);
  const found = parts.flatMap((part) => tokens.get(part) ?? []);
  // Letters outside of the tokens are a misspelt token; a pattern without any is a constant.
  if (
    found.length === 0 ||
    parts.some((part) => !tokens.has(part) && /[A-Za-z]/.test(part)) ||
    new Set(found.map(({ field }) => field)).size < found.length
  )
    return undefined;
  const expression = new RegExp(
    `^${parts
      .map((part) => {
        const token = tokens.get(part);
        return token === undefined ? part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`) : `(${token.pattern})`;
      })
      .join('')}$`,
  );
  return {
    read: (value) => {
      const match = expression.exec(value);
      if (match === null) return undefined;
      const of: Record<Field, number> = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
      for (const [index, token] of found.entries()) of[token.field] = token.read(match[index + 1] ?? '');
      const ms = Date.UTC(of.year, of.month - 1, of.day, of.hour, of.minute, of.second);
      const back = fieldsOf(ms);
      return found.every(({ field }) => back[field] === of[field]) ? instant(ms) : undefined;
    },
    write: (time) => {
      const of = fieldsOf(time);
      return parts
        .map((part) => {
          const token = tokens.get(part);
          return token === undefined ? part : token.write(of[token.field]);
        })
        .join('');
    },
  };
};

const fieldsOf = (ms: number): Record<Field, number> => {
  const date = new Date(ms);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
};
