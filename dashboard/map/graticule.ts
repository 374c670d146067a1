import type { Box } from './mercator.ts';

/** Lines of longitude and latitude, for a map that has nothing else to show where things are. */
export interface Graticule {
  /** Degrees between two lines. */
  readonly step: number;
  /** Degrees of longitude, from west to east. */
  readonly meridians: readonly number[];
  /** Degrees of latitude, from south to north. */
  readonly parallels: readonly number[];
}

/** Steps that people can count in, in millionths of a degree, so that a line is at 0.3 and not at 0.30000000000000004. */
const steps = [1, 2, 5]
  .flatMap((digit) => [0, 1, 2, 3, 4, 5, 6, 7].map((power) => digit * 10 ** power))
  .sort((a, b) => a - b);
const MILLION = 1_000_000;
/** More lines than these in one direction are a fence, not a help. */
export const LINES_AT_MOST = 8;

/** The lines that cross a box: the closest step of which at most eight lines cross in each direction. */
export const graticule = (box: Box): Graticule => {
  const span = Math.max(box.east - box.west, box.north - box.south) * MILLION;
  const step = steps.find((one) => span / one <= LINES_AT_MOST - 1) ?? 90 * MILLION;
  return {
    step: step / MILLION,
    meridians: linesIn(box.west, box.east, step),
    parallels: linesIn(box.south, box.north, step),
  };
};

const linesIn = (from: number, to: number, step: number): readonly number[] => {
  const first = Math.ceil((from * MILLION) / step);
  const last = Math.floor((to * MILLION) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ((first + i) * step) / MILLION);
};

/** `2.15° W`, `53.4° N`, `0°`. */
export const degreeWords = (degrees: number, [positive, negative]: readonly [string, string]): string =>
  degrees === 0 ? '0°' : `${Math.abs(degrees)}° ${degrees > 0 ? positive : negative}`;

export const meridianWords = (degrees: number): string => degreeWords(degrees, ['E', 'W']);
export const parallelWords = (degrees: number): string => degreeWords(degrees, ['N', 'S']);
