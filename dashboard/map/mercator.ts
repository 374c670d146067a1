/**
 * Web Mercator (EPSG:3857) in a square from 0 to 1, north at the top: what MapLibre draws in, so that the server's
 * picture and the map in the browser are the same map. Nothing here knows a browser or a server; both use it.
 */

/** A place on the earth, WGS 84, in degrees. */
export interface Position {
  readonly longitude: number;
  readonly latitude: number;
}

/** A part of the earth that does not cross the 180th meridian, in degrees. */
export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** Where the square ends: arctan(sinh(pi)) in degrees. */
export const LATITUDE_AT_MOST = 85.051128779806604;

/** 0 at 180 degrees west, 1 at 180 degrees east. */
export const mercatorX = (longitude: number): number => (longitude + 180) / 360;

/** 0 in the north, 1 in the south; what lies beyond the square is put on its edge. */
export const mercatorY = (latitude: number): number => {
  const within = Math.min(Math.max(latitude, -LATITUDE_AT_MOST), LATITUDE_AT_MOST);
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + (within * Math.PI) / 360)) / (2 * Math.PI);
};

export const longitudeOf = (x: number): number => x * 360 - 180;
export const latitudeOf = (y: number): number => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;

/** The smallest box around these; undefined of none. */
export const boxOf = (positions: Iterable<Position>): Box | undefined => {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { longitude, latitude } of positions) {
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
  }
  return west > east ? undefined : { west, south, east, north };
};

/** Whether two boxes have a point in common. */
export const meet = (a: Box, b: Box): boolean =>
  a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north;

/** How a part of the square is laid on a picture: `(mercator - origin) * scale` is in pixels. */
export interface Fit {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** A box no narrower than this, in parts of the square: about 1 km at 53 degrees north. Around one site there is something to see. */
const SPAN_AT_LEAST = 1 / 24_000;

/** Lays a box in the middle of a picture, as large as it goes, with a margin all round. All in pixels. */
export const fit = (
  box: Box,
  { width, height, margin }: { readonly width: number; readonly height: number; readonly margin: number },
): Fit => {
  const [left, right, top, bottom] = [
    mercatorX(box.west),
    mercatorX(box.east),
    mercatorY(box.north),
    mercatorY(box.south),
  ];
  const scale = Math.min(
    (width - 2 * margin) / Math.max(right - left, SPAN_AT_LEAST),
    (height - 2 * margin) / Math.max(bottom - top, SPAN_AT_LEAST),
  );
  return { scale, x: (left + right) / 2 - width / 2 / scale, y: (top + bottom) / 2 - height / 2 / scale };
};

/** What a whole picture shows, in degrees. */
export const boxShown = (
  { scale, x, y }: Fit,
  { width, height }: { readonly width: number; readonly height: number },
): Box => ({
  west: longitudeOf(x),
  east: longitudeOf(x + width / scale),
  north: latitudeOf(Math.max(0, y)),
  south: latitudeOf(Math.min(1, y + height / scale)),
});
