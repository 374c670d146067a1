import { Type } from 'typebox';
import { section } from './shapes.ts';

/** Settings of what people see. */

const advice = (band: string, whom: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description:
        `What ${whom} are told when the index is ${band}; the words that Defra publishes unless given.`.replace(
          'everybody are',
          'everybody is',
        ),
    }),
  );

const colour = (fallback: string, description: string) =>
  Type.String({
    default: fallback,
    pattern: '^#[0-9A-Fa-f]{6}$',
    description: `${description} As #rrggbb; its contrast is checked at start.`,
  });

/** Who sees the pages, and in which languages: `dashboard`. */
export const dashboard = section(
  {
    open: Type.Union([Type.Literal('everything'), Type.Literal('published'), Type.Literal('nothing')], {
      default: 'everything',
      description:
        'What can be read without signing in: all that the pages show, the sites that were published, or nothing.',
    }),
    name: Type.String({ default: 'Kerbside', maxLength: 80, description: 'The name in the header of each page.' }),
    languages: Type.Union([Type.Literal('en'), Type.Literal('en,cy'), Type.Literal('cy,en')], {
      default: 'en',
      description: 'Languages that pages offer, the usual one first: en, cy (Welsh, as far as its words are there).',
    }),
  },
  'Pages',
);

/** What people are told beside the index: `healthAdvice`. */
export const healthAdvice = section(
  {
    low: advice('Low', 'everybody'),
    lowAtRisk: advice('Low', 'people at risk'),
    moderate: advice('Moderate', 'everybody'),
    moderateAtRisk: advice('Moderate', 'people at risk'),
    high: advice('High', 'everybody'),
    highAtRisk: advice('High', 'people at risk'),
    veryHigh: advice('Very High', 'everybody'),
    veryHighAtRisk: advice('Very High', 'people at risk'),
    source: Type.Optional(
      Type.String({
        maxLength: 200,
        description: 'Whose words these are; of the published ones their source unless given.',
      }),
    ),
    published: Type.Optional(
      Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$', description: 'When they were published, as 2025-12-19.' }),
    ),
  },
  'Health advice beside the Daily Air Quality Index',
);

/** What the map is drawn on: `map`. */
export const map = section(
  {
    url: Type.Optional(
      Type.String({
        pattern: '^https?://[^/?#@\\s]+/[^\\s]*$',
        description:
          'A MapLibre style, or pictures with {z}, {x} and {y} in their address. ' +
          'All that it loads must come from the same server: browsers are allowed no other.',
      }),
    ),
    tiles: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'A PMTiles archive in the data folder, served from here: a map that needs no internet.',
      }),
    ),
    boundaries: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'A GeoJSON file in the data folder, WGS 84, drawn over whatever lies under it, or alone.',
      }),
    ),
    attribution: Type.String({
      default: '',
      maxLength: 200,
      description: 'Whose map it is, as its licence asks for: © OpenStreetMap contributors.',
    }),
  },
  'What the map is drawn on; with nothing set, lines of longitude and latitude',
);

/** How the pages look: `theme`. */
export const theme = section(
  {
    logo: Type.Optional(
      Type.String({ description: 'An SVG or PNG file of up to 100 kB, shown beside the name on theme.brand.' }),
    ),
    brand: colour('#0d3b45', 'The header, edges, the lines of charts.'),
    onBrand: colour('#ffffff', 'Words on it.'),
    accent: colour('#ffd447', 'The line under the header.'),
    link: colour('#1a65a6', 'Links.'),
    surface: colour('#eef3f4', 'Behind the navigation and the footer.'),
  },
  'How the pages look',
);
