import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { boundariesFrom, POINTS_AT_MOST } from '../../dashboard/map/boundaries.ts';

const UK = { west: -8.7, south: 49.8, east: 1.8, north: 60.9 };
const ring = [
  [-2.2, 53.4],
  [-2.1, 53.4],
  [-2.1, 53.5],
  [-2.2, 53.4],
];
const feature = (geometry: unknown, properties: unknown = { WD23NM: 'Edgeley' }) => ({
  type: 'Feature',
  properties,
  geometry,
});
const read = (value: unknown) => boundariesFrom(typeof value === 'string' ? value : JSON.stringify(value), UK);
const refusal = (value: unknown): string => {
  try {
    read(value);
  } catch (error) {
    if (error instanceof Invalid) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'taken';
};

describe('boundaries', () => {
  test('are areas and lines, in collections or alone, with the names of the Office for National Statistics', () => {
    const found = read({
      type: 'FeatureCollection',
      crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:OGC:1.3:CRS84' } },
      features: [
        feature({ type: 'Polygon', coordinates: [ring] }),
        feature({ type: 'MultiPolygon', coordinates: [[ring, ring], [ring]] }, { Name: 'Manor', LAD23NM: 'Stockport' }),
        feature(
          { type: 'GeometryCollection', geometries: [{ type: 'LineString', coordinates: ring.slice(0, 2) }] },
          null,
        ),
        feature({ type: 'Point', coordinates: [0, 0] }),
        feature(null),
      ],
    });
    expect(found.map(({ name, area, lines }) => [name, area, lines.length])).toEqual([
      ['Edgeley', true, 1],
      ['Manor', true, 3],
      ['', false, 1],
    ]);
    expect(found[0]?.box).toEqual({ west: -2.2, south: 53.4, east: -2.1, north: 53.5 });
    expect(read({ type: 'MultiLineString', coordinates: [ring, ring] })).toHaveLength(1);
    expect(read(`\uFEFF${JSON.stringify({ type: 'Polygon', coordinates: [ring] })}`)).toHaveLength(1);
  });

  test.each([
    ['{', 'the file is no JSON'],
    ['[]', 'is no GeoJSON object'],
    [{ type: 'Topology', objects: {} }, 'the type "Topology", which GeoJSON does not know'],
    [{ type: 'FeatureCollection', features: [] }, 'the file has no area and no line in it'],
    [{ type: 'FeatureCollection', features: {} }, 'features is no list'],
    [
      { type: 'FeatureCollection', features: [feature({ type: 'Polygon', coordinates: [ring.slice(0, 3)] })] },
      'features[0].geometry.coordinates[0] has 3 positions, and must have 4 at least',
    ],
    [{ type: 'Polygon', coordinates: [[...ring.slice(0, 3), [-2, 53]]] }, 'a ring that does not end where it begins'],
    [
      {
        type: 'LineString',
        coordinates: [
          [389_000, 390_000],
          [1, 2],
        ],
      },
      'are these easting and northing? Export the file as WGS 84 (EPSG:4326)',
    ],
    [
      {
        type: 'LineString',
        coordinates: [
          ['-2.2', 53.4],
          [1, 2],
        ],
      },
      '.coordinates[0] is no position',
    ],
    [
      { type: 'Polygon', crs: { properties: { name: 'urn:ogc:def:crs:EPSG::27700' } }, coordinates: [ring] },
      'is in urn:ogc:def:crs:EPSG::27700: export it as WGS 84',
    ],
    [
      { type: 'LineString', coordinates: ring.map(([a, b]) => [b, a]) },
      'the first one is [53.4, -2.2]: are they swapped?',
    ],
  ] as const)('%j is refused, saying what is wrong and where', (value, words) => {
    const said = refusal(value);
    expect(said).toMatch(/^map-boundaries-invalid: /);
    expect(said).toContain(words);
  });

  test('a file of more points than a phone can draw is refused', () => {
    const line = { type: 'LineString', coordinates: Array.from({ length: POINTS_AT_MOST + 1 }, () => [-2, 53]) };
    expect(refusal(line)).toContain('is point 200,001: take generalised boundaries');
  });

  test('a file nested without end is refused, not followed', () => {
    const deep = `${'{"type":"GeometryCollection","geometries":['.repeat(4_000)}${']}'.repeat(4_000)}`;
    expect(refusal(deep)).toContain('is nested too deeply');
  });

  test('whatever a file is, it is taken or refused with the code; nothing else is thrown', () => {
    const outcomes = new Set<string>();
    const numbers = fc.oneof(
      fc.double(),
      fc.integer({ min: -180, max: 180 }),
      fc.constant(null),
      fc.string({ maxLength: 3 }),
    );
    const nested = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, numbers, fc.array(tie('value'), { maxLength: 5 })),
    })).value;
    const good = fc.array(
      fc.tuple(fc.double({ min: -8, max: 1, noNaN: true }), fc.double({ min: 50, max: 60, noNaN: true })),
      { minLength: 2, maxLength: 9 },
    );
    const geometry = fc.oneof(
      fc.record({
        type: fc.constantFrom('Polygon', 'MultiPolygon', 'LineString', 'MultiLineString', 'Point', 'Nothing'),
        coordinates: nested,
      }),
      good.map((coordinates) => ({ type: 'LineString', coordinates })),
    );
    const any = fc.oneof(
      fc.json(),
      geometry.map((one) => JSON.stringify(one)),
      fc
        .array(geometry, { maxLength: 4 })
        .map((all) =>
          JSON.stringify({ type: 'FeatureCollection', features: all.map((one) => feature(one, { name: 7 })) }),
        ),
      fc.string(),
    );
    fc.assert(
      fc.property(any, (text) => void outcomes.add(refusal(text).split(':')[0] ?? '')),
      { numRuns: 800 },
    );
    expect([...outcomes].toSorted()).toEqual(['map-boundaries-invalid', 'taken']);
  });
});
