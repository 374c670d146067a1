import { instant, type DeviceId, type QuantityId, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Hour } from '../timeseries/hours.ts';
import {
  dayMaxima,
  dayMeans,
  hourMeans,
  quarterMeans,
  runningMeans,
  yearMeans,
  type Expected,
  type Mean,
} from './means.ts';
import { lookBackMs, type Period } from './periods.ts';
import { readHours, readQuarters, type HoursAsked, type HourStore } from './read.ts';

/** Means of one quantity from one device at one site. */
export interface Series {
  readonly device: DeviceId;
  readonly site: SiteId | null;
  readonly quantity: QuantityId;
  /** In order of time. */
  readonly means: readonly Mean[];
}

/** What means are made of, and how its devices are expected to speak. */
export interface AveragesFrom {
  readonly timeseries: HourStore;
  readonly expected: (device: DeviceId) => Expected;
}

/**
 * Means of a period whose names lie in [from, to), by datastream. Devices are never mixed, and neither are the sites of
 * one that was moved.
 */
export const seriesOf = async (from: AveragesFrom, asked: HoursAsked, period: Period): Promise<readonly Series[]> => {
  const wider = { ...asked, from: instant(asked.from - lookBackMs(period)) };
  const made = period === '15m' ? await quarterSeries(from, wider) : await hourSeries(from, wider);
  return made.map((series) => ({
    ...series,
    means: ofPeriod[period](series.means).filter(({ time }) => time >= asked.from && time < asked.to),
  }));
};

const ofPeriod: Readonly<Record<Period, (means: readonly Mean[]) => readonly Mean[]>> = {
  '15m': (quarters) => quarters,
  '1h': (hours) => hours,
  '8h': (hours) => runningMeans(hours, 8),
  '24h': (hours) => runningMeans(hours, 24),
  day: dayMeans,
  'day-max': dayMaxima,
  'day-max-8h': (hours) => dayMaxima(runningMeans(hours, 8)),
  year: yearMeans,
};

/** Hourly means by datastream. */
export const hourSeries = async (
  { timeseries, expected }: AveragesFrom,
  asked: HoursAsked,
): Promise<readonly Series[]> =>
  byStream(await readHours(timeseries, asked)).map(({ hours, ...stream }) => ({
    ...stream,
    means: hourMeans(hours, expected(stream.device)),
  }));

/** Quarter-hourly means by datastream. */
export const quarterSeries = async (
  { timeseries, expected }: AveragesFrom,
  asked: HoursAsked,
): Promise<readonly Series[]> =>
  byStream(await readQuarters(timeseries, asked)).map(({ hours, ...stream }) => ({
    ...stream,
    means: quarterMeans(hours, expected(stream.device)),
  }));

interface Stream extends Omit<Series, 'means'> {
  readonly hours: Hour[];
}

const byStream = (hours: readonly Hour[]): readonly Stream[] => {
  const streams = new Map<string, Stream>();
  for (const hour of hours) {
    const { device, site, quantity } = hour;
    const key = `${device} ${site ?? ''} ${quantity}`;
    const stream = streams.get(key);
    if (stream === undefined) streams.set(key, { device, site, quantity, hours: [hour] });
    else stream.hours.push(hour);
  }
  return [...streams.values()];
};
