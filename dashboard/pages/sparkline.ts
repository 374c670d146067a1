import type { Instant, QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { RangeId } from './range.ts';
import type { Words } from '../words/index.ts';
import { numberWords } from './words.ts';

/** One point of a line: a value at a time. */
export interface Point {
  readonly time: Instant;
  readonly value: number;
}

/** A line over a span of time, drawn as an SVG path per unbroken stretch. */
export interface Sparkline {
  /**
   * SVG path data in a box of `WIDTH` by `HEIGHT`; a single point is a line of no length, which round ends make a
   * dot.
   */
  readonly path: string;
  readonly min: number;
  readonly max: number;
}

export const WIDTH = 480;
export const HEIGHT = 64;
/** Room for the thickness of the line. */
const MARGIN = 4;

/**
 * Draws points of one datastream. Where more than one interval lies between two points the line is broken: a gap is a
 * gap, not a slope, and never zero.
 */
export const sparkline = (
  points: readonly Point[],
  { from, to, everyMs }: { readonly from: Instant; readonly to: Instant; readonly everyMs: number },
): Sparkline | undefined => {
  if (points.length === 0) return undefined;
  const min = Math.min(...points.map(({ value }) => value));
  const max = Math.max(...points.map(({ value }) => value));
  const x = (time: number): number => round(MARGIN + ((time - from) / (to - from)) * (WIDTH - 2 * MARGIN));
  // A flat line runs through the middle.
  const y = (value: number): number =>
    round(max === min ? HEIGHT / 2 : HEIGHT - MARGIN - ((value - min) / (max - min)) * (HEIGHT - 2 * MARGIN));
  const stretches: { x: number; y: number }[][] = [];
  let before: number | undefined;
  for (const { time, value } of points) {
    const place = { x: x(time), y: y(value) };
    const current = stretches.at(-1);
    if (current === undefined || before === undefined || time - before > everyMs * 1.5) stretches.push([place]);
    else current.push(place);
    before = time;
  }
  return {
    path: stretches
      .map((stretch) => `M${stretch.map((at) => `${at.x} ${at.y}`).join('L')}${stretch.length === 1 ? 'h0' : ''}`)
      .join(''),
    min,
    max,
  };
};

const round = (n: number): number => Math.round(n * 10) / 10;

/** A change smaller than this part of the day's range is steady: the noise of a street sensor. */
const STEADY = 0.1;
const TREND_MS = 3 * 3_600_000;
/** A value older than this says nothing of three hours before. */
const TREND_AT_MOST_MS = 4 * 3_600_000;

/** What the words of a line are about. */
export interface TrendOf {
  readonly quantity: QuantityId;
  readonly unit: string;
  /** When the points were. */
  readonly span: RangeId;
  /** Lowest and highest of all values, of which the points are some; unless given, those of the points. */
  readonly extent?: { readonly min: number; readonly max: number } | undefined;
  /** The points are whole hours, and the first one is still being counted. */
  readonly begun?: boolean;
  /** Whether the end is compared with three hours before; it is unless said otherwise. */
  readonly trend?: boolean;
}

/** What a line says, in words, for those who cannot see it and those who would rather read. */
export const trendWords = (
  points: readonly Point[],
  { quantity, unit, span, extent, begun = false, trend: compared = true }: TrendOf,
  words: Words,
): string => {
  const last = points.at(-1);
  if (last === undefined) return begun ? words.say('trend.no-hour') : words.say(`trend.none-${span}`);
  const values = points.map(({ value }) => value);
  const min = Math.min(...values, extent?.min ?? Infinity);
  const max = Math.max(...values, extent?.max ?? -Infinity);
  const say = (value: number): string => `${numberWords(value, quantity, words)}${unit === '' ? '' : ` ${unit}`}`;
  // As it is written, not as it is: what differs by less is the same to who reads it.
  const same = say(min) === say(max);
  const range = !same
    ? words.say('trend.between', { min: say(min), max: say(max) })
    : words.say(points.length === 1 ? 'trend.one' : 'trend.throughout', { value: say(min) });
  const earlier = !compared
    ? undefined
    : points.findLast(({ time }) => time <= last.time - TREND_MS && time >= last.time - TREND_AT_MOST_MS);
  if (earlier === undefined || same) return words.say('trend.range', { range });
  const change = last.value - earlier.value;
  const trend = Math.abs(change) < STEADY * (max - min) ? 'trend.same' : change > 0 ? 'trend.higher' : 'trend.lower';
  return words.say(trend, { range, value: say(last.value) });
};
