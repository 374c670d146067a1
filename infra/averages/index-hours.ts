import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { HOUR_MS, hourOf } from '../timeseries/hours.ts';
import { daqiIndex, daqiPollutants, type DaqiIndex, type DaqiPollutant } from './daqi.ts';
import { isCaptured, runningMeans, type Mean } from './means.ts';
import { QUARTER_MS } from './periods.ts';

/** One pollutant's part in the index of an hour. */
export interface Contribution extends Mean {
  readonly pollutant: DaqiPollutant;
  /** Null where the mean is not valid: too little of it was measured. */
  readonly index: DaqiIndex | null;
}

/** The index of one device, or of one place, in one hour. */
export interface IndexHour<Part extends Contribution = Contribution> {
  readonly time: Instant;
  /** The highest of the contributions'; null where none has one. */
  readonly index: DaqiIndex | null;
  /** Of pollutants of which anything was measured, also where it was too little. */
  readonly contributions: readonly Part[];
}

/** Hourly means of one device, and quarter-hours of SO2. */
export type IndexInput = Readonly<Partial<Record<DaqiPollutant, readonly Mean[]>>>;

const averaged: Readonly<Record<DaqiPollutant, (means: readonly Mean[]) => readonly Mean[]>> = {
  no2: (hours) => hours,
  o3: (hours) => runningMeans(hours, 8),
  so2: (quarters) => highestQuarters(quarters),
  pm2_5: (hours) => runningMeans(hours, 24),
  pm10: (hours) => runningMeans(hours, 24),
};

/** Of each hour the highest of its quarters that are valid; 3 of the 4 must be. */
const highestQuarters = (quarters: readonly Mean[]): readonly Mean[] => {
  const hours = new Map<Instant, number[]>();
  for (const { time, value, valid } of quarters) {
    if (!valid) continue;
    const hour = hourOf(time);
    hours.set(hour, [...(hours.get(hour) ?? []), value]);
  }
  return [...hours].map(([time, values]) => {
    const capture = (values.length * QUARTER_MS) / HOUR_MS;
    return { time, value: Math.max(...values), capture, valid: isCaptured(capture), count: values.length };
  });
};

/** The index of each hour in which anything of one device contributes, in order of time. */
export const indexHours = (
  input: IndexInput,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): readonly IndexHour[] => {
  const hours = new Map<Instant, Contribution[]>();
  for (const pollutant of daqiPollutants) {
    for (const mean of averaged[pollutant](input[pollutant] ?? [])) {
      if (mean.time < from || mean.time >= to) continue;
      const index = mean.valid ? daqiIndex(pollutant, mean.value) : null;
      const hour = hours.get(mean.time);
      if (hour === undefined) hours.set(mean.time, [{ ...mean, pollutant, index }]);
      else hour.push({ ...mean, pollutant, index });
    }
  }
  return [...hours.keys()].sort((a, b) => a - b).map((time) => overall(time, hours.get(time) ?? []));
};

/** The worst of the contributions is the index. */
export const overall = <Part extends Contribution>(time: Instant, contributions: readonly Part[]): IndexHour<Part> => {
  let worst: DaqiIndex | null = null;
  for (const { index } of contributions) if (index !== null && (worst === null || index > worst)) worst = index;
  return { time, index: worst, contributions };
};

/** So far before an hour its contributions reach back: the 23 hours of a running 24-hour mean. */
export const INDEX_LOOK_BACK_MS = 23 * HOUR_MS;

/** The last hour that is over. */
export const lastWholeHour = (now: Instant): Instant => instant(hourOf(now) - HOUR_MS);
