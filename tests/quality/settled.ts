import type { Limits } from '../../device-profiles/quality/limits.ts';
import { planOf } from '../../device-profiles/quality/plan.ts';
import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';

/** Limits that nothing can cross, and some of one's own. */
export const limits = (own: Partial<Limits>): Limits => ({
  sensorMin: -Infinity,
  sensorMax: Infinity,
  operatorMin: -Infinity,
  operatorMax: Infinity,
  spikeMethod: 'average',
  spikeSuspect: Infinity,
  spikeFail: Infinity,
  rateSuspect: Infinity,
  rateFail: Infinity,
  flatTolerance: 0.001,
  flatSuspectMs: Infinity,
  flatFailMs: Infinity,
  flatZeros: false,
  gapSuspectMs: Infinity,
  gapFailMs: Infinity,
  warmSilenceMs: Infinity,
  warmForMs: 0,
  warmAfterAbsence: false,
  withinMs: Infinity,
  everyMs: 60_000,
  nearbyM: 0,
  nearbySuspect: Infinity,
  nearbyShare: 0,
  ...own,
});

export const MINUTE = 60_000;
/** As many times, a step apart. */
export const timesOf = (count: number, stepMs: number): Instant[] =>
  Array.from({ length: count }, (_, index) => instant(Date.UTC(2026, 0, 1) + index * stepMs));

/** The defaults, for a device that speaks once a minute. */
export const minutely = planOf(MINUTE, []);
