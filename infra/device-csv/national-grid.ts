import proj4 from 'proj4';

/**
 * British National Grid (EPSG:27700) to WGS 84 by the seven parameters of the Helmert transformation between OSGB36 and
 * WGS 84 (Ordnance Survey, "A guide to coordinate systems in Great Britain", 6.6). They hold to about 5 m; the
 * grid of OSTN15 would hold to 0.1 m and has 15 MB. A lamp column is found either way.
 */
const grid = proj4(
  '+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy ' +
    '+towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489 +units=m +no_defs',
  'EPSG:4326',
);

/** The grid's sheet, metres: seven squares of 100 km by thirteen. */
const EAST_AT_MOST = 700_000;
const NORTH_AT_MOST = 1_300_000;

/** Whether these metres lie on the grid's sheet. */
export const isOnGrid = (easting: number, northing: number): boolean =>
  easting >= 0 && easting <= EAST_AT_MOST && northing >= 0 && northing <= NORTH_AT_MOST;

/** Degrees of WGS 84, to a hundred-millionth of one: 1 mm, so that the same metres give the same degrees. */
export const fromNationalGrid = (
  easting: number,
  northing: number,
): { readonly latitude: number; readonly longitude: number } => {
  const [longitude = Number.NaN, latitude = Number.NaN] = grid.forward([easting, northing]);
  return { latitude: Number(latitude.toFixed(8)), longitude: Number(longitude.toFixed(8)) };
};
