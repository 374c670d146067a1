import type { QuantityId } from '../vocabulary/quantity.ts';
import { Flag } from '../vocabulary/value.ts';

/** How a spike is measured: against the mean of both neighbours, or by the smaller of two steps in opposite directions. */
export const spikeMethods = ['average', 'differential'] as const;
export type SpikeMethod = (typeof spikeMethods)[number];

/**
 * The thresholds of all quality tests for one quantity, worked out. Values are in the quantity's canonical unit, times
 * in milliseconds. A test that is switched off has thresholds that nothing can cross.
 */
export interface Limits {
  /** Outside of these, inclusive, a value fails. */
  readonly sensorMin: number;
  readonly sensorMax: number;
  /** Outside of these, inclusive, it is suspect. */
  readonly operatorMin: number;
  readonly operatorMax: number;
  readonly spikeMethod: SpikeMethod;
  readonly spikeSuspect: number;
  readonly spikeFail: number;
  /** In units per second. */
  readonly rateSuspect: number;
  readonly rateFail: number;
  /** Values whose range is smaller than this are the same. */
  readonly flatTolerance: number;
  readonly flatSuspectMs: number;
  readonly flatFailMs: number;
  /** Zeros are no fault, however long they last. */
  readonly flatZeros: boolean;
  readonly gapSuspectMs: number;
  readonly gapFailMs: number;
  /** So long without a value, and the sensor has to warm up again. */
  readonly warmSilenceMs: number;
  /** So long it warms up; 0 where it need not. */
  readonly warmForMs: number;
  /** It also has to after an absent value: null is what the device says just after power-up. */
  readonly warmAfterAbsence: boolean;
  /** Values further apart in time than this are no neighbours in their series: neither spike, step nor flat line spans them. */
  readonly withinMs: number;
  /** How often the device should be heard. */
  readonly everyMs: number;
  /** Metres; 0 where the sites nearby are not asked. */
  readonly nearbyM: number;
  /** How far the mean of a quarter of an hour may be from the median of those nearby: so much, */
  readonly nearbySuspect: number;
  /** or so much of that median, whichever is more. */
  readonly nearbyShare: number;
}

/** The limits of each quantity of a device at a site, and of what has to be looked at together. */
export interface Plan {
  readonly limits: ReadonlyMap<QuantityId, Limits>;
  /** A value depends on nothing that is further away in time than this. */
  readonly horizonMs: number;
  readonly plausibility: Plausibility;
  /** Whether any quantity is compared with the sites nearby. */
  readonly asksNearby: boolean;
}

/** The thresholds of the test between the fractions of particulate matter. */
export interface Plausibility {
  /** So much may a finer fraction lie above a coarser one, in ug/m3, */
  readonly slack: number;
  /** or so much of the coarser one, whichever is more. */
  readonly slackShare: number;
  /** Two fractions that are the same number for so long are one channel under two names; Infinity where it is not asked. */
  readonly identicalMs: number;
  readonly withinMs: number;
}

/** Fewer values than these are no flat line and no copied channel, however far apart. */
export const FEWEST = 4;

/** What a number is worth that must not be beyond these: beyond `fail` 4, beyond `suspect` 3, else 1. NaN was not evaluated: 2. */
export const graded = (found: number, suspect: number, fail: number): Flag =>
  Number.isNaN(found) ? Flag.notEvaluated : found > fail ? Flag.fail : found > suspect ? Flag.suspect : Flag.pass;
