import { conditions, type Condition } from '../now/rules.ts';
import { sentenceLang, sentenceOf } from '../now/sentence.ts';
import { englishWords, wordsIn, type Words } from '../words/index.ts';
import { alertView, conditionView, placeRow, when } from './models.ts';
import type { PageMaker } from './page.ts';
import { paged } from './paging.ts';
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
export const filtersOf = (path: string, all: readonly Condition[], chosen: string | undefined, words: Words = englishWords) => [
  { id: 'all', word: words.say('state.all'), lang: words.langOf('state.all'), count: all.length, href: path, current: !isCondition(chosen) },
  ...conditions.flatMap((condition) => {
    const count = all.filter((one) => one === condition).length;
    return count === 0 && condition !== chosen
      ? []
      : [{ ...conditionView(condition, words), count, href: listHref(path, { condition }), current: condition === chosen }];
  }),
];

/** The first page: a sentence, the alerts, every site worst first. */
export const frontPage: PageMaker = async ({ condition, page, language }, { now, registry, latest }) => {
  const words = wordsIn(language);
  const overview = now.overview();
  const { at, asOf, complete, sensors, alerts, places } = overview;
  const wanted = isCondition(condition) ? places.filter((place) => place.condition === condition) : places;
  const shown = paged(wanted, page, (n) =>
    listHref('/', { condition: isCondition(condition) ? condition : undefined, page: n }),
  );
  const said = sentenceOf(overview, words);
  return {
    template: 'front',
    title: said,
    section: 'now',
    live: {},
    asOf,
    content: {
      sentence: said,
      sentenceLang: sentenceLang(overview, words),
      when: when(at, at),
      complete,
      waiting: waitingWords(await registry.quarantineCount()),
      nothing: sensors.length === 0 && places.length === 0,
      alerts: alerts.slice(0, ALERTS_AT_MOST).map((alert) => alertView(alert, at, { registry, latest })),
      moreAlerts: Math.max(0, alerts.length - ALERTS_AT_MOST),
      filters: filtersOf(
        '/',
        places.map((place) => place.condition),
        condition,
        words,
      ),
      places: { ...shown, rows: shown.rows.map((place) => placeRow(place, at, words)) },
    },
  };
};
