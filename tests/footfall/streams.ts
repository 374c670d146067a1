import { deviceId, instant, iso, parseIso, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Sample } from '../../infra/footfall/count.ts';
import type { Series, SeriesOptions, Stream } from '../../infra/footfall/series.ts';
import type { Rules } from '../../infra/footfall/stream.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A time that a test writes down. */
export const at = (text: string): Instant => {
  const time = parseIso(text);
  if (time === undefined) throw new Error(`${text} is no time`);
  return time;
};

/** Rules of a 16-bit counter that speaks once an hour about the hour behind it. */
export const rules = (changed: Partial<Rules> = {}): Rules => ({
  everyMs: HOUR,
  maxPerHour: 10_000,
  bits: 16,
  labelled: 'end',
  clock: 'utc',
  ...changed,
});

/** Values at hours after a beginning: `[0, 5], [1, 9]`. */
export const samples = (begin: string, all: readonly (readonly [hour: number, value: number])[]): Sample[] =>
  all.map(([hour, value]) => ({ label: at(begin) + hour * HOUR, value }));

export const stream = (
  direction: 'in' | 'out' | 'all',
  said: Partial<Stream['said']>,
  how: Rules = rules(),
): Stream => ({
  device: deviceId('counter-1'),
  direction,
  said: { periods: [], totals: [], ...said },
  rules: how,
});

export const span = (from: string, to: string, length: SeriesOptions['length'] = 'hour'): SeriesOptions => ({
  from: at(from),
  to: at(to),
  length,
  spread: false,
  expectedMs: ({ from: begin, to: end }) => end - begin,
});

/** All passages of a series: booked, and booked nowhere. */
export const passagesOf = ({ rows, unbooked }: Series): number =>
  rows.reduce((sum, { total }) => sum + (total ?? 0), 0) + unbooked.reduce((sum, { passages }) => sum + passages, 0);

export const hoursLater = (time: Instant, hours: number): Instant => instant(time + hours * HOUR);

/** The morning of most series. */
export const begin = '2026-01-15T08:00:00Z';
export const morning = span(begin, '2026-01-15T13:00:00Z');

export const totals = ({ rows }: Series): readonly (number | null)[] => rows.map(({ total }) => total);
export const shares = ({ rows }: Series): readonly number[] => rows.map(({ completeness }) => completeness);

/** What is booked in no row: from and to as hh:mm, passages, and what is doubtful about it. */
export const unbooked = (series: Series): readonly unknown[] =>
  series.unbooked.map(({ from, to, passages, doubt }) => [
    iso(from).slice(11, 16),
    iso(to).slice(11, 16),
    passages,
    doubt,
  ]);
