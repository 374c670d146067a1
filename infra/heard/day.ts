import type { DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { spreadNames, type HeardDay, type Spread, type SpreadName } from './contract.ts';

const HOURS = 24;

/** A day on which nothing was heard. */
export const emptyDay = (device: DeviceId, day: number): HeardDay => ({
  device,
  day,
  uplinks: 0,
  framesMissed: 0,
  hours: Array.from({ length: HOURS }, () => 0),
  spreads: {},
});

/** Two parts of the same day of the same device as one; parts may come in any order. */
export const addDays = (a: HeardDay, b: HeardDay): HeardDay => ({
  device: a.device,
  day: a.day,
  uplinks: a.uplinks + b.uplinks,
  framesMissed: a.framesMissed + b.framesMissed,
  hours: a.hours.map((n, hour) => n + (b.hours[hour] ?? 0)),
  spreads: addSpreads(a.spreads, b.spreads),
});

const addSpreads = (a: HeardDay['spreads'], b: HeardDay['spreads']): HeardDay['spreads'] => {
  const sum: Partial<Record<SpreadName, Spread>> = {};
  for (const name of spreadNames) {
    const both = addSpread(a[name], b[name]);
    if (both !== undefined) sum[name] = both;
  }
  return sum;
};

const addSpread = (a: Spread | undefined, b: Spread | undefined): Spread | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return { n: a.n + b.n, sum: a.sum + b.sum, min: Math.min(a.min, b.min) };
};

/** Parts of days as whole days, in order of (device, day). */
export const sumDays = (parts: readonly HeardDay[]): readonly HeardDay[] => {
  const days = new Map<string, HeardDay>();
  for (const part of parts) {
    const key = `${part.device} ${part.day}`;
    const before = days.get(key);
    days.set(key, before === undefined ? part : addDays(before, part));
  }
  return [...days.values()].sort((a, b) => (a.device < b.device ? -1 : a.device > b.device ? 1 : a.day - b.day));
};

/** The mean of a day's numbers; undefined when there are none. */
export const meanOf = (spread: Spread | undefined): number | undefined =>
  spread === undefined || spread.n === 0 ? undefined : spread.sum / spread.n;
