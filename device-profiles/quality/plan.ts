import { quantityIds, quantityOf, type QuantityId } from '../vocabulary/quantity.ts';
import { defaultPlausibility, defaultTests } from './defaults.ts';
import { FEWEST, type Limits, type Plan, type Plausibility } from './limits.ts';
import type { QualitySettings, Tests } from './settings.ts';

const units = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `90s`, `15m`, `3h` in milliseconds; NaN where it is no such text. */
export const spanMs = (text: string): number => {
  const unit = text.at(-1);
  return unit === 's' || unit === 'm' || unit === 'h' ? Number(text.slice(0, -1)) * units[unit] : Number.NaN;
};

/** Values are neighbours in time up to three intervals of the device, and in any case for five minutes: a lost message or two. */
const NEIGHBOURLY = { intervals: 3, atLeastMs: 300_000 } as const;
/** Nothing may look back further: a day of a device that speaks once a minute is 1,440 readings to be read for one that comes late. */
export const HORIZON_AT_MOST_MS = 24 * 3_600_000;

/**
 * The limits of a device, worked out from its interval and what was set, each over the ones before it: the quantities'
 * defaults, the profile's, the site's, the device's own. A test is taken over as a whole.
 */
export const planOf = (everyMs: number, layers: readonly (QualitySettings | undefined)[]): Plan => {
  const withinMs = Math.min(Math.max(everyMs * NEIGHBOURLY.intervals, NEIGHBOURLY.atLeastMs), HORIZON_AT_MOST_MS / 8);
  const limits = new Map(quantityIds.map((id) => [id, limitsOf(id, testsOf(id, layers), { everyMs, withinMs })]));
  const plausibility = plausibilityOf(layers, withinMs);
  const each = [...limits.values()].map(horizonOf);
  const same = plausibility.identicalMs === Infinity ? 0 : plausibility.identicalMs + (FEWEST + 1) * withinMs;
  const asksNearby = [...limits.values()].some(({ nearbyM }) => nearbyM > 0);
  return { limits, plausibility, asksNearby, horizonMs: Math.max(2 * withinMs, same, ...each) };
};

/** What was set for a quantity, all layers together. */
export const testsOf = (id: QuantityId, layers: readonly (QualitySettings | undefined)[]): Tests => {
  let tests: Tests = defaultTests.get(id) ?? {};
  for (const layer of layers) {
    const own = new Map(Object.entries(layer?.quantities ?? {})).get(id);
    if (own !== undefined) tests = { ...tests, ...own };
  }
  return tests;
};

const limitsOf = (
  id: QuantityId,
  { sensor, operator, spike, rateOfChange, flatLine, timeGap, warmUp, neighbours }: Tests,
  { everyMs, withinMs }: Pick<Limits, 'everyMs' | 'withinMs'>,
): Limits => {
  const { min, max } = quantityOf(id);
  const [sensorMin = min, sensorMax = max] = sensor ?? [];
  const [operatorMin = sensorMin, operatorMax = sensorMax] = operator ?? [];
  const [spikes, rates, flats] = [on(spike), on(rateOfChange), on(flatLine)];
  const [gaps, warms, nearby] = [on(timeGap), on(warmUp), on(neighbours)];
  return {
    sensorMin,
    sensorMax,
    operatorMin,
    operatorMax,
    spikeMethod: spikes?.method ?? 'differential',
    spikeSuspect: spikes?.suspect ?? Infinity,
    spikeFail: spikes?.fail ?? Infinity,
    rateSuspect: (rates?.suspect ?? Infinity) / 60,
    rateFail: (rates?.fail ?? Infinity) / 60,
    flatTolerance: flats?.tolerance ?? 0.001,
    flatSuspectMs: msOf(flats?.suspect),
    flatFailMs: msOf(flats?.fail),
    flatZeros: flats?.zeros ?? false,
    gapSuspectMs: msOf(gaps?.suspect),
    gapFailMs: msOf(gaps?.fail),
    warmSilenceMs: warms === undefined ? Infinity : spanMs(warms.silence),
    warmForMs: warms === undefined ? 0 : spanMs(warms.for),
    warmAfterAbsence: warms?.afterAbsence ?? false,
    withinMs,
    everyMs,
    nearbyM: nearby?.metres ?? 0,
    nearbySuspect: nearby?.suspect ?? Infinity,
    nearbyShare: nearby?.share ?? 0,
  };
};

const on = <T extends object>(test: T | 'off' | undefined): T | undefined => (test === 'off' ? undefined : test);
const msOf = (text: string | undefined): number => (text === undefined ? Infinity : spanMs(text));

const plausibilityOf = (layers: readonly (QualitySettings | undefined)[], withinMs: number): Plausibility => {
  let settings: NonNullable<QualitySettings['plausibility']> = defaultPlausibility;
  for (const layer of layers) settings = { ...settings, ...layer?.plausibility };
  const { slack = 0, slackShare = 0, identical = 'off' } = settings;
  return { slack, slackShare, identicalMs: identical === 'off' ? Infinity : spanMs(identical), withinMs };
};

/** How far back a value of a quantity depends on what was before it. */
const horizonOf = ({
  flatSuspectMs,
  flatFailMs,
  gapSuspectMs,
  gapFailMs,
  warmForMs,
  warmSilenceMs,
  withinMs,
}: Limits): number => {
  const flat = Math.max(finite(flatSuspectMs), finite(flatFailMs));
  return Math.max(
    flat === 0 ? 0 : flat + (FEWEST + 1) * withinMs,
    finite(gapSuspectMs),
    finite(gapFailMs),
    warmForMs === 0 ? 0 : warmForMs + warmSilenceMs,
  );
};
const finite = (ms: number): number => (ms === Infinity ? 0 : ms);
