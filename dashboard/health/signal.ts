import type { HeardDay, SpreadName } from '../../infra/heard/contract.ts';
import { meanOf } from '../../infra/heard/day.ts';
import { robustLine } from './line.ts';

/** How the radio signal of a device develops. */
export const signalTrends = ['falling', 'steady', 'rising', 'too-short'] as const;

/** `received`: how a gateway heard it. `said`: what the device says of itself. */
export interface Signal {
  readonly source: 'received' | 'said';
  /** Mean of the newest day with values, dBm, and that day. */
  readonly rssi: number;
  readonly day: number;
  /** The weakest of that day, dBm. */
  readonly rssiMin: number;
  /** Mean and lowest of that day, dB; of `received` only. */
  readonly snr?: number;
  readonly snrMin?: number;
  /** dB a week; undefined while there is less than a week. */
  readonly perWeek?: number;
  readonly trend: (typeof signalTrends)[number];
}

/** Leaves, rain and a parked lorry move a street's signal by as much from week to week. */
export const STEADY_DB_A_WEEK = 1;

/** Undefined when nothing is known of its signal. What gateways say goes before what the device says. */
export const signalOf = (days: readonly HeardDay[]): Signal | undefined =>
  signalBy(days, 'rssi', 'received') ?? signalBy(days, 'strength', 'said');

const signalBy = (days: readonly HeardDay[], name: SpreadName, source: Signal['source']): Signal | undefined => {
  const points = days
    .flatMap(({ day, spreads }) => {
      const mean = meanOf(spreads[name]);
      return mean === undefined ? [] : [{ x: day, y: mean, spreads }];
    })
    .toSorted((a, b) => a.x - b.x);
  const newest = points.at(-1);
  if (newest === undefined) return undefined;
  const line = robustLine(points);
  const snr = source === 'received' ? newest.spreads.snr : undefined;
  const snrMean = meanOf(snr);
  return {
    source,
    rssi: newest.y,
    day: newest.x,
    rssiMin: newest.spreads[name]?.min ?? newest.y,
    ...(snr === undefined || snrMean === undefined ? {} : { snr: snrMean, snrMin: snr.min }),
    ...(line === undefined ? {} : { perWeek: line.perDay * 7 }),
    trend: trendOf(line === undefined ? undefined : line.perDay * 7),
  };
};

const trendOf = (perWeek: number | undefined): Signal['trend'] => {
  if (perWeek === undefined) return 'too-short';
  if (Math.abs(perWeek) <= STEADY_DB_A_WEEK) return 'steady';
  return perWeek < 0 ? 'falling' : 'rising';
};
