import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import type { ChartOf } from './shape.ts';
import { tenth } from './svg.ts';
import { timeTicksOf, type TimeTick } from './time-axis.ts';
import { valueAxisOf, type ValueAxis } from './value-axis.ts';

/** For which width a picture is drawn: its words have the same size on a desk and on a phone, so each has a drawing of its own. */
export type ChartWidth = 'wide' | 'narrow';

const sizes = {
  wide: { width: 720, plot: 220, timeTicks: 9 },
  narrow: { width: 340, plot: 170, timeTicks: 4 },
} as const satisfies Record<ChartWidth, { readonly width: number; readonly plot: number; readonly timeTicks: number }>;

/** Height of a line of words. */
export const LINE = 20;
/** Width of a letter, about, of 14 px Arial. */
export const LETTER = 7.8;
const UNIT_ROW = 22;
/** Where the signs of marks stand, above the values. */
export const MARK_ROW = 20;

/** The room in which the values are, and how a value and a time become a place in it. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** The first line of the legend; lines are `LINE` apart. */
  readonly legendTop: number;
  readonly axis: ValueAxis;
  readonly times: readonly TimeTick[];
  /** In the frame always: what lies outside of it is put onto its edge. */
  readonly x: (time: Instant) => number;
  readonly y: (value: number) => number;
}

/** The frame of a chart at a width. */
export const frameOf = (chart: ChartOf, at: ChartWidth): Frame => {
  const { width, plot, timeTicks } = sizes[at];
  const axis = valueAxisOf(chart);
  const left = Math.ceil(Math.max(...axis.ticks.map(({ words }) => words.length)) * LETTER) + 14;
  const right = width - 14;
  const legend = chart.series.length > 1 ? chart.series.length * LINE + 4 : 0;
  const top = UNIT_ROW + legend + (chart.marks === undefined || chart.marks.length === 0 ? 0 : MARK_ROW);
  const bottom = top + plot;
  const span = Math.max(1, chart.to - chart.from);
  const between = (place: number, low: number, high: number): number => tenth(Math.min(Math.max(place, low), high));
  return {
    width,
    height: bottom + 28,
    left,
    right,
    top,
    bottom,
    legendTop: UNIT_ROW + 12,
    axis,
    times: timeTicksOf(chart, timeTicks),
    x: (time) => between(left + ((time - chart.from) / span) * (right - left), left, right),
    y: (value) => between(bottom - ((value - axis.low) / (axis.high - axis.low)) * (bottom - top), top, bottom),
  };
};
