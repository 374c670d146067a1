import { Unavailable, quantityOf } from '../../device-profiles/vocabulary/index.ts';
import { SERIES_AT_MOST } from '../chart/shape.ts';
import { chartView } from '../chart/view.ts';
import { pasts, ranges, type Comparison, type Past } from '../compare/asked.ts';
import { chartOf, compare, statisticWords, type ComparedAll } from '../compare/compare.ts';
import { searching } from '../now/search.ts';
import { nameOf } from '../now/overview.ts';
import { wordsIn, type Words } from '../words/index.ts';
import { siteHref, whereWords } from './models.ts';
import type { Asked, PageMaker, PageParts } from './page.ts';

/** Sites that a search offers; whoever searches says more when there are others. */
const OFFERED_AT_MOST = 12;

/** Up to four sites, or a site and its own past, in one chart. Its address says all. */
export const comparePage: PageMaker = async (asked, parts) => {
  const words = wordsIn(asked.language);
  const found = await readOr(asked, parts);
  const { comparison, sites, unknown, quantity } = found;
  const now = parts.clock.now();
  const chart = chartOf(found, parts.registry.rules(), now, words);
  const measured = found.lines.some(({ values }) => values.length > 0);
  return {
    template: 'compare',
    wide: true,
    title:
      sites.length === 0
        ? words.say('compare.heading')
        : words
            .say('compare.heading-of', { sites: sites.map((site) => site.name || site.id).join(', ') })
            .slice(0, 120),
    section: 'compare',
    live: sites.length === 0 ? {} : { sites: sites.map(({ id }) => id) },
    forms: true,
    charts: true,
    inEveryLanguage: true,
    content: {
      sites: sites.map((site) => ({
        name: site.name || site.id,
        href: siteHref(site),
        where: whereWords(site),
        without: hrefOf(comparison, { sites: comparison.sites.filter((id) => id !== site.id) }),
      })),
      unknown: unknown.map((id) => id.slice(0, 60)),
      left: comparison.left,
      room: SERIES_AT_MOST - sites.length,
      unavailable: found.unavailable,
      quantities: found.quantities.map((id) => ({ value: id, text: quantityOf(id).name, selected: id === quantity })),
      ranges: ranges.map((range) => ({
        word: words.say(`range.${range}`),
        href: hrefOf(comparison, { range }),
        current: range === comparison.range,
      })),
      pasts: sites.length === 1 ? pasts.map((past) => pastView(comparison, past, words)) : [],
      statistic: quantity === undefined ? '' : statisticWords(quantity, comparison.range, words),
      chart:
        chart === undefined || !measured
          ? undefined
          : chartView(chart, { csv: hrefOf(comparison, {}, '/compare.csv'), now }, words),
      silent: found.lines.filter(({ values }) => values.length === 0).map(({ name }) => name),
      asked: {
        sites: comparison.sites.join(','),
        range: comparison.range,
        past: comparison.pasts.join(','),
        quantity: quantity ?? '',
        add: asked.add ?? '',
      },
      offers: offersOf(asked, found, parts),
    },
  };
};

const nothing = (comparison: Comparison): ComparedAll => ({
  comparison,
  sites: [],
  unknown: [],
  quantities: [],
  quantity: undefined,
  lines: [],
});

/** While the store does not answer, the page still says what is compared. */
const readOr = async (asked: Asked, parts: PageParts): Promise<ComparedAll & { readonly unavailable: boolean }> => {
  try {
    return { ...(await compare(asked, parts, wordsIn(asked.language))), unavailable: false };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const { comparison } = await compare({ ...asked, sites: undefined }, parts, wordsIn(asked.language));
    return { ...nothing(comparison), unavailable: true };
  }
};

const hrefOf = (
  { sites, range, pasts: chosen, quantity }: Comparison,
  change: Partial<Comparison>,
  path = '/compare',
): string => {
  const now = { sites, range, pasts: chosen, quantity, ...change };
  const query = new URLSearchParams();
  if (now.sites.length > 0) query.set('sites', now.sites.join(','));
  if (now.quantity !== undefined && now.quantity !== '') query.set('quantity', now.quantity);
  if (now.range !== '24h') query.set('range', now.range);
  if (now.pasts.length > 0) query.set('past', now.pasts.join(','));
  return query.size === 0 ? path : `${path}?${query.toString().replaceAll('%2C', ',')}`;
};

const pastView = (comparison: Comparison, past: Past, words: Words) => {
  const on = comparison.pasts.includes(past);
  return {
    word: words.say(`compare.beside-${past}`),
    current: on,
    href: hrefOf(comparison, {
      pasts: on ? comparison.pasts.filter((one) => one !== past) : [...comparison.pasts, past],
    }),
  };
};

/** Sites that can be added: those that were searched for, else the worst, which is where people look first. */
const offersOf = ({ add }: Asked, { comparison }: ComparedAll, { now }: PageParts) => {
  const places = now.overview().places.filter(({ site }) => site !== undefined && !comparison.sites.includes(site.id));
  const found = places.filter(searching(add ?? ''));
  return {
    more: Math.max(0, found.length - OFFERED_AT_MOST),
    empty: found.length === 0,
    rows: found.slice(0, OFFERED_AT_MOST).map((place) => ({
      name: nameOf(place),
      where: whereWords(place.site),
      href: hrefOf(comparison, { sites: [...comparison.sites, place.site?.id ?? ''], pasts: [] }),
    })),
  };
};
