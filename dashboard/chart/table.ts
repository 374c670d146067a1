import { instant, iso, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { clockWords, londonWords } from '../uk-time.ts';
import type { Words } from '../words/index.ts';
import { isDrawable, type ChartOf, type ChartPoint } from './shape.ts';

/** The numbers of a chart as a table: a row a time, newest first, a column a series. */
export interface ChartTable {
  readonly head: readonly string[];
  readonly rows: readonly ChartRow[];
  /** Rows that are left out because no page holds them; they are in the CSV. */
  readonly left: number;
}

export interface ChartRow {
  readonly iso: string;
  readonly clock: string;
  readonly whole: string;
  /** Until when there is none of any series, where the row stands for a gap. */
  readonly until: string | undefined;
  readonly cells: readonly string[];
}

/** Rows that a page holds; a week by the hour is 168. */
const ROWS_AT_MOST = 200;

/** The table of a chart. Where all series have none for a while, one row says so. */
export const chartTable = (chart: ChartOf, now: Instant, words: Words): ChartTable => {
  const { series, say } = chart;
  const columns = series.map(({ points }) => new Map(points.map((point) => [point.time, point])));
  const times = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b);
  const everyMs = Math.max(...series.map((one) => one.everyMs));
  const rows = times.flatMap((time, i): ChartRow[] => {
    const values = columns.map((column) => cellOf(column.get(time), say, words));
    const next = times[i + 1];
    const row = { ...at(time, now), until: undefined, cells: values };
    return next === undefined || next - time <= everyMs * 1.5
      ? [row]
      : [
          row,
          {
            ...at(instant(time + everyMs), now),
            until: clockWords(next, now),
            cells: columns.map(() => words.say('value.absent')),
          },
        ];
  });
  return {
    head: series.map(({ name }) => name),
    rows: rows.reverse().slice(0, ROWS_AT_MOST),
    left: Math.max(0, rows.length - ROWS_AT_MOST),
  };
};

const at = (time: Instant, now: Instant) => ({
  iso: iso(time),
  clock: clockWords(time, now),
  whole: londonWords(time),
});

const cellOf = (point: ChartPoint | undefined, say: ChartOf['say'], words: Words): string => {
  if (point === undefined || Number.isNaN(point.value)) return words.say('value.absent');
  const value = isDrawable(point.value) ? say(point.value) : String(point.value);
  return point.flag === 3
    ? words.say('chart.cell-suspect', { value })
    : point.flag > 3
      ? words.say('chart.cell-failed', { value })
      : value;
};
