import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import { minuteWords } from '../uk-time.ts';
import type { Words } from '../words/index.ts';
import { chartSvg, idOf } from './draw.ts';
import type { ChartForm, ChartOf } from './shape.ts';
import { chartTable, type ChartTable } from './table.ts';
import { valueAxisOf } from './value-axis.ts';

/** What the template `chart.njk` prints: two drawings of which the style sheet shows one, what stands beside them, the table, and where its CSV is. */
export interface ChartView {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly form: ChartForm;
  /** SVG, escaped already. */
  readonly wide: string;
  readonly narrow: string;
  /** The marks in the order of their numbers. */
  readonly marks: readonly string[];
  /** Thresholds that would leave the values no room. */
  readonly beyond: readonly string[];
  /** What the signs around values mean, where there are any. */
  readonly signs: readonly string[];
  readonly table: ChartTable;
  readonly csv: string;
}

/** A chart with everything that belongs beside it. @throws RangeError where it has no series, or more than four. */
export const chartView = (
  chart: ChartOf,
  { csv, now }: { readonly csv: string; readonly now: Instant },
  words: Words,
): ChartView => {
  const { low, high } = valueAxisOf(chart);
  return {
    id: idOf(chart.id),
    title: chart.title,
    unit: chart.unit,
    form: chart.form,
    wide: chartSvg(chart, 'wide', words),
    narrow: chartSvg(chart, 'narrow', words),
    marks: (chart.marks ?? [])
      .filter(({ time }) => time >= chart.from && time < chart.to)
      .map((mark) => `${minuteWords(mark.time)}: ${mark.words}`),
    beyond: (chart.thresholds ?? [])
      .filter(({ value }) => value < low || value > high)
      .map(({ name, value }) => `${name}: ${chart.say(value)}${chart.unit === '' ? '' : ` ${chart.unit}`}`),
    signs: [
      ...(any(chart, (flag) => flag === 3) ? [words.say('chart.sign-suspect')] : []),
      ...(any(chart, (flag) => flag > 3) ? [words.say('chart.sign-failed')] : []),
    ],
    table: chartTable(chart, now, words),
    csv,
  };
};

const any = ({ series }: ChartOf, is: (flag: number) => boolean): boolean =>
  series.some(({ points }) => points.some(({ flag }) => is(flag)));
