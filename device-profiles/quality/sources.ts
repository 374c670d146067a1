import type { QuantityId } from '../vocabulary/quantity.ts';
import type { PlausibilityTests, QualitySettings, Tests } from './settings.ts';

/** Who set a threshold: each holds over the ones before it. */
export const thresholdSources = ['quantity', 'profile', 'site', 'device'] as const;
export type ThresholdSource = (typeof thresholdSources)[number];

/** What was set over the defaults of the quantities; undefined where nothing was. */
export type Layers = Readonly<Record<Exclude<ThresholdSource, 'quantity'>, QualitySettings | undefined>>;

const strongestFirst = ['device', 'site', 'profile'] as const;

/** Where the thresholds of a test of a quantity are from: `planOf` takes a test over as a whole. */
export const sourceOf = (quantity: QuantityId, test: keyof Tests, layers: Layers): ThresholdSource =>
  strongestFirst.find((layer) => {
    const own = new Map(Object.entries(layers[layer]?.quantities ?? {})).get(quantity);
    return own?.[test] !== undefined;
  }) ?? 'quantity';

/** The same for what is asked of the fractions of particulate matter together, where each number is taken over by itself. */
export const plausibilitySourceOf = (key: keyof PlausibilityTests, layers: Layers): ThresholdSource =>
  strongestFirst.find((layer) => layers[layer]?.plausibility?.[key] !== undefined) ?? 'quantity';
