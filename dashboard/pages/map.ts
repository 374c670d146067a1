import type { MapBase } from '../map/base.ts';
import { pictureOf, pointIn, roomsOf } from '../map/picture.ts';
import { spotted } from '../map/places.ts';
import { conditions } from '../now/rules.ts';
import { fitting, wantedOf } from '../now/wanted.ts';
import type { Key } from '../words/english.ts';
import { wordsIn, type Words } from '../words/index.ts';
import { scriptWords } from './language.ts';
import { conditionView } from './models.ts';
import type { PageMaker } from './page.ts';
import { paged } from './paging.ts';
import { choicesOf, pageNumber, wantedHref } from './wanted.ts';

/** The map: a picture and a list that say all, and in browsers that can, a map to move over the picture. */
export const mapPage: PageMaker = (asked, { now, map, config }) => {
  const words = wordsIn(asked.language);
  const { at, asOf, places } = now.overview();
  const sites = places.filter(({ site }) => site !== undefined);
  const wanted = wantedOf(asked);
  const found = fitting(sites, wanted);
  const shown = paged(found, asked.page, (n) => wantedHref('/map', wanted, { page: pageNumber(n) }), words);
  const all = found.map(({ site }) => positionOf(site)).filter((position) => position !== undefined);
  const { picture, laid } = pictureOf(all, map.boundaries, config.area);
  const rows = shown.rows.map((place, i) => ({ number: shown.from + i, ...spotted(place, asked.quantity, at, words) }));
  const marks = rows.flatMap((row) =>
    row.position === undefined
      ? []
      : [{ ...pointIn(laid, row.position), number: row.number, condition: row.row.condition }],
  );
  const rooms = roomsOf(marks);
  const numbered = marks.map((mark, n) => ({ ...mark, room: rooms[n] }));
  const present = new Set(found.map(({ condition }) => condition));
  return {
    template: 'map',
    wide: true,
    title: words.say('map.heading'),
    inEveryLanguage: true,
    section: 'map',
    live: {},
    scripts: ['mapOpen'],
    forms: true,
    asOf,
    content: {
      wanted: { q: wanted.q, any: wantedHref('/map', wanted) !== '/map', ...choicesOf(places, wanted, words) },
      total: sites.length,
      found: found.length,
      without: found.length - all.length,
      list: { ...shown, rows },
      picture: {
        ...picture,
        numbered: numbered.toReversed(),
        words: pictureWords(found.length, numbered.length, words),
      },
      // Those of other pages of the list, without a number.
      others: found.length > shown.rows.length ? all.map((position) => pointIn(laid, position)) : [],
      legend: conditions
        .filter((condition) => present.has(condition))
        .map((condition) => conditionView(condition, words)),
      host: {
        ...hostOf(map),
        words: scriptWords(words, mapKeys),
        sites: wantedHref('/map/sites', wanted),
        box: [picture.box.west, picture.box.south, picture.box.east, picture.box.north].join(','),
      },
      attribution: map.attribution,
      wall: wantedHref('/wall', wanted),
    },
  };
};

/** What the script of the map says, for it to take along. */
const mapKeys = [
  'map.not-loaded',
  'map.cannot-draw',
  'map.close',
  'map.and-more',
  'map.at',
  'map.no-ground',
  'map.title',
  'map.group',
  'map.group-names',
] as const satisfies readonly Key[];

const positionOf = (site: { readonly latitude?: number; readonly longitude?: number } | undefined) =>
  site?.latitude === undefined || site.longitude === undefined
    ? undefined
    : { latitude: site.latitude, longitude: site.longitude };

const pictureWords = (found: number, numbered: number, words: Words): string =>
  found === 0 ? words.say('map.picture-empty') : words.say('map.picture', { numbered, found });

/** What the script of the map is told of its ground. */
const hostOf = ({ ground, boundaries }: MapBase) => ({
  ground: ground.kind === 'tiles' ? (ground.file.tiles === 'mvt' ? 'vector-tiles' : 'picture-tiles') : ground.kind,
  url: 'url' in ground ? ground.url : '',
  boundaries: boundaries.length > 0,
});
