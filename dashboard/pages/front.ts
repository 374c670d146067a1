import type { PlaceNow } from '../now/overview.ts';
import { conditions, type Condition } from '../now/rules.ts';
import { sentenceLang, sentenceOf } from '../now/sentence.ts';
import { fits, wantedOf, type Wanted } from '../now/wanted.ts';
import { wordsIn, type Words } from '../words/index.ts';
import { conditionView, when } from './models.ts';
import { alertView } from './alerts/view.ts';
import { placeRow, type PlaceRow } from './rows.ts';
import type { PageMaker } from './page.ts';
import { paged } from './paging.ts';
import { choicesOf, noneWords, pageNumber, searchedWords, wantedHref } from './wanted.ts';
import { waitingWords } from './words.ts';

/** Alerts that the first page lists; more than these are one link away. */
const ALERTS_AT_MOST = 20;

const isCondition = (text: string | undefined): text is Condition => conditions.some((condition) => condition === text);

/** The address of a page of a filtered list. */
export const listHref = (
  path: string,
  { condition, page }: { readonly condition?: string | undefined; readonly page?: number },
): string => {
  const query = new URLSearchParams();
  if (condition !== undefined) query.set('condition', condition);
  if (page !== undefined && page > 1) query.set('page', String(page));
  return query.size === 0 ? path : `${path}?${query.toString()}`;
};

/** How many rows are in each condition, as links that filter. */
export const filtersOf = (path: string, all: readonly Condition[], chosen: string | undefined, words: Words) => [
  {
    id: 'all',
    word: words.say('state.all'),
    lang: words.langOf('state.all'),
    count: all.length,
    href: path,
    current: !isCondition(chosen),
  },
  ...conditions.flatMap((condition) => {
    const count = all.filter((one) => one === condition).length;
    return count === 0 && condition !== chosen
      ? []
      : [
          {
            ...conditionView(condition, words),
            count,
            href: listHref(path, { condition }),
            current: condition === chosen,
          },
        ];
  }),
];

/** Values of a site in the list: the rest is on its page, and on a phone the list is long. */
const VALUES_AT_MOST = 6;
/** One more is shown rather than said to be there. */
const brief = (row: PlaceRow) => {
  const shown = row.values.length <= VALUES_AT_MOST + 1 ? row.values : row.values.slice(0, VALUES_AT_MOST);
  return { ...row, values: shown, more: row.values.length - shown.length };
};

/** The first page: a sentence, the alerts, every site worst first, or those that are searched for. */
export const frontPage: PageMaker = async (asked, { now, registry, latest, sparks }) => {
  const words = wordsIn(asked.language);
  const overview = now.overview();
  const { at, asOf, complete, sensors, alerts, places } = overview;
  const wanted = wantedOf(asked);
  const fitting = places.filter(fits(wanted));
  const { condition } = wanted;
  const chosen = condition === undefined ? fitting : fitting.filter((place) => place.condition === condition);
  const shown = paged(chosen, asked.page, (n) => wantedHref('/', wanted, { page: pageNumber(n) }), words);
  const said = sentenceOf(overview, words);
  const lines = await sparks.of(shown.rows, at, words);
  return {
    template: 'front',
    title: said,
    section: 'now',
    live: {},
    forms: true,
    asOf,
    inEveryLanguage: true,
    content: {
      sentence: said,
      sentenceLang: sentenceLang(overview, words),
      when: when(at, at, words),
      complete,
      waiting: waitingWords(await registry.quarantineCount(), false, words),
      mayManage: asked.mayManage,
      nothing: sensors.length === 0 && places.length === 0,
      alerts: alerts.slice(0, ALERTS_AT_MOST).map((alert) => alertView(alert, at, { registry, latest }, words)),
      moreAlerts: Math.max(0, alerts.length - ALERTS_AT_MOST),
      wanted: { q: wanted.q, condition: condition ?? '', ...choicesOf(places, wanted, words) },
      searched: {
        any: wantedHref('/', wanted) !== '/',
        words: searchedWords(wanted, fitting.length, words),
        empty: noneWords(wanted, words),
      },
      map: wantedHref('/map', wanted),
      filters: stateLinks(fitting, wanted, words),
      places: {
        ...shown,
        rows: shown.rows.map((place) => ({ ...brief(placeRow(place, at, words)), spark: lines.get(place) })),
      },
    },
  };
};

/** How many of those that fit otherwise are in each state, as links that keep all else. */
const stateLinks = (fitting: readonly PlaceNow[], wanted: Wanted, words: Words) =>
  filtersOf(
    '/',
    fitting.map((place) => place.condition),
    wanted.condition,
    words,
  ).map((filter) => ({
    ...filter,
    href: wantedHref('/', { ...wanted, condition: conditions.find((one) => one === filter.id) }),
  }));
