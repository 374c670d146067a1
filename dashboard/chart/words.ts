import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import { minuteWords } from '../uk-time.ts';
import { counts, isDrawable, type ChartOf, type ChartPoint, type ChartSeries } from './shape.ts';
import { gapsOf } from './stretches.ts';

/** Gaps, and marks, that are said one by one; more of them are counted. */
const SAID_AT_MOST = 6;

/** What a chart shows, in sentences, for those who do not see it: of each series its least, greatest and last value and its gaps. */
export const chartWords = (chart: ChartOf): string => {
  const { series, thresholds = [], marks = [], from, to } = chart;
  const several = series.length > 1;
  return [
    `From ${minuteWords(from)} to ${minuteWords(to)}.`,
    ...series.map((one) => `${several ? `${one.name}: ` : ''}${seriesWords(one, chart)}`),
    ...thresholds.map(({ name, value }) => `Threshold ${quoted(name)}: ${said(value, chart)}.`),
    ...(marks.length === 0 ? [] : [`Marked: ${listed(marks.map(({ time, words }) => `${minuteWords(time)} ${words}`))}.`]),
  ].join(' ');
};

const quoted = (name: string): string => `“${name}”`;
const said = (value: number, { say, unit }: Pick<ChartOf, 'say' | 'unit'>): string => `${say(value)}${unit === '' ? '' : ` ${unit}`}`;

const seriesWords = (series: ChartSeries, chart: ChartOf): string => {
  const good = series.points.filter(counts);
  const others = othersWords(series.points);
  const last = good.at(-1);
  if (last === undefined) return ['No values.', ...others].join(' ');
  const [first = last] = good;
  const least = good.reduce((a, b) => (b.value < a.value ? b : a), first);
  const most = good.reduce((a, b) => (b.value > a.value ? b : a), first);
  const at = ({ value, time }: ChartPoint): string => `${said(value, chart)} on ${minuteWords(time)}`;
  const same = said(least.value, chart) === said(most.value, chart);
  const range = good.length === 1 ? `One value: ${at(last)}.` : same ? `${said(last.value, chart)} throughout.` : `Lowest ${at(least)}, highest ${at(most)}, last ${at(last)}.`;
  return [range, gapWords(series), ...others].filter((words) => words !== '').join(' ');
};

const gapWords = (series: ChartSeries): string => {
  const gaps = gapsOf(series).map(({ from, to }) => spanWords(from, to));
  return gaps.length === 0 ? '' : `No values ${listed(gaps)}.`;
};
const spanWords = (from: Instant, to: Instant): string => `from ${minuteWords(from)} to ${minuteWords(to)}`;

const othersWords = (points: readonly ChartPoint[]): readonly string[] => {
  const many = (of: (point: ChartPoint) => boolean, one: string, more: string): readonly string[] => {
    const n = points.filter(of).length;
    return n === 0 ? [] : [n === 1 ? one : more.replace('#', n.toLocaleString('en-GB'))];
  };
  return [
    ...many(({ flag }) => flag === 3, 'One value is suspect.', '# values are suspect.'),
    ...many(({ flag }) => flag > 3, 'One value failed its checks.', '# values failed their checks.'),
    ...many(({ value }) => !isDrawable(value), 'One value is too large to be drawn.', '# values are too large to be drawn.'),
  ];
};

const listed = (all: readonly string[]): string => {
  const shown = all.slice(0, SAID_AT_MOST).join('; ');
  return all.length <= SAID_AT_MOST ? shown : `${shown}; and ${(all.length - SAID_AT_MOST).toLocaleString('en-GB')} more`;
};
