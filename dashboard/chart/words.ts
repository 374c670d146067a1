import { minuteWords } from '../uk-time.ts';
import type { Words } from '../words/index.ts';
import { counts, isDrawable, type ChartOf, type ChartPoint, type ChartSeries } from './shape.ts';
import { gapsOf } from './stretches.ts';

/** Gaps, and marks, that are said one by one; more of them are counted. */
const SAID_AT_MOST = 6;

/** What a chart shows, in sentences, for those who do not see it: of each series its least, greatest and last value and its gaps. */
export const chartWords = (chart: ChartOf, words: Words): string => {
  const { series, thresholds = [], marks = [], from, to } = chart;
  const several = series.length > 1;
  const marked = listed(
    marks.map((mark) => `${minuteWords(mark.time)} ${mark.words}`),
    words,
  );
  return [
    words.say('chart.span', { from: minuteWords(from), to: minuteWords(to) }),
    ...series.map((one) =>
      several
        ? words.say('chart.of-series', { name: one.name, words: seriesWords(one, chart, words) })
        : seriesWords(one, chart, words),
    ),
    ...thresholds.map(({ name, value }) => words.say('chart.threshold', { name, value: said(value, chart) })),
    ...(marks.length === 0 ? [] : [words.say('chart.marked', { marks: marked })]),
  ].join(' ');
};

const said = (value: number, { say, unit }: Pick<ChartOf, 'say' | 'unit'>): string =>
  `${say(value)}${unit === '' ? '' : ` ${unit}`}`;

const seriesWords = (series: ChartSeries, chart: ChartOf, words: Words): string => {
  const good = series.points.filter(counts);
  const others = othersWords(series.points, words);
  const last = good.at(-1);
  if (last === undefined) return [words.say('chart.none'), ...others].join(' ');
  const [first = last] = good;
  const least = good.reduce((a, b) => (b.value < a.value ? b : a), first);
  const most = good.reduce((a, b) => (b.value > a.value ? b : a), first);
  const at = ({ value, time }: ChartPoint): string =>
    words.say('chart.value-at', { value: said(value, chart), time: minuteWords(time) });
  const same = said(least.value, chart) === said(most.value, chart);
  const range =
    good.length === 1
      ? words.say('chart.one', { last: at(last) })
      : same
        ? words.say('chart.throughout', { value: said(last.value, chart) })
        : words.say('chart.range', { least: at(least), most: at(most), last: at(last) });
  return [range, ...gapWords(series, words), ...others].join(' ');
};

const gapWords = (series: ChartSeries, words: Words): readonly string[] => {
  const gaps = gapsOf(series).map(({ from, to }) =>
    words.say('chart.gap', { from: minuteWords(from), to: minuteWords(to) }),
  );
  return gaps.length === 0 ? [] : [words.say('chart.gaps', { gaps: listed(gaps, words) })];
};

const othersWords = (points: readonly ChartPoint[], words: Words): readonly string[] => {
  const many = (
    key: 'chart.suspect' | 'chart.failed' | 'chart.too-large',
    of: (point: ChartPoint) => boolean,
  ): readonly string[] => {
    const count = points.filter(of).length;
    return count === 0 ? [] : [words.say(key, { count })];
  };
  return [
    ...many('chart.suspect', ({ flag }) => flag === 3),
    ...many('chart.failed', ({ flag }) => flag > 3),
    ...many('chart.too-large', ({ value }) => !isDrawable(value)),
  ];
};

const listed = (all: readonly string[], words: Words): string => {
  const shown = all.slice(0, SAID_AT_MOST).join('; ');
  return all.length <= SAID_AT_MOST ? shown : words.say('chart.and-more', { shown, count: all.length - SAID_AT_MOST });
};
