import type { Site } from './contract.ts';

const METRES_PER_DEGREE = 111_195;

/** How far two sites are from each other, as the crow flies; NaN where nobody knows where one of them is. */
export const metresBetween = (a: Position | undefined, b: Position | undefined): number => {
  if (a?.latitude === undefined || a.longitude === undefined || b?.latitude === undefined || b.longitude === undefined)
    return Number.NaN;
  // Flat earth: of sites a few kilometres apart it is right to the metre.
  const east = (b.longitude - a.longitude) * Math.cos(((a.latitude + b.latitude) / 2) * (Math.PI / 180));
  return Math.hypot(east, b.latitude - a.latitude) * METRES_PER_DEGREE;
};

type Position = Pick<Site, 'latitude' | 'longitude'>;
