import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { boxOf, meet, type Box, type Position } from './mercator.ts';

/** A boundary: its name, if the file gives one, and its lines; an area is the rings around it and its holes. */
export interface Boundary {
  readonly name: string;
  readonly area: boolean;
  readonly lines: readonly (readonly Position[])[];
  readonly box: Box;
}

/** Points of all boundaries together: what a phone can draw, and 40 times the wards of a borough as ONS generalises them. */
export const POINTS_AT_MOST = 200_000;
/** GeoJSON says each point in about 40 characters. */
export const BOUNDARY_BYTES_AT_MOST = 20_000_000;

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads boundaries from GeoJSON (RFC 7946): areas and lines, in collections or alone; points are left out, because a
 * boundary is none. Names are those of the Office for National Statistics (`WD23NM`, `LAD23NM`) or plainly `name`.
 * @param area where sites may lie: boundaries that are all elsewhere have numbers swapped
 * @throws Invalid (`map-boundaries-invalid`), which says what is wrong, where in the file, and what to do
 */
export const boundariesFrom = (text: string, area: Box): readonly Boundary[] => {
  const refuse: Refuse = (where, problem) => {
    throw new Invalid('map-boundaries-invalid', `${where === '' ? 'the file' : where} ${problem}`);
  };
  if (Buffer.byteLength(text) > BOUNDARY_BYTES_AT_MOST)
    return refuse('', `is larger than ${BOUNDARY_BYTES_AT_MOST / 1e6} MB: take generalised boundaries`);
  const reader = openReader(refuse);
  const found = reader.object(parsed(text, refuse), '', '');
  if (found.length === 0) return refuse('', 'has no area and no line in it');
  if (!found.some(({ box }) => meet(box, area)))
    return refuse(
      '',
      `lies wholly outside area.* of the configuration; positions are [longitude, latitude], and the first one is [${firstOf(found)}]: are they swapped?`,
    );
  return found;
};

type Refuse = (where: string, problem: string) => never;

const parsed = (text: string, refuse: Refuse): unknown => {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return refuse('', `is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const firstOf = (found: readonly Boundary[]): string => {
  const first = found[0]?.lines[0]?.[0];
  return first === undefined ? '' : `${first.longitude}, ${first.latitude}`;
};

/** Collections in collections: nobody makes them deeper, and a file must not decide how deep we go. */
const DEPTH_AT_MOST = 8;

const openReader = (refuse: Refuse) => {
  let points = 0;
  const position = (value: unknown, where: string): Position => {
    const [longitude, latitude] = Array.isArray(value) ? value : [];
    if (typeof longitude !== 'number' || typeof latitude !== 'number')
      return refuse(where, 'is no position: two numbers, [longitude, latitude]');
    if (Math.abs(longitude) > 180 || Math.abs(latitude) > 90)
      return refuse(
        where,
        `is [${longitude}, ${latitude}], which is not in degrees: are these easting and northing? Export the file as WGS 84 (EPSG:4326)`,
      );
    points += 1;
    if (points > POINTS_AT_MOST)
      return refuse(where, `is point ${(POINTS_AT_MOST + 1).toLocaleString('en-GB')}: take generalised boundaries`);
    return { longitude, latitude };
  };
  const list = (value: unknown, where: string): readonly unknown[] =>
    Array.isArray(value) ? value : refuse(where, 'is no list');
  const line = (value: unknown, where: string, least: number): readonly Position[] => {
    const positions = list(value, where).map((one, i) => position(one, `${where}[${i}]`));
    return positions.length < least
      ? refuse(where, `has ${positions.length} positions, and must have ${least} at least`)
      : positions;
  };
  const ring = (value: unknown, where: string): readonly Position[] => {
    const positions = line(value, where, 4);
    const [first, last] = [positions[0], positions.at(-1)];
    return first?.longitude === last?.longitude && first?.latitude === last?.latitude
      ? positions
      : refuse(where, 'is a ring that does not end where it begins');
  };
  const many = <T>(value: unknown, where: string, each: (one: unknown, where: string) => T): readonly T[] =>
    list(value, where).map((one, i) => each(one, `${where}[${i}]`));

  const geometry = (value: Tree, where: string, name: string): readonly Boundary[] => {
    const at = `${where}.coordinates`;
    const coordinates = value['coordinates'];
    const boundary = (area: boolean, lines: readonly (readonly Position[])[]): readonly Boundary[] => {
      const box = boxOf(lines.flat());
      return box === undefined ? [] : [{ name, area, lines, box }];
    };
    switch (value['type']) {
      case 'Polygon':
        return boundary(true, many(coordinates, at, ring));
      case 'MultiPolygon':
        return boundary(true, many(coordinates, at, (one, of) => many(one, of, ring)).flat());
      case 'LineString':
        return boundary(false, [line(coordinates, at, 2)]);
      case 'MultiLineString':
        return boundary(
          false,
          many(coordinates, at, (one, of) => line(one, of, 2)),
        );
      case 'Point':
      case 'MultiPoint':
        return [];
      default:
        return refuse(
          where === '' ? '' : where,
          `has the type ${JSON.stringify(value['type'])?.slice(0, 40) ?? 'undefined'}, which GeoJSON does not know`,
        );
    }
  };
  const object = (value: unknown, where: string, name: string, depth = 0): readonly Boundary[] => {
    if (!isTree(value)) return refuse(where, 'is no GeoJSON object');
    if (depth > DEPTH_AT_MOST) return refuse(where, 'is nested too deeply');
    assertDegrees(value, where, refuse);
    const inside = (key: string): string => (where === '' ? key : `${where}.${key}`);
    switch (value['type']) {
      case 'FeatureCollection':
        return many(value['features'], inside('features'), (one, of) => object(one, of, name, depth + 1)).flat();
      case 'GeometryCollection':
        return many(value['geometries'], inside('geometries'), (one, of) => object(one, of, name, depth + 1)).flat();
      case 'Feature':
        return value['geometry'] === null
          ? []
          : object(value['geometry'], inside('geometry'), nameIn(value['properties']), depth + 1);
      default:
        return geometry(value, where, name);
    }
  };
  return { object };
};

/** RFC 7946 has no `crs` any more; files of before it may name one, and must not be in British National Grid. */
const assertDegrees = (value: Tree, where: string, refuse: Refuse): void => {
  const crs = value['crs'];
  const properties = isTree(crs) ? crs['properties'] : undefined;
  const name = isTree(properties) ? properties['name'] : undefined;
  if (typeof name === 'string' && !/CRS84$|EPSG:+(?:[\d.]*:)?4326$/i.test(name))
    refuse(where, `is in ${name.slice(0, 60)}: export it as WGS 84 (EPSG:4326)`);
};

const nameIn = (properties: unknown): string => {
  if (!isTree(properties)) return '';
  const keys = Object.keys(properties);
  const key = keys.find((one) => /^name$/i.test(one)) ?? keys.find((one) => /^[A-Z]{2,6}\d{2}NM$/i.test(one));
  const name = key === undefined ? undefined : properties[key];
  return typeof name === 'string' ? name.slice(0, 100) : '';
};
