import { instant, type DeviceId, type QuantityId, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import {
  dayMaxima,
  dayMeans,
  hourMeans,
  keptDay,
  quarterMeans,
  runningMeans,
  yearMeans,
  type Expected,
  type Mean,
} from './means.ts';
import { lookBackMs, type Period } from './periods.ts';
import { readDaysOnly, readHours, readQuarters, type HoursAsked, type HourStore } from './read.ts';

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
  if (period === 'day') return daySeries(from, wider);
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

/** Daily means by datastream: of valid hours, and of days as they are kept where retention has taken the hours. */
export const daySeries = async (
  { timeseries, expected }: AveragesFrom,
  asked: HoursAsked,
): Promise<readonly Series[]> => {
  const { hours, days } = await readDaysOnly(timeseries, asked, () => readHours(timeseries, asked));
  const kept = new Map(byStream(days).map((stream) => [keyOf(stream), stream]));
  const streams = byStream(hours);
  const both = [
    ...streams,
    ...[...kept].flatMap(([key, { hours: _days, ...stream }]) =>
      streams.some((one) => keyOf(one) === key) ? [] : [{ ...stream, hours: [] }],
    ),
  ];
  return both.map(({ hours: own, ...stream }) => {
    const how = expected(stream.device);
    const coarse = (kept.get(keyOf(stream))?.hours ?? []).map((day) => keptDay(day, how));
    const instead = new Set(coarse.map(({ time }) => time));
    const fine = dayMeans(hourMeans(own, how)).filter(({ time }) => !instead.has(time));
    return { ...stream, means: [...coarse, ...fine].sort((a, b) => a.time - b.time) };
  });
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

type Whose = Omit<Series, 'means'>;

interface Stream<Of extends Whose> extends Whose {
  readonly hours: Of[];
}

const keyOf = ({ device, site, quantity }: Whose): string => `${device} ${site ?? ''} ${quantity}`;

const byStream = <Of extends Whose>(hours: readonly Of[]): readonly Stream<Of>[] => {
  const streams = new Map<string, Stream<Of>>();
  for (const hour of hours) {
    const { device, site, quantity } = hour;
    const key = keyOf(hour);
    const stream = streams.get(key);
    if (stream === undefined) streams.set(key, { device, site, quantity, hours: [hour] });
    else stream.hours.push(hour);
  }
  return [...streams.values()];
};
