import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import type { PlaceNow } from '../now/overview.ts';
import { sentenceLang, sentenceOf } from '../now/sentence.ts';
import { fitting, wantedOf } from '../now/wanted.ts';
import type { Key } from '../words/english.ts';
import { wordsIn, type Words } from '../words/index.ts';
import { scriptWords } from './language.ts';
import { when } from './models.ts';
import { placeRow } from './rows.ts';
import type { Asked, PageMaker } from './page.ts';
import { pageNumber, wantedHref } from './wanted.ts';

/** Sites that a screen shows at once, in letters that are read across a room. */
const TILES = 6;
/** Values of a site; more would be small. */
const VALUES = 3;
/** Seconds that a page stays: long enough to be read, short enough to see all before the coffee is cold. */
const EVERY = { usual: 15, least: 5, most: 300 } as const;

/** What the script of the wall says, for it to take along. */
const wallKeys = [
  'wall.no-answer',
  'wall.sign-in-again',
  'wall.trouble',
  'wall.not-drawn',
  'wall.nothing-came',
] as const satisfies readonly Key[];

/** Sites in large letters, a page after another: for a screen that nobody touches. Its address says which, and how long each page stays. */
export const wallPage: PageMaker = (asked, { now, config }) => {
  const words = wordsIn(asked.language);
  const overview = now.overview();
  const { at, asOf } = overview;
  const places = chosen(overview.places, asked);
  const pages = Math.max(1, Math.ceil(places.length / TILES));
  const page = pageOf(asked.page, pages);
  const every = everyOf(asked.every);
  const hold = asked.hold === '1';
  const href = (n: number, held: boolean): string => wallHref(asked, { page: n, every, hold: held });
  const next = page === pages ? 1 : page + 1;
  return {
    template: 'wall',
    wide: true,
    title: sentenceOf(overview, words),
    inEveryLanguage: true,
    scripts: ['wall'],
    asOf,
    content: {
      name: config.dashboard.name,
      sentence: sentenceOf(overview, words),
      sentenceLang: sentenceLang(overview, words),
      scriptWords: scriptWords(words, wallKeys),
      complete: overview.complete,
      at: when(at, at, words),
      page,
      pages,
      total: places.length,
      every,
      hold,
      tiles: places.slice((page - 1) * TILES, page * TILES).map((place) => tileOf(place, asked.quantity, at, words)),
      links: {
        next: href(next, hold),
        previous: href(page === 1 ? pages : page - 1, hold),
        turn: href(next, false),
        hold: href(page, true),
        go: href(page, false),
        leave: wantedHref('/map', wantedOf(asked)),
      },
    },
  };
};

/** Those that the address names, in its order; else all that it narrows to, worst first. */
const chosen = (places: readonly PlaceNow[], asked: Asked): readonly PlaceNow[] => {
  const sites = fitting(places, wantedOf(asked)).filter(({ site }) => site !== undefined);
  const ids = (asked.sites ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  if (ids.length === 0) return sites;
  const byId = new Map(sites.map((place) => [String(place.site?.id), place]));
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
};

/** A page beyond the last is the first: the list may have become shorter. */
const pageOf = (asked: string | undefined, pages: number): number => {
  const page = Math.trunc(Number(asked ?? 1));
  return page >= 1 && page <= pages ? page : 1;
};

const everyOf = (asked: string | undefined): number => {
  const seconds = Math.round(Number(asked ?? EVERY.usual));
  return Number.isNaN(seconds) ? EVERY.usual : Math.min(Math.max(seconds, EVERY.least), EVERY.most);
};

const wallHref = (
  asked: Asked,
  { page, every, hold }: { readonly page: number; readonly every: number; readonly hold: boolean },
): string =>
  wantedHref('/wall', wantedOf(asked), {
    sites: asked.sites,
    every: every === EVERY.usual ? undefined : String(every),
    page: pageNumber(page),
    hold: hold ? '1' : undefined,
  });

const tileOf = (place: PlaceNow, quantity: string | undefined, now: Instant, words: Words) => {
  const row = placeRow(place, now, words);
  const values = row.values.filter(
    (value) => value.number !== undefined && (quantity === undefined || quantity === '' || value.quantity === quantity),
  );
  const alerting = new Set<string>(place.sensors.flatMap(({ alerts }) => alerts.map((alert) => alert.quantity)));
  const heard = place.sensors.some(({ hearing }) => hearing === 'ok');
  return {
    key: row.key,
    name: row.name,
    where: row.where,
    condition: row.condition,
    values: values.slice(0, VALUES).map((value) => ({ ...value, alerting: alerting.has(value.quantity) })),
    // What nobody says any more is not how things are.
    old: !heard,
  };
};
