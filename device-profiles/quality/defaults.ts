import type { QuantityId } from '../vocabulary/quantity.ts';
import type { PlausibilityTests, Tests } from './settings.ts';

/**
 * The thresholds of each quantity where neither profile, site nor device says otherwise. The sensor's span is the
 * quantity's physical bounds. What changes how fast is after the one-minute limits of WMO's guidelines for automatic
 * weather stations (Zahumensky 2004); all else is experience, which docs/quality.md marks as unchecked.
 */
const gas = (operator: [number, number], spike: number): Tests => ({
  operator,
  spike: { method: 'differential', suspect: spike },
  flatLine: { tolerance: 0.001, suspect: '3h', fail: '12h' },
});
const dust = (operator: [number, number], spike: number): Tests => ({
  operator,
  spike: { method: 'differential', suspect: spike },
  flatLine: { tolerance: 0.001, suspect: '6h' },
});

export const defaultTests: ReadonlyMap<QuantityId, Tests> = new Map<QuantityId, Tests>([
  ['no2', gas([-20, 1000], 200)],
  ['no', gas([-20, 1000], 500)],
  ['o3', gas([-20, 400], 100)],
  ['so2', gas([-20, 2000], 300)],
  ['co', gas([-0.5, 100], 20)],
  ['pm1', dust([0, 1000], 200)],
  ['pm2_5', dust([0, 1000], 200)],
  ['pm4', dust([0, 1500], 300)],
  ['pm10', dust([0, 2000], 400)],
  ['co2', { operator: [300, 10_000] }],
  ['temperature', { operator: [-30, 45], spike: { method: 'differential', suspect: 5 }, rateOfChange: { suspect: 3 } }],
  ['dew_point', { rateOfChange: { suspect: 2 } }],
  ['humidity', { spike: { method: 'differential', suspect: 20 }, rateOfChange: { suspect: 10, fail: 15 } }],
  ['pressure', { spike: { method: 'differential', suspect: 2 }, rateOfChange: { suspect: 0.5, fail: 2 } }],
  ['wind_speed', { operator: [0, 60], rateOfChange: { suspect: 10, fail: 20 } }],
  ['solar_radiation', { operator: [0, 1400], rateOfChange: { suspect: 800, fail: 1000 } }],
  ['road_surface_temperature', { operator: [-30, 65], rateOfChange: { suspect: 5, fail: 10 } }],
  ['laeq', { operator: [20, 120], flatLine: { tolerance: 0.05, suspect: '3h', fail: '12h' } }],
]);

export const defaultPlausibility = { slack: 2, slackShare: 0.1, identical: '1h' } as const satisfies PlausibilityTests;
