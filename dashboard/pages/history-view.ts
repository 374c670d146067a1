import { instant, iso, quantityOf, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert, Rule } from '../../infra/registry/contract.ts';
import type { ChartMark, ChartThreshold } from '../chart/shape.ts';
import { chartView, type ChartView } from '../chart/view.ts';
import { clockWords, londonWords } from '../uk-time.ts';
import type { Words } from '../words/index.ts';
import { columnsOf, type History } from './history.ts';
import { stepWords, type Range } from './range.ts';
import { trendWords } from './sparkline.ts';
import { numberWords, severityWord, unitWords } from './words.ts';

/** One quantity of one sensor over a range: drawn, said, and as a table. */
export interface HistoryView {
  readonly key: string;
  readonly name: string;
  readonly device: string;
  readonly unit: string;
  readonly words: string;
  /** Undefined where there is nothing to draw yet. */
  readonly chart: ChartView | undefined;
  /** `Mean of each 30 minutes` */
  readonly caption: string;
  readonly columns: readonly string[];
  /** Newest first. */
  readonly rows: readonly {
    readonly iso: string;
    readonly clock: string;
    readonly whole: string;
    readonly cells: readonly string[];
    readonly count: number;
    /** Until when there is no value, where the row stands for several intervals. */
    readonly until: string | undefined;
  }[];
  readonly csv: string;
}

/** What a history is shown with. */
export interface HistoryShown {
  readonly range: Range;
  readonly now: Instant;
  /** Rules that look here, and alerts that began in the range. */
  readonly rules: readonly Rule[];
  readonly alerts: readonly Alert[];
  /** Several sensors are on the page, so that each says whose it is. */
  readonly several: boolean;
  /** The address of its CSV. */
  readonly csv: (history: History) => string;
}

/** A history as the template prints it. */
export const historyView = (history: History, shown: HistoryShown, words: Words): HistoryView => {
  const { device, quantity, points } = history;
  const { range, now } = shown;
  const unit = unitWords(quantity);
  const { kind, name } = quantityOf(quantity);
  // Of counts the intervals that are over: the present one, half counted, would look like a fall.
  const over = kind === 'interval' ? points.filter(({ time }) => time + range.everyMs <= now) : points;
  const key = `history-${device}-${quantity}`;
  const columns = columnsOf(quantity);
  const extent = extentOf(history);
  return {
    key,
    name,
    device,
    unit,
    words: trendWords(
      over,
      {
        quantity,
        unit,
        span: range.id,
        ...(kind === 'interval' ? { begun: true } : { extent }),
        trend: range.id === '24h',
      },
      words,
    ),
    caption: [
      words.say('history.each', { what: words.say(columns[0].title), step: stepWords(range.everyMs, words) }),
      ...(kind === 'interval' ? ruleWords(thresholdsOf(shown.rules, quantity), words) : []),
    ].join('. '),
    chart: over.length === 0 ? undefined : chartOf({ ...history, points: over }, { shown, key }, words),
    columns: columns.map(({ title }) => words.say(title)),
    rows: rowsOf(history, shown, words),
    csv: shown.csv(history),
  };
};

const chartOf = (
  history: History,
  { shown, key }: { readonly shown: HistoryShown; readonly key: string },
  words: Words,
): ChartView => {
  const { range, now, rules, alerts, several, csv } = shown;
  const { device, quantity, points, everyMs } = history;
  const { name, kind, unit } = quantityOf(quantity);
  const said = words.say(columnsOf(quantity)[0].title);
  return chartView(
    {
      id: `${key}-chart`,
      title: words.say(several ? 'history.title-of' : 'history.title', {
        name,
        device,
        what: said.toLowerCase(),
        step: stepWords(range.everyMs, words),
      }),
      unit: unitWords(quantity),
      form: kind === 'interval' ? 'bars' : unit === 'deg' || kind === 'state' ? 'points' : 'line',
      from: range.from,
      to: range.to,
      series: [{ name: said, points, everyMs: kind === 'interval' ? range.everyMs : everyMs }],
      // A rule looks at the count of one message: beside totals of half an hour its threshold would be another thing.
      thresholds: kind === 'interval' ? [] : thresholdsOf(rules, quantity),
      marks: marksOf(alerts, history, words),
      say: (value) => numberWords(value, quantity, words),
      ...(kind === 'state' ? { ticks: [0, 1] } : {}),
    },
    { csv: csv(history), now },
    words,
  );
};

/** Two rules of one value are one line. */
const thresholdsOf = (rules: readonly Rule[], quantity: QuantityId): readonly ChartThreshold[] =>
  [
    ...Map.groupBy(
      rules.filter((rule) => rule.enabled && rule.quantity === quantity),
      ({ threshold }) => threshold,
    ),
  ].map(([value, all]) => ({
    value,
    name: [...new Set(all.map(({ name }) => name))].join(', '),
  }));

/** Rules that look at counts which the chart does not show one by one. */
const ruleWords = (thresholds: readonly ChartThreshold[], words: Words): readonly string[] =>
  thresholds.length === 0 ? [] : [words.say('history.rules', { rules: thresholds.map(({ name }) => name).join('; ') })];

const marksOf = (alerts: readonly Alert[], { device, quantity }: History, words: Words): readonly ChartMark[] =>
  alerts
    .filter(
      (alert) =>
        alert.device === device &&
        alert.quantity === quantity &&
        alert.state !== 'pending' &&
        alert.firedAt !== undefined,
    )
    .map(({ firedAt, startedAt, severity, ruleName, resolvedAt }) => ({
      time: firedAt ?? startedAt,
      words: words.say(resolvedAt === undefined ? 'history.mark-firing' : 'history.mark-ended', {
        severity: severityWord(severity, words),
        rule: ruleName,
      }),
    }))
    .toSorted((a, b) => a.time - b.time);

/** Of single values, where the columns know them. */
const extentOf = ({ points, quantity }: History): { readonly min: number; readonly max: number } => {
  const of = (aggregate: 'min' | 'max'): readonly number[] => {
    const at = columnsOf(quantity).findIndex((column) => column.aggregate === aggregate);
    return points.map(({ cells, value }) => cells[at] ?? value);
  };
  return { min: Math.min(...of('min')), max: Math.max(...of('max')) };
};

/** A row for each interval, and one for those of a stretch without values. */
const rowsOf = (
  { points, quantity, everyMs }: History,
  { range, now }: HistoryShown,
  words: Words,
): HistoryView['rows'] => {
  const columns = columnsOf(quantity);
  const none = (from: number, to: number): HistoryView['rows'] => [
    {
      ...timeOf(instant(from), now),
      cells: columns.map(() => words.say('value.absent')),
      count: 0,
      until: to - from > range.everyMs ? clockWords(instant(to), now) : undefined,
    },
  ];
  const rows: HistoryView['rows'][number][] = [];
  // As if one had come just before the range, and one would at its end: what is missing there is missing too.
  let before = range.from - range.everyMs;
  for (const { time, cells, count } of points) {
    if (time - before > everyMs * 1.5) rows.push(...none(before + range.everyMs, time));
    rows.push({
      ...timeOf(time, now),
      cells: cells.map((value) =>
        value === undefined ? words.say('value.absent') : numberWords(value, quantity, words),
      ),
      count,
      until: undefined,
    });
    before = time;
  }
  const end = Math.min(range.to, now);
  if (end - before > everyMs * 1.5) rows.push(...none(before + range.everyMs, end));
  return rows.toReversed();
};

const timeOf = (time: Instant, now: Instant) => ({
  iso: iso(time),
  clock: clockWords(time, now),
  whole: londonWords(time),
});
