import type { FastifyRequest } from 'fastify';
import { NotFound } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { fitting, wantedOf } from '../now/wanted.ts';
import type { Drawn } from '../pages/drawn.ts';
import type { Seeing } from '../pages/page.ts';
import { wordsIn } from '../words/index.ts';
import type { Boundary } from './boundaries.ts';
import { spotted } from './places.ts';
import { sendTiles } from './tiles-file.ts';

/** What the map in the browser fetches: sites as they are now, boundaries, and the archive of tiles. Seen by whoever sees the map. */
export const mapFiles = (
  scope: Http,
  { seeing, drawn }: { readonly seeing: (request: FastifyRequest) => Seeing; readonly drawn: Drawn },
): void => {
  scope.get('/map/sites', { schema: { hide: true } }, async (request, reply) => {
    const seen = seeing(request);
    const json = await drawn.page(JSON.stringify(['/map/sites', seen.sight, seen.asked]), async () => sitesJson(seen));
    return reply
      .type('application/json; charset=utf-8')
      .header('Cache-Control', 'private, no-cache')
      .header('Vary', 'Cookie')
      .compress(json);
  });
  scope.get('/map/boundaries', { schema: { hide: true } }, async (request, reply) => {
    const { boundaries } = seeing(request).parts.map;
    const features = boundaries.map(featureOf);
    return reply
      .type('application/geo+json; charset=utf-8')
      .header('Cache-Control', 'private, max-age=3600')
      .compress(JSON.stringify({ type: 'FeatureCollection', features }));
  });
  scope.get('/map/tiles', { schema: { hide: true } }, async (request, reply) => {
    const { ground } = seeing(request).parts.map;
    if (ground.kind !== 'tiles')
      throw new NotFound('map-tiles-unknown', 'No archive of tiles is configured: set map.tiles');
    return sendTiles(request, reply, ground.file);
  });
};

/** Short lists rather than objects: of ten thousand sites the names of the fields would be half of it. */
const sitesJson = ({ asked, parts: { now } }: Seeing): string => {
  const { at, places } = now.overview();
  const said = wordsIn(asked.language);
  const sites = fitting(places, wantedOf(asked)).flatMap((place) => {
    const { row, position, value, words } = spotted(place, asked.quantity, at, said);
    if (position === undefined) return [];
    return [
      [
        row.key,
        row.name,
        row.href,
        position.longitude,
        position.latitude,
        row.condition.id,
        row.condition.word,
        words,
        value?.when.clock ?? '',
        value?.quality ?? '',
      ],
    ];
  });
  return JSON.stringify({ sites });
};

const featureOf = ({ name, area, lines }: Boundary): object => ({
  type: 'Feature',
  properties: { name },
  // Rings are drawn as lines: which of them are holes makes no difference to a boundary.
  geometry: {
    type: area ? 'Polygon' : 'MultiLineString',
    coordinates: lines.map((line) => line.map(({ longitude, latitude }) => [longitude, latitude])),
  },
});
