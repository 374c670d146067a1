import { iso, quantityOf, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { localIso } from '../../infra/footfall/civil-time.ts';
import type { Aggregate } from '../../infra/timeseries/contract.ts';
import type { Rule, Site } from '../../infra/registry/contract.ts';
import { csv, sixDigits } from '../api/csv.ts';
import type { ChartOf, ChartThreshold } from '../chart/shape.ts';
import { isQuantity } from '../now/wanted.ts';
import type { PageParts } from '../pages/page.ts';
import { inOrder } from '../pages/models.ts';
import { numberWords, unitWords } from '../pages/words.ts';
import type { Key } from '../words/english.ts';
import { englishWords, type Words } from '../words/index.ts';
import { comparisonOf, daysBack, spanOf, type Comparison, type Past, type Range } from './asked.ts';
import { readCompared, statisticOf, type Compared } from './read.ts';

/** One series of a comparison. */
export interface Line {
  readonly name: string;
  readonly site: Site;
  /** Undefined: now. */
  readonly past: Past | undefined;
  readonly values: readonly Compared[];
}

/** Everything that a page and a file say of a comparison. */
export interface ComparedAll {
  readonly comparison: Comparison;
  readonly sites: readonly Site[];
  /** Ids that are no site here. */
  readonly unknown: readonly string[];
  /** What the sites measure, air first. */
  readonly quantities: readonly QuantityId[];
  /** Undefined where nothing is compared. */
  readonly quantity: QuantityId | undefined;
  readonly lines: readonly Line[];
}

type Parts = Pick<PageParts, 'registry' | 'timeseries' | 'catalogue' | 'clock' | 'now'>;

/** Reads what an address asks for. @throws Unavailable where the store of measurements does not answer */
export const compare = async (
  asked: Parameters<typeof comparisonOf>[0],
  parts: Parts,
  words: Words,
): Promise<ComparedAll> => {
  const comparison = comparisonOf(asked);
  const known = new Map(parts.registry.sites().map((site) => [String(site.id), site]));
  const sites = comparison.sites.flatMap((id) => known.get(id) ?? []);
  const quantities = quantitiesAt(sites, parts);
  const quantity = isQuantity(comparison.quantity) ? comparison.quantity : quantities[0];
  const now = parts.clock.now();
  const wanted = sites.flatMap((site): readonly Pick<Line, 'site' | 'past'>[] => [
    { site, past: undefined },
    ...comparison.pasts.map((past) => ({ site, past })),
  ]);
  const lines =
    quantity === undefined
      ? []
      : await Promise.all(
          wanted.map(async ({ site, past }): Promise<Line> => {
            const back = past === undefined ? 0 : daysBack[past];
            return {
              site,
              past,
              name: nameOf(site, past, { alone: sites.length === 1, range: comparison.range }, words),
              values: await readCompared(parts, { site, quantity, range: comparison.range, daysBack: back }, now),
            };
          }),
        );
  return { comparison, sites, unknown: comparison.sites.filter((id) => !known.has(id)), quantities, quantity, lines };
};

/** Of one site the chart's title says which; its series are told apart by when they are. */
const nameOf = (
  site: Site,
  past: Past | undefined,
  { alone, range }: { readonly alone: boolean; readonly range: Range },
  words: Words,
): string =>
  past !== undefined ? words.say(`compare.past-${past}`) : alone ? words.say(`range.${range}`) : site.name || site.id;

const quantitiesAt = (sites: readonly Site[], { now }: Pick<Parts, 'now'>): readonly QuantityId[] => {
  const ids = new Set(sites.map(({ id }) => id));
  const values = now
    .overview()
    .places.flatMap(({ site, sensors }) =>
      site !== undefined && ids.has(site.id) ? sensors.flatMap((one) => one.values) : [],
    );
  return [...new Set(inOrder(values).map(({ quantity }) => quantity))].filter(
    (quantity) => quantityOf(quantity).kind !== 'state',
  );
};

const steps = { '24h': 'compare.step-quarter', '7d': 'step.hour', '30d': 'step.day' } as const satisfies Readonly<
  Record<Range, Key>
>;
const statistics = {
  mean: 'column.mean',
  min: 'column.lowest',
  max: 'column.highest',
  sum: 'column.total',
  count: 'column.number',
  last: 'column.last',
} as const satisfies Readonly<Record<Aggregate, Key>>;

/** What a value of the chart is: `Mean of each hour`. */
export const statisticWords = (quantity: QuantityId, range: Range, words: Words): string =>
  words.say('history.each', { what: words.say(statistics[statisticOf(quantity)]), step: words.say(steps[range]) });

/** More bars than these are thinner than what tells them apart. */
const BARS_AT_MOST = 130;

/** The chart of a comparison; undefined where there is nothing to draw. */
export const chartOf = (
  { comparison, quantity, lines, sites }: ComparedAll,
  rules: readonly Rule[],
  now: Instant,
  words: Words,
): ChartOf | undefined => {
  if (quantity === undefined || lines.length === 0) return undefined;
  const { from, to, everyMs } = spanOf(comparison.range, now);
  const { kind, unit, name } = quantityOf(quantity);
  const bars = kind === 'interval' && ((to - from) / everyMs) * lines.length <= BARS_AT_MOST;
  return {
    id: 'compare',
    title: words.say(`compare.title-${comparison.range}`, {
      name,
      sites:
        sites.length > 1 ? words.say('compare.sites', { count: sites.length }) : sites[0]?.name || sites[0]?.id || '',
    }),
    unit: unitWords(quantity),
    form: bars ? 'bars' : unit === 'deg' ? 'points' : 'line',
    from,
    to,
    say: (value) => numberWords(value, quantity, words),
    series: lines.map((line) => ({
      name: line.name,
      everyMs,
      points: line.values.map(({ time, value }) => ({ time, value, flag: 1 as const })),
    })),
    // A threshold is for single values: beside totals of an hour it would say something else.
    thresholds: kind === 'interval' ? [] : thresholdsOf(rules, quantity),
  };
};

const thresholdsOf = (rules: readonly Rule[], quantity: QuantityId): readonly ChartThreshold[] =>
  rules
    .filter(
      (rule) =>
        rule.enabled &&
        rule.quantity === quantity &&
        rule.site === undefined &&
        rule.device === undefined &&
        rule.borough === undefined,
    )
    .map(({ name, threshold }) => ({ name, value: threshold }));

const columns = [
  'series',
  'site',
  'quantity',
  'unit',
  'statistic',
  'time',
  'time_uk',
  'measured_at',
  'value',
  'count',
] as const;

/** The same as a file: a row a value. `time` is where it stands on the axis, `measured_at` when it was measured. */
export const comparisonCsv = ({ comparison, quantity, lines }: ComparedAll): string =>
  csv(
    columns,
    quantity === undefined
      ? []
      : lines.flatMap(({ name, site, values }) =>
          values.map(({ time, measuredAt, value, count }) => [
            name,
            site.id,
            quantity,
            quantityOf(quantity).unit,
            statisticWords(quantity, comparison.range, englishWords),
            iso(time),
            localIso(time),
            iso(measuredAt),
            Number.isInteger(value) ? value : sixDigits(value),
            count,
          ]),
        ),
  );
