import { addProtocol, type Map as MapLibre, type StyleSpecification } from 'maplibre-gl';
import { PMTiles, Protocol } from 'pmtiles';
import { graticule, meridianWords, parallelWords } from '../map/graticule.ts';

/** What lies under the sites, as the server told. */
export interface Ground {
  readonly kind: 'style' | 'pictures' | 'vector-tiles' | 'picture-tiles' | 'plain';
  readonly url: string;
}

/** Lines and areas with a name, as GeoJSON. */
export interface Lines {
  readonly type: 'FeatureCollection';
  readonly features: readonly {
    readonly type: 'Feature';
    readonly properties: { readonly name: string };
    readonly geometry: { readonly type: string; readonly coordinates: readonly unknown[] };
  }[];
}

const background = { id: 'background', type: 'background', paint: { 'background-color': '#f2f5f5' } } as const;
/** Nothing: lines of longitude and latitude, and boundaries, are laid over each ground. */
export const PLAIN: StyleSpecification = { version: 8, sources: {}, layers: [background] };

/** The style of a ground; of a style that is somebody else's, its address. */
export const styleOf = async ({ kind, url }: Ground): Promise<StyleSpecification | string> => {
  if (kind === 'style') return url;
  if (kind === 'plain') return PLAIN;
  if (kind === 'pictures') return pictures({ tiles: [url] });
  const address = new URL('/map/tiles', location.href).href;
  const protocol = new Protocol();
  const archive = new PMTiles(address);
  protocol.add(archive);
  addProtocol('pmtiles', protocol.tile);
  if (kind === 'picture-tiles') return pictures({ url: `pmtiles://${address}` });
  const metadata: unknown = await archive.getMetadata();
  return vectors(`pmtiles://${address}`, layersIn(metadata));
};

const pictures = (source: { readonly tiles: string[] } | { readonly url: string }): StyleSpecification => ({
  version: 8,
  sources: { ground: { type: 'raster', tileSize: 256, ...source } },
  layers: [background, { id: 'ground', type: 'raster', source: 'ground' }],
});

const layersIn = (metadata: unknown): readonly string[] => {
  const layers: unknown =
    typeof metadata === 'object' && metadata !== null && 'vector_layers' in metadata
      ? metadata.vector_layers
      : undefined;
  if (!Array.isArray(layers)) return [];
  return layers.flatMap((layer: unknown) =>
    typeof layer === 'object' && layer !== null && 'id' in layer && typeof layer.id === 'string' ? [layer.id] : [],
  );
};

/** Names of layers in the schemas of Protomaps and of OpenMapTiles, and how each is drawn, from the ground up. */
const areas: readonly (readonly [layer: string, colour: string])[] = [
  ['earth', '#f7f6f1'],
  ['landcover', '#e6efe0'],
  ['landuse', '#eaeee4'],
  ['park', '#dcead5'],
  ['water', '#b9d3df'],
  ['buildings', '#dedbd4'],
  ['building', '#dedbd4'],
];
const roads = ['roads', 'transportation'];
const thin: readonly (readonly [layer: string, colour: string])[] = [
  ['waterway', '#8fb7c9'],
  ['physical_line', '#8fb7c9'],
  ['boundaries', '#7d7d7d'],
  ['boundary', '#7d7d7d'],
];
const names = ['places', 'place', 'transportation_name', 'roads'];

const vectors = (url: string, present: readonly string[]): StyleSpecification => {
  const source = 'ground';
  const known = new Set([...areas.map(([id]) => id), ...thin.map(([id]) => id), ...roads, ...names]);
  const has = (id: string): boolean => present.includes(id);
  const polygons = ['==', ['geometry-type'], 'Polygon'] as ['==', ['geometry-type'], 'Polygon'];
  const line = (id: string, colour: string, width: number) =>
    ({
      id: `line-${id}-${width}`,
      type: 'line',
      source,
      'source-layer': id,
      paint: {
        'line-color': colour,
        'line-width': ['interpolate', ['exponential', 1.5], ['zoom'], 8, width / 8, 18, width],
      },
    }) satisfies StyleSpecification['layers'][number];
  return {
    version: 8,
    sources: { ground: { type: 'vector', url } },
    layers: [
      background,
      ...areas
        .filter(([id]) => has(id))
        .map(([id, colour]) => ({
          id: `area-${id}`,
          type: 'fill' as const,
          source,
          'source-layer': id,
          filter: polygons,
          paint: { 'fill-color': colour },
        })),
      ...thin.filter(([id]) => has(id)).map(([id, colour]) => line(id, colour, 2)),
      ...roads.filter(has).flatMap((id) => [line(id, '#c3c3bd', 16), line(id, '#ffffff', 12)]),
      // A schema that we do not know: its lines are better than nothing.
      ...present.filter((id) => !known.has(id)).map((id) => line(id, '#a8a8a8', 2)),
      ...names.filter(has).map((id) => ({
        id: `names-${id}`,
        type: 'symbol' as const,
        source,
        'source-layer': id,
        layout: {
          'text-field': ['coalesce', ['get', 'name:en'], ['get', 'name'], ''] as [
            'coalesce',
            ['get', string],
            ['get', string],
            string,
          ],
          'text-size': 13,
          'text-font': ['Arial', 'sans-serif'],
          ...(id === 'roads' || id === 'transportation_name' ? { 'symbol-placement': 'line' as const } : {}),
        },
        paint: { 'text-color': '#33383b', 'text-halo-color': '#ffffff', 'text-halo-width': 1.5 },
      })),
    ],
  };
};

/** The boundaries that the council gave; undefined when they cannot be fetched, because the sites are worth more. */
export const boundariesFrom = async (url: string): Promise<Lines | undefined> => {
  const answer = await fetch(url);
  return answer.ok ? ((await answer.json()) as Lines) : undefined;
};

/** Lines of longitude and latitude around what a map shows, with their words. */
export const graticuleOf = (map: MapLibre): Lines => {
  const bounds = map.getBounds();
  const box = {
    west: Math.max(-180, bounds.getWest()),
    south: Math.max(-85, bounds.getSouth()),
    east: Math.min(180, bounds.getEast()),
    north: Math.min(85, bounds.getNorth()),
  };
  const { meridians, parallels, step } = graticule(box);
  const [west, south, east, north] = [
    Math.max(-180, box.west - 2 * step),
    Math.max(-85, box.south - 2 * step),
    Math.min(180, box.east + 2 * step),
    Math.min(85, box.north + 2 * step),
  ];
  const line = (name: string, coordinates: number[][]) => ({
    type: 'Feature' as const,
    properties: { name },
    geometry: { type: 'LineString' as const, coordinates },
  });
  return {
    type: 'FeatureCollection',
    features: [
      ...meridians.map((at) =>
        line(meridianWords(at), [
          [at, south],
          [at, north],
        ]),
      ),
      ...parallels.map((at) =>
        line(parallelWords(at), [
          [west, at],
          [east, at],
        ]),
      ),
    ],
  };
};
