import { existsSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { deviceId, instant, type DeviceId, type Observation } from '../../../device-profiles/vocabulary/index.ts';
import { openSqliteToRead, pragma, sqliteFault } from '../../sqlite/index.ts';
import type { Page, RangeQuery, TimeSeries } from '../contract.ts';
import { cursorOf, positionOf } from '../cursor.ts';
import { StoreUnavailable } from '../errors.ts';
import { selectorOf } from '../selection.ts';
import { rowOf, rowReader } from './row.ts';
import { assertOurs } from './schema.ts';

/** A time series as another process may read it. */
export interface TimeSeriesReader extends Pick<TimeSeries, 'range'> {
  close(): Promise<void>;
}

/**
 * Opens the file of a time series to read it, while a server writes it or none does: no lock is taken, and nothing changed. Where
 * there is no file yet, it has nothing in it.
 * @throws KerbsideError as `openSqliteTimeSeries`; its `range` StoreUnavailable.
 */
export const openTimeSeriesBeside = (path: string): TimeSeriesReader => {
  const db = existsSync(path) ? openSqliteToRead(path) : undefined;
  try {
    if (db !== undefined) assertOurs(db, path);
  } catch (error) {
    db?.close();
    throw error;
  }
  return {
    range: async (query) =>
      db === undefined || Number(pragma(db, 'user_version')) === 0 ? { observations: [] } : pageOf(db, path, query),
    close: async () => db?.close(),
  };
};

const ROW = 'time, received, site, borough, observations';
const SPAN = 'device = $device AND time >= $from AND time < $to';
/** In one statement, which sees one state of the file. What has moved out of `recent` is no newer than what `readings` has. */
const rowsOf = (db: DatabaseSync): StatementSync =>
  db.prepare(
    `SELECT ${ROW} FROM readings WHERE ${SPAN} UNION ALL
     SELECT ${ROW} FROM recent WHERE ${SPAN} AND time > coalesce((SELECT max(time) FROM readings WHERE device = $device), -9e15)
     ORDER BY time LIMIT $limit`,
  );

/** What `Date` can hold. */
const [EARLIEST, FAR] = [instant(-8.64e15), instant(8.64e15)];

const pageOf = (
  db: DatabaseSync,
  path: string,
  { from = EARLIEST, to = FAR, limit, after, ...selection }: RangeQuery,
): Page => {
  const selector = selectorOf(selection);
  const position = after === undefined ? undefined : positionOf(after);
  const decode = rowReader(() => {});
  const observations: Observation[] = [];
  for (const device of [...new Set(selection.devices ?? devicesOf(db, path))].toSorted()) {
    if (position !== undefined && device < position.device) continue;
    const isCut = position?.device === device;
    for (let next = isCut ? position.time : from; ;) {
      const rows = read(path, () =>
        rowsOf(db)
          .all({ device, from: next, to, limit: limit + 1 })
          .map(rowOf),
      );
      for (const row of rows) {
        const { observations: judgments, ...reading } = decode(device, row, selector.quantity);
        if (!selector.site(reading.site)) continue;
        for (const judged of judgments) {
          if (!selector.judged(judged) || (isCut && row.time === position.time && judged.quantity <= position.quantity))
            continue;
          const last = observations[limit - 1];
          if (last !== undefined) return { observations, next: cursorOf(last) };
          observations.push({ ...reading, ...judged });
        }
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length <= limit) break;
      next = instant(last.time + 1);
    }
  }
  return { observations };
};

const devicesOf = (db: DatabaseSync, path: string): readonly DeviceId[] =>
  read(path, () => db.prepare('SELECT DISTINCT device FROM datastreams').all()).map((row) =>
    deviceId(String(row['device'])),
  );

const read = <T>(path: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    const fault = sqliteFault(error);
    throw fault === undefined ? error : new StoreUnavailable(`${path} cannot be read now (${fault})`, { cause: error });
  }
};
