import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { instant, systemClock, type Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../../infra/logging/index.ts';
import { openInfluxTimeSeries } from '../../infra/timeseries/influxdb.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import type { TimeSeriesPlace } from '../contracts/timeseries.ts';
import { emptyDisk } from './model-tiers.ts';
import { ModelTimeSeries, type Mistake } from './model.ts';
import { DAY, NOON } from './readings.ts';

export const silent: Log = pino({ level: 'silent' });

export interface FilePlace extends TimeSeriesPlace {
  readonly file: string;
}

/** Opens, and closes the one that was open before. */
const oneAtATime = (make: () => TimeSeries) => {
  let current: TimeSeries | undefined;
  return {
    open: async (): Promise<TimeSeries> => {
      await current?.close();
      return (current = make());
    },
    close: async (): Promise<void> => {
      await current?.close();
      current = undefined;
    },
  };
};

/** A file of its own; with few `recentRows` they move all the time. */
export const sqlitePlaceWith =
  (options: { readonly recentRows?: number } = {}) =>
  async (): Promise<FilePlace> => {
    const folder = mkdtempSync(join(tmpdir(), 'kerbside-timeseries-'));
    const file = join(folder, 'timeseries.db');
    const { open, close } = oneAtATime(() =>
      openSqliteTimeSeries({ file, log: silent, clock: systemClock, ...options }),
    );
    return { tells: true, file, open, remove: () => close().finally(() => rmSync(folder, { recursive: true })) };
  };
export const sqlitePlace = sqlitePlaceWith();

const ahead = NOON + 8 * DAY - systemClock.now();
/** Some days after what tests write was observed, whatever day it is: hours in InfluxDB are made by the clock. */
export const laterClock: Clock = { now: () => instant(systemClock.now() + ahead) };

/** A database of its own in a server that runs. */
export const influxPlace = async (url: string): Promise<TimeSeriesPlace & { readonly database: string }> => {
  const database = `street ${randomUUID()}`;
  const { open, close } = oneAtATime(() =>
    openInfluxTimeSeries({ url, database, timeoutMs: 10_000, log: silent, clock: laterClock }),
  );
  const remove = async (): Promise<void> => {
    await close();
    await influxQuery(url, `DROP DATABASE "${database}"`);
  };
  return { tells: false, database, open, remove };
};

/** Asks InfluxDB without any of our code between. */
export const influxQuery = async (url: string, q: string, database = ''): Promise<string> => {
  const answer = await fetch(`${url}/query?db=${encodeURIComponent(database)}&epoch=ms`, {
    method: 'POST',
    body: new URLSearchParams({ q }),
  });
  return answer.text();
};

export const modelPlace = (mistake?: Mistake) => async (): Promise<TimeSeriesPlace> => {
  const disk = emptyDisk();
  return { tells: true, open: async () => new ModelTimeSeries(disk, mistake), remove: async () => undefined };
};
