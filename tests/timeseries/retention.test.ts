import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { keepFor, retentionAdvice, type RetentionDays } from '../../infra/timeseries/retention.ts';
import { wholeRange } from '../contracts/timeseries.ts';
import { silent, sqlitePlace, type FilePlace } from './places.ts';
import { after, DAY, HOUR, pass, reading } from './readings.ts';

let place: FilePlace;
let series: TimeSeries;
beforeEach(async () => {
  place = await sqlitePlace();
  series = await place.open();
  await series.write(
    Array.from({ length: 40 }, (_, day) => reading([pass('pm2_5', day)], { time: after(-day * DAY) })),
  );
});
afterEach(() => place.remove());

const span = { from: after(-100 * DAY), to: after(DAY), maxFlag: 2 } as const;
const kept = async (): Promise<readonly number[]> => [
  (await wholeRange(series)).length,
  (await series.hours(span)).length,
  (await series.days(span)).length,
];
/** Keeps for so many days, until nothing more goes; answers what is left. */
const keep = async (days: RetentionDays, expected: readonly number[]): Promise<readonly number[]> => {
  const stop = keepFor(days, { timeseries: series, clock: { now: () => instant(after(0) + HOUR) }, log: silent });
  await vi.waitFor(async () => expect(await kept()).toEqual(expected), 10_000);
  stop();
  return kept();
};

test.each([
  ['nothing goes', { raw: 0, hourly: 0, daily: 0 }, [40, 40, 40]],
  ['raw goes', { raw: 5, hourly: 0, daily: 0 }, [5, 40, 40]],
  ['hours go after raw', { raw: 5, hourly: 10, daily: 0 }, [5, 11, 40]],
  ['days go after hours', { raw: 5, hourly: 10, daily: 20 }, [5, 11, 21]],
  ['what has less to keep than a finer tier keeps as much', { raw: 5, hourly: 1, daily: 1 }, [5, 6, 6]],
] as const)('each tier is kept for its days, 0 for all of them: %s', async (_, days, expected) => {
  expect(await keep(days, expected)).toEqual(expected);
});

test.each([
  [{ raw: 0, hourly: 5, daily: 0 }, undefined],
  [{ raw: 3, hourly: 0, daily: 0 }, undefined],
  [{ raw: 3, hourly: 366, daily: 0 }, undefined],
  [{ raw: 400, hourly: 5, daily: 0 }, undefined],
  [{ raw: 3, hourly: 5, daily: 0 }, 'hours are kept for 5 days'],
  [{ raw: 90, hourly: 5, daily: 0 }, 'hours are kept for 90 days'],
] as const)('who keeps hours for less than a year is told that no annual figure can be made: %o', (days, words) => {
  const advice = retentionAdvice(days);
  expect(advice?.slice(0, words?.length)).toBe(words);
});
