import { expect, test } from 'vitest';
import { fromNationalGrid, isOnGrid } from '../../infra/device-csv/national-grid.ts';

/** Ordnance Survey's own test points (OSTN15 developer pack), latitude and longitude as OSTN15 gives them. */
const points = [
  { at: 'TP01 Scilly', easting: 91492.146, northing: 11318.804, latitude: 49.9222639373, longitude: -6.29977752014 },
  { at: 'TP03 Plymouth', easting: 250359.811, northing: 62016.569, latitude: 50.4388582561, longitude: -4.10864563561 },
  {
    at: 'TP07 North Foreland',
    easting: 639821.835,
    northing: 169565.858,
    latitude: 51.3744702555,
    longitude: 1.44454730409,
  },
  {
    at: 'TP19 Blackpool',
    easting: 331534.564,
    northing: 431920.794,
    latitude: 53.77911025694,
    longitude: -3.04045490691,
  },
  { at: 'TP20 Leeds', easting: 422242.186, northing: 433818.701, latitude: 53.8002151963, longitude: -1.66379168242 },
  {
    at: 'TP30 Inverness',
    easting: 267056.768,
    northing: 846176.972,
    latitude: 57.4862500072,
    longitude: -4.21926398555,
  },
] as const;
const METRES_A_DEGREE = 111_200;

test.each(points)('$at lies where Ordnance Survey says, to the 5 m that the transformation holds', (point) => {
  const found = fromNationalGrid(point.easting, point.northing);
  const north = (found.latitude - point.latitude) * METRES_A_DEGREE;
  const east = (found.longitude - point.longitude) * METRES_A_DEGREE * Math.cos((point.latitude * Math.PI) / 180);
  expect(Math.hypot(north, east)).toBeLessThan(5);
  expect(isOnGrid(point.easting, point.northing)).toBe(true);
});

test('the same metres give the same degrees, and what is not on the sheet is known', () => {
  expect(fromNationalGrid(389000, 390000)).toEqual(fromNationalGrid(389000, 390000));
  expect([isOnGrid(-1, 0), isOnGrid(700_001, 0), isOnGrid(0, 1_300_001), isOnGrid(Number.NaN, 0)]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
