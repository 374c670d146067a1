import { iso, quantityOf, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { localIso } from '../../infra/footfall/civil-time.ts';
import type { Aggregate } from '../../infra/timeseries/contract.ts';
import type { Rule, Site } from '../../infra/registry/contract.ts';
import { csv } from '../api/csv.ts';
import type { ChartOf, ChartThreshold } from '../chart/shape.ts';
import { isQuantity } from '../now/wanted.ts';
import type { PageParts } from '../pages/page.ts';
import { inOrder } from '../pages/models.ts';
import { numberWords, unitWords } from '../pages/words.ts';
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
export const compare = async (asked: Parameters<typeof comparisonOf>[0], parts: Parts): Promise<ComparedAll> => {
  const comparison = comparisonOf(asked);
  const known = new Map(parts.registry.sites().map((site) => [String(site.id), site]));
  const sites = comparison.sites.flatMap((id) => known.get(id) ?? []);
  const quantities = quantitiesAt(sites, parts);
  const quantity = isQuantity(comparison.quantity) ? comparison.quantity : quantities[0];
  const now = parts.clock.now();
  const wanted = sites.flatMap((site): readonly Pick<Line, 'site' | 'past'>[] => [{ site, past: undefined }, ...comparison.pasts.map((past) => ({ site, past }))]);
  const lines =
    quantity === undefined
      ? []
      : await Promise.all(
          wanted.map(async ({ site, past }): Promise<Line> => {
            const back = past === undefined ? 0 : daysBack[past];
            return { site, past, name: nameOf(site, past, { alone: sites.length === 1, range: comparison.range }), values: await readCompared(parts, { site, quantity, range: comparison.range, daysBack: back }, now) };
          }),
        );
  return { comparison, sites, unknown: comparison.sites.filter((id) => !known.has(id)), quantities, quantity, lines };
};

const pastWords: Readonly<Record<Past, string>> = { week: 'A week before', year: '52 weeks before' };

/** Of one site the chart's title says which; its series are told apart by when they are. */
const nameOf = (site: Site, past: Past | undefined, { alone, range }: { readonly alone: boolean; readonly range: Range }): string =>
  past !== undefined ? pastWords[past] : alone ? capital(rangeWords[range]) : site.name || site.id;
const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

const quantitiesAt = (sites: readonly Site[], { now }: Pick<Parts, 'now'>): readonly QuantityId[] => {
  const ids = new Set(sites.map(({ id }) => id));
  const values = now.overview().places.flatMap(({ site, sensors }) => (site !== undefined && ids.has(site.id) ? sensors.flatMap((one) => one.values) : []));
  return [...new Set(inOrder(values).map(({ quantity }) => quantity))].filter((quantity) => quantityOf(quantity).kind !== 'state');
};

const steps: Readonly<Record<Range, string>> = { '24h': 'quarter of an hour', '7d': 'hour', '30d': 'day' };
const statistics: Readonly<Record<Aggregate, string>> = { mean: 'mean', min: 'lowest', max: 'highest', sum: 'total', count: 'number', last: 'last value' };

/** What a value of the chart is: `Mean of each hour`. */
export const statisticWords = (quantity: QuantityId, range: Range): string => {
  const words = statistics[statisticOf(quantity)];
  return `${capital(words)} of each ${steps[range]}`;
};

/** More bars than these are thinner than what tells them apart. */
const BARS_AT_MOST = 130;

/** The chart of a comparison; undefined where there is nothing to draw. */
export const chartOf = ({ comparison, quantity, lines, sites }: ComparedAll, rules: readonly Rule[], now: Instant): ChartOf | undefined => {
  if (quantity === undefined || lines.length === 0) return undefined;
  const { from, to, everyMs } = spanOf(comparison.range, now);
  const { kind, unit, name } = quantityOf(quantity);
  const bars = kind === 'interval' && ((to - from) / everyMs) * lines.length <= BARS_AT_MOST;
  return {
    id: 'compare',
    title: `${name}: ${sites.length > 1 ? `${sites.length} sites` : (sites[0]?.name || sites[0]?.id || '')}, ${rangeWords[comparison.range]}`,
    unit: unitWords(quantity),
    form: bars ? 'bars' : unit === 'deg' ? 'points' : 'line',
    from,
    to,
    say: (value) => numberWords(value, quantity),
    series: lines.map((line) => ({ name: line.name, everyMs, points: line.values.map(({ time, value }) => ({ time, value, flag: 1 as const })) })),
    // A threshold is for single values: beside totals of an hour it would say something else.
    thresholds: kind === 'interval' ? [] : thresholdsOf(rules, quantity),
  };
};

export const rangeWords: Readonly<Record<Range, string>> = { '24h': 'last 24 hours', '7d': 'last 7 days', '30d': 'last 30 days' };

const thresholdsOf = (rules: readonly Rule[], quantity: QuantityId): readonly ChartThreshold[] =>
  rules
    .filter((rule) => rule.enabled && rule.quantity === quantity && rule.site === undefined && rule.device === undefined && rule.borough === undefined)
    .map(({ name, threshold }) => ({ name, value: threshold }));

const columns = ['series', 'site', 'quantity', 'unit', 'statistic', 'time', 'time_uk', 'measured_at', 'value', 'count'] as const;

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
            statisticWords(quantity, comparison.range),
            iso(time),
            localIso(time),
            iso(measuredAt),
            value,
            count,
          ]),
        ),
  );
