import { expect } from 'vitest';
import {
  observationsOf,
  type Instant,
  type JudgedReading,
  type Observation,
} from '../../../device-profiles/vocabulary/index.ts';
import {
  aggregates,
  type Aggregate,
  type AggregateQuery,
  type RangeQuery,
  type TimeSeries,
} from '../../../infra/timeseries/contract.ts';
import { byDatastream, inOrder } from '../../timeseries/model.ts';
import { after, HOUR, NOON } from '../../timeseries/readings.ts';

/** Where one time series is kept: a file, a database of a server. */
export interface TimeSeriesPlace {
  /** InfluxDB answers `stored` to everything, and does not count what it deletes. */
  readonly tells: boolean;
  /** One at a time: it closes the one before. */
  open(): Promise<TimeSeries>;
  /** Closes what is open and takes everything away. */
  remove(): Promise<void>;
}

export interface TimeSeriesCase {
  readonly title: string;
  readonly run: (series: TimeSeries, place: TimeSeriesPlace) => Promise<void>;
}

/** Every observation that a query selects, page after page. */
export const wholeRange = async (
  series: TimeSeries,
  query: Omit<RangeQuery, 'limit' | 'after'> = {},
  limit = 1000,
): Promise<readonly Observation[]> => {
  const observations: Observation[] = [];
  const cursors = new Set<string>();
  for (let next: string | undefined; ;) {
    const page = await series.range({ ...query, limit, ...(next === undefined ? {} : { after: next }) });
    expect(page.observations.length).toBeLessThanOrEqual(limit);
    observations.push(...page.observations);
    if (page.next === undefined) return observations;
    expect(cursors, 'a page that leads back to an earlier one').not.toContain(page.next);
    cursors.add((next = page.next));
  }
};

/** Readings as history gives them out. */
export const expected = (...readings: readonly JudgedReading[]): readonly Observation[] =>
  readings.flatMap(observationsOf).toSorted(inOrder);
/** As the latest are given: by quantity, whatever their times. */
export const newest = (...readings: readonly JudgedReading[]): readonly Observation[] =>
  expected(...readings).toSorted(byDatastream);
/** The latest, an hour after noon. */
export const latest = (series: TimeSeries, query: Partial<Parameters<TimeSeries['latest']>[0]> = {}) =>
  series.latest({ now: after(HOUR), ...query });

/** Buckets of the first hour, as how long after noon they begin, value and count. */
export const buckets = async (
  series: TimeSeries,
  query: Partial<AggregateQuery> & { aggregate: Aggregate },
): Promise<readonly (readonly [number, number, number])[]> => {
  expect(aggregates).toContain(query.aggregate);
  const found = await series.aggregate({ from: NOON, to: after(HOUR), everyMs: HOUR, ...query });
  return found.map(
    ({ time, value, count }: { time: Instant; value: number; count: number }) => [time - NOON, value, count] as const,
  );
};
