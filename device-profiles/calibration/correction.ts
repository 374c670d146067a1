import type { QuantityId } from '../vocabulary/quantity.ts';

/**
 * How what a sensor says becomes what was there, in the quantity's canonical unit: first the water is taken out of
 * optical particle counts, where that is asked for, then a polynomial is applied.
 */
export interface Correction {
  /** c0 + c1 x + c2 x2 + ...: one to `COEFFICIENTS_AT_MOST` numbers. `[offset, slope]` is the usual case, `[0, 1]` nothing. */
  readonly coefficients: readonly number[];
  readonly humidity?: HumidityCorrection;
}

/** Of particles that swell in humid air, as an optical sensor sees them. Off unless somebody asks for it. */
export interface HumidityCorrection {
  /** Hygroscopicity of the particles, 0 to 1: 0.3 to 0.4 is in use (Crilley et al. 2018, AMT 11, 709). */
  readonly kappa: number;
  /** Which humidity of the same message is taken: that of the air, or of the housing. */
  readonly by: 'humidity' | 'internal_humidity';
}

export const COEFFICIENTS_AT_MOST = 6;
/** Quantities that an optical particle sensor gives. */
export const opticalQuantities: ReadonlySet<QuantityId> = new Set<QuantityId>(['pm1', 'pm2_5', 'pm4', 'pm10']);

/** Density that optical particle sensors assume, g/cm3 (Crilley et al. 2018, equation 3). */
const DENSITY = 1.65;
/** In fog the correction has no bound: above this relative humidity, in %, it is held, as is usual with it. */
const HUMIDITY_AT_MOST = 95;

/** It needs a humidity that the message does not have, so that nothing can be corrected. */
export const uncorrectable = 'humidity-missing';

/**
 * A value in its canonical unit, corrected; finite, or undefined where the polynomial leaves what a number can hold.
 * @param humidity of the same message, %; undefined where it has none that is good.
 */
export const corrected = (
  value: number,
  { coefficients, humidity: by }: Correction,
  humidity: number | undefined,
): number | typeof uncorrectable | undefined => {
  let x = value;
  if (by !== undefined) {
    if (humidity === undefined) return uncorrectable;
    x = value / growth(humidity, by.kappa);
  }
  let y = 0;
  for (const coefficient of coefficients.toReversed()) y = y * x + coefficient;
  // What binary arithmetic adds behind the twelfth digit was never measured.
  return Number.isFinite(y) ? Number(y.toPrecision(12)) : undefined;
};

/** By how much humid air makes particles heavier in an optical sensor's eyes: 1 when it is dry. @param humidity %, 0 to 100. */
export const growth = (humidity: number, kappa: number): number => {
  const activity = Math.min(Math.max(humidity, 0), HUMIDITY_AT_MOST) / 100;
  return activity === 0 ? 1 : 1 + kappa / DENSITY / (1 / activity - 1);
};
