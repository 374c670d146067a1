import type { QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { halfUp } from './rounding.ts';

/** The pollutants of the Daily Air Quality Index. */
export const daqiPollutants = ['no2', 'o3', 'so2', 'pm2_5', 'pm10'] as const satisfies readonly QuantityId[];
export type DaqiPollutant = (typeof daqiPollutants)[number];

export const bands = ['Low', 'Moderate', 'High', 'Very High'] as const;
export type Band = (typeof bands)[number];

/** 1 to 10. */
export type DaqiIndex = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;
const indices = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const satisfies readonly DaqiIndex[];

/**
 * Over what each pollutant is averaged, and the highest whole ug/m3 of each of the indices 1 to 9; above is 10.
 * Source: UK-AIR, "What is the Daily Air Quality Index?" (uk-air.defra.gov.uk/air-pollution/daqi), the table of April
 * 2013. All five rows agree with two independent codings of it: the Met Office's ADAQ and south London's aeolus.
 */
export const breakpoints: Readonly<
  Record<DaqiPollutant, { readonly averaging: string; readonly highest: readonly number[] }>
> = {
  no2: { averaging: '1-hour mean', highest: [67, 134, 200, 267, 334, 400, 467, 534, 600] },
  o3: { averaging: 'running 8-hour mean', highest: [33, 66, 100, 120, 140, 160, 187, 213, 240] },
  so2: { averaging: '15-minute mean, the highest of the hour', highest: [88, 177, 266, 354, 443, 532, 710, 887, 1064] },
  pm2_5: { averaging: 'running 24-hour mean', highest: [11, 23, 35, 41, 47, 53, 58, 64, 70] },
  pm10: { averaging: 'running 24-hour mean', highest: [16, 33, 50, 58, 66, 75, 83, 91, 100] },
};

/**
 * The index of a concentration, which is rounded to whole ug/m3 first, halves up. What lies below zero, as the noise of
 * a cell near its zero does, is 1.
 * @param value ug/m3, averaged as `breakpoints` says. @throws RangeError when it is no number.
 */
export const daqiIndex = (pollutant: DaqiPollutant, value: number): DaqiIndex => {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a concentration`);
  const rounded = halfUp(value);
  const place = breakpoints[pollutant].highest.findIndex((highest) => rounded <= highest);
  return indices[place] ?? 10;
};

export const bandOf = (index: DaqiIndex): Band =>
  index <= 3 ? 'Low' : index <= 6 ? 'Moderate' : index <= 9 ? 'High' : 'Very High';

const steps: Readonly<Record<DaqiIndex, string>> = {
  1: '#9CFF9C',
  2: '#31FF00',
  3: '#31CF00',
  4: '#FFFF00',
  5: '#FFCF00',
  6: '#FF9A00',
  7: '#FF6464',
  8: '#FF0000',
  9: '#990000',
  10: '#CE30FF',
};
/** UK-AIR's colour of an index. Never colour alone: the number and the word stand beside it. */
export const indexColour = (index: DaqiIndex): string => steps[index];

/** Colours of a band and of text on it, with enough contrast: the accessibility guide of DEFRA/aqie-front-end. */
export const bandColours: Readonly<Record<Band, { readonly background: string; readonly text: string }>> = {
  Low: { background: '#00703c', text: '#ffffff' },
  Moderate: { background: '#ffdd00', text: '#000000' },
  High: { background: '#d4351c', text: '#ffffff' },
  'Very High': { background: '#4c2c92', text: '#ffffff' },
};
