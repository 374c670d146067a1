import type { Flag, Instant } from '../../device-profiles/vocabulary/index.ts';

/** One value of a series: at a time, or of the interval that begins then. */
export interface ChartPoint {
  readonly time: Instant;
  readonly value: number;
  /** What the value is worth: 3 is marked as suspect, 4 and 9 are crossed out and in no line. */
  readonly flag: Flag;
}

/** What is drawn in one manner and has one name. */
export interface ChartSeries {
  readonly name: string;
  /** In order of time. */
  readonly points: readonly ChartPoint[];
  /** How far apart two values are where nothing is missing; where more than one and a half times that lies between two of them is a gap. */
  readonly everyMs: number;
}

/** A value that somebody set, as a line across the chart. */
export interface ChartThreshold {
  readonly value: number;
  /** What it is called: `NO2 above 60`. */
  readonly name: string;
}

/** Something that happened, as a sign at its time. */
export interface ChartMark {
  readonly time: Instant;
  readonly words: string;
}

/** Levels are a line, counts are bars from zero, directions and the like points that nothing joins. */
export type ChartForm = 'line' | 'bars' | 'points';

/** Series that one set of axes holds: at most so many are told apart by dash, shape and colour. */
export const SERIES_AT_MOST = 4;

/** All that a chart shows. It is drawn, said and put into a table from the same. */
export interface ChartOf {
  /** Of the elements in the document: letters, digits and hyphens. What is something else becomes a hyphen. */
  readonly id: string;
  readonly title: string;
  /** As people write it; empty for counts and states. */
  readonly unit: string;
  readonly form: ChartForm;
  /** Inclusive. */
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
  /** One to four. @throws RangeError (of `chart`) for more. */
  readonly series: readonly ChartSeries[];
  readonly thresholds?: readonly ChartThreshold[];
  readonly marks?: readonly ChartMark[];
  /** A value as people write it, without its unit. */
  readonly say: (value: number) => string;
  /** The values that the axis names, where they are a closed list: 0 and 1 of a state. */
  readonly ticks?: readonly number[];
}

/** No measurement is greater; what is cannot be drawn beside others, and is said in words and in the table. */
const GREATEST = 1e15;

/** Whether a number can be drawn at all. */
export const isDrawable = (value: number): boolean => Math.abs(value) <= GREATEST;

/** Whether a value takes part in the line: failed and missing ones do not. */
export const counts = ({ flag, value }: ChartPoint): boolean => flag <= 3 && isDrawable(value);
