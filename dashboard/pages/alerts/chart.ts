import {
  instant,
  quantityOf,
  Unavailable,
  type DeviceId,
  type Instant,
  type QuantityId,
} from '../../../device-profiles/vocabulary/index.ts';
import type { Alert, AlertDeed } from '../../../infra/registry/contract.ts';
import type { ChartMark, ChartPoint } from '../../chart/shape.ts';
import { usualGap } from '../../chart/usual-gap.ts';
import { chartView, type ChartView } from '../../chart/view.ts';
import type { Words } from '../../words/index.ts';
import type { PageParts } from '../page.ts';
import { numberWords, unitWords } from '../words.ts';
import { personWords } from './words.ts';

const HOUR_MS = 3_600_000;
/** Of what was before and after, so much as the alert lasted, between these. */
const AROUND_MS = { least: 2 * HOUR_MS, most: 24 * HOUR_MS };
/** Shorter spans are drawn value by value; longer ones by the worst of each hour. */
const RAW_MS = 48 * HOUR_MS;
/** An alert that lasts longer is shown by its last weeks. */
const SPAN_MS = 28 * 24 * HOUR_MS;
/** A value a minute over two days, and a little more. */
const VALUES_AT_MOST = 4_000;

/** The time that belongs to an alert, with something of what was before and after. */
export const spanOf = (
  { startedAt, resolvedAt }: Pick<Alert, 'startedAt' | 'resolvedAt'>,
  now: Instant,
): { readonly from: Instant; readonly to: Instant } => {
  const ended = resolvedAt ?? now;
  const around = Math.min(Math.max(ended - startedAt, AROUND_MS.least), AROUND_MS.most);
  const to = instant(Math.max(Math.min(ended + around, now), startedAt + 60_000));
  return { from: instant(Math.max(startedAt - around, to - SPAN_MS)), to };
};

/** Values around an alert, with its threshold; undefined where nothing is stored there, or the store does not answer. */
export const alertChart = async (
  alert: Alert,
  { deeds, title }: { readonly deeds: readonly AlertDeed[]; readonly title: string },
  { timeseries, clock }: Pick<PageParts, 'timeseries' | 'clock'>,
  words: Words,
): Promise<ChartView | undefined> => {
  const { from, to } = spanOf(alert, clock.now());
  const { device, quantity, threshold, asked } = alert;
  try {
    const { points, everyMs } = await pointsOf(
      { device, quantity, from, to, lowest: asked?.when === 'below' },
      timeseries,
    );
    if (points.length === 0) return undefined;
    return chartView(
      {
        id: 'alert-chart',
        title,
        unit: unitWords(quantity),
        form: quantityOf(quantity).kind === 'interval' ? 'bars' : 'line',
        from,
        to,
        series: [{ name: quantityOf(quantity).name, points, everyMs }],
        thresholds: [
          { value: threshold, name: words.say('story.threshold') },
          ...(asked === undefined || asked.clearAt === threshold
            ? []
            : [{ value: asked.clearAt, name: words.say('story.ends-at') }]),
        ],
        marks: marksOf(alert, deeds, words),
        say: (value) => numberWords(value, quantity, words),
      },
      { csv: `/alerts/${encodeURIComponent(alert.id)}/values.csv`, now: clock.now() },
      words,
    );
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
};

interface Series {
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  readonly from: Instant;
  readonly to: Instant;
}

const pointsOf = async (
  { device, quantity, from, to, lowest }: Series & { readonly lowest: boolean },
  timeseries: PageParts['timeseries'],
): Promise<{ readonly points: readonly ChartPoint[]; readonly everyMs: number }> => {
  const selection = { devices: [device], quantities: [quantity], from, to };
  if (to - from <= RAW_MS) {
    const { observations, next } = await timeseries.range({ ...selection, limit: VALUES_AT_MOST });
    const points = observations.flatMap(({ time, value, flag }): ChartPoint[] =>
      value.kind === 'measured' ? [{ time, value: value.value, flag }] : [],
    );
    if (next === undefined) return { points, everyMs: Math.max(usualGap(points) ?? HOUR_MS, 1_000) };
  }
  const buckets = await timeseries.aggregate({
    ...selection,
    from: instant(Math.floor(from / HOUR_MS) * HOUR_MS),
    everyMs: HOUR_MS,
    aggregate: lowest ? 'min' : 'max',
    maxFlag: 2,
  });
  return { points: buckets.map(({ time, value }) => ({ time, value, flag: 1 })), everyMs: HOUR_MS };
};

const marksOf = (
  { startedAt, firedAt, resolvedAt }: Alert,
  deeds: readonly AlertDeed[],
  words: Words,
): readonly ChartMark[] =>
  [
    { time: startedAt, words: words.say(firedAt === startedAt ? 'story.mark-began-fired' : 'story.mark-began') },
    ...(firedAt === undefined || firedAt === startedAt
      ? []
      : [{ time: firedAt, words: words.say('story.mark-fired') }]),
    ...deeds.flatMap(({ kind, at, by }) =>
      kind === 'acknowledged'
        ? [{ time: at, words: words.say('story.mark-acknowledged', { who: personWords(by, words) }) }]
        : [],
    ),
    ...(resolvedAt === undefined ? [] : [{ time: resolvedAt, words: words.say('story.mark-ended') }]),
  ].toSorted((a, b) => a.time - b.time);
