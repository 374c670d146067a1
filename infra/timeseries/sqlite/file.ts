import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { deviceId, instant, isQuantityId, KerbsideError, type DeviceId, type Instant, type QuantityId } from '../../../device-profiles/vocabulary/index.ts';
import { openSqlite, pragma, sqliteFault } from '../../sqlite/index.ts';
import { StoreUnavailable } from '../errors.ts';
import { rowOf, type Row } from './row.ts';

/** The form of the tables, in `PRAGMA user_version`. */
const SCHEMA = 1;

/**
 * `readings`: one row a reading, its observations as JSON. Compared with one row a value this is a third of the bytes
 * and of the time; under (device, time) the history of a device lies together, which is how it is asked for.
 * `recent`: where most readings lie first, in order of arrival, until some of a device can move together. Straight into
 * `readings`, each reading of 10,000 devices would change a page of its own: 4 kB written twice for 100 bytes.
 * `datastreams`: which quantities a device has ever said, and the last UTC day (days since 1970) on which it said each,
 * so that after a restart the newest value of a long silent quantity is found without reading all that lies between.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS readings (
    device TEXT NOT NULL,
    time INTEGER NOT NULL,
    received INTEGER NOT NULL,
    site TEXT,
    borough TEXT,
    observations TEXT NOT NULL,
    PRIMARY KEY (device, time)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS recent (
    place INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    time INTEGER NOT NULL,
    received INTEGER NOT NULL,
    site TEXT,
    borough TEXT,
    observations TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS datastreams (
    device TEXT NOT NULL,
    quantity TEXT NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (device, quantity)
  ) WITHOUT ROWID, STRICT;
  PRAGMA user_version = ${SCHEMA};
`;

/** Each of 10,000 devices writes at the end of its own history: those ends, and the way to them, should stay in memory. */
const CACHE_BYTES = 48 * 1024 * 1024;

/**
 * The write-ahead log goes back into the file when it has this many pages (16 MB). The ends of the devices' histories
 * are written again and again: the rarer the checkpoint, the fewer times each goes back; the pause grows with it.
 */
const CHECKPOINT_PAGES = 4_000;

/** A part of one device's history: `from` inclusive, `to` exclusive. */
export interface Span {
  readonly device: DeviceId;
  readonly from: Instant;
  readonly to: Instant;
}

/** The file of a time series: every statement there is, and nothing that decides. Synchronous. */
export class ReadingsFile {
  readonly #db: DatabaseSync;
  readonly #statements: Record<keyof typeof SQL, StatementSync>;
  readonly #file: string;

  /** @throws KerbsideError `timeseries-newer`, `timeseries-corrupt`, and what `openSqlite` throws. */
  constructor(file: string) {
    this.#file = file;
    this.#db = openSqlite(file, { cacheBytes: CACHE_BYTES });
    try {
      assertOurs(this.#db, file);
      this.#db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; ${TABLES}`);
      this.#statements = prepared(this.#db);
    } catch (error) {
      this.#db.close();
      throw this.#explained(error);
    }
  }

  /** All of it is on the disk when this returns, or none of it. @throws StoreUnavailable when it could not be. */
  transaction<T>(work: () => T): T {
    return this.#try(() => {
      this.#statements.begin.run();
      try {
        const result = work();
        this.#statements.commit.run();
        return result;
      } catch (error) {
        this.#rollback();
        throw error;
      }
    });
  }

  /** Adds to `recent`, at a place after all others. */
  append(place: number, device: DeviceId, { time, received, site, borough, observations }: Row): void {
    this.#statements.append.run(place, device, time, received, site, borough, observations);
  }

  /** Adds to `readings`, unless something is there for the time; answers whether it was added. */
  insert(device: DeviceId, { time, received, site, borough, observations }: Row): boolean {
    return this.#statements.insert.run(device, time, received, site, borough, observations).changes !== 0;
  }

  /** Takes the place of the row in `readings` of the same time. */
  replace(device: DeviceId, { time, received, site, borough, observations }: Row): void {
    this.#statements.replace.run(received, site, borough, observations, device, time);
  }

  /** Copies a row of `recent` to `readings`, where a row of its time stays as it is: that is the same one or a later word. */
  settle(place: number): void {
    this.#statements.settle.run(place);
  }

  /** @throws KerbsideError `timeseries-unreadable` when there is no such row. */
  recentAt(place: number): Row {
    return this.#try(() => rowOf(this.#statements.recentAt.get(place) ?? {}));
  }

  /** Takes out of `recent` what lies before a place, or all of it. */
  dropRecent(before: number): void {
    this.#statements.dropRecent.run(before);
  }

  /** Everything in `recent`, in order of arrival. */
  *recent(): Iterable<{ readonly place: number; readonly device: DeviceId; readonly time: Instant }> {
    try {
      for (const { place, device, time } of this.#statements.recent.iterate()) {
        if (typeof place !== 'number' || typeof device !== 'string' || typeof time !== 'number') continue;
        yield { place, device: deviceId(device), time: instant(time) };
      }
    } catch (error) {
      throw this.#explained(error);
    }
  }

  at(device: DeviceId, time: Instant): Row | undefined {
    return this.#try(() => this.#statements.at.all(device, time).map(rowOf)[0]);
  }

  /** Oldest first. */
  oldest({ device, from, to }: Span, limit: number): Row[] {
    return this.#try(() => this.#statements.oldest.all(device, from, to, limit).map(rowOf));
  }

  /** Newest first. */
  newest({ device, from, to }: Span, limit: number): Row[] {
    return this.#try(() => this.#statements.newest.all(device, from, to, limit).map(rowOf));
  }

  /** Drops up to `limit` of a device's oldest readings; answers how many. */
  drop(device: DeviceId, before: Instant, limit: number): number {
    return Number(this.#statements.drop.run(device, before, device, before, limit).changes);
  }

  /** The time of a device's newest reading in `readings`. */
  newestTime(device: DeviceId): Instant | undefined {
    const time = this.#try(() => this.#statements.newestTime.get(device)?.['time']);
    return typeof time === 'number' ? instant(time) : undefined;
  }

  /** The first device after a name that has any reading. */
  nextDevice(after: string): DeviceId | undefined {
    const device = this.#try(() => this.#statements.nextDevice.get(after)?.['device']);
    return typeof device === 'string' ? deviceId(device) : undefined;
  }

  keepDay(device: DeviceId, quantity: QuantityId, day: number): void {
    this.#statements.keepDay.run(device, quantity, day);
  }

  forgetDays(before: number): void {
    this.#statements.forgetDays.run(before);
  }

  /** Every datastream and its last day. */
  *days(): Iterable<readonly [DeviceId, QuantityId, number]> {
    for (const { device, quantity, day } of this.#try(() => this.#statements.days.all())) {
      if (typeof device === 'string' && typeof quantity === 'string' && typeof day === 'number' && isQuantityId(quantity)) {
        yield [deviceId(device), quantity, day];
      }
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #rollback(): void {
    try {
      // After some faults SQLite has rolled back by itself, and then says so.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    } catch {
      // The fault that made us roll back is the one to tell of.
    }
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): unknown {
    const fault = sqliteFault(error);
    if (fault === undefined) return error;
    if (fault === 'corrupt') return new KerbsideError('timeseries-corrupt', `${this.#file} is damaged: stop, and restore it from a backup`, { cause: error });
    return new StoreUnavailable(fault === 'full' ? `the disk of ${this.#file} is full` : `${this.#file} takes nothing now (${fault})`, { cause: error });
  }
}

const assertOurs = (db: DatabaseSync, file: string): void => {
  const version = Number(pragma(db, 'user_version'));
  if (version > SCHEMA) {
    throw new KerbsideError('timeseries-newer', `${file} was written by a later version of Kerbside: it has form ${version}, this one knows ${SCHEMA}`);
  }
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  const ours = version === 0 ? tables.length === 0 : tables.some(({ name }) => name === 'readings');
  if (!ours) throw new KerbsideError('timeseries-corrupt', `${file} is no time series: move it away, or restore one from a backup`);
};

const SQL = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  append: 'INSERT INTO recent (place, device, time, received, site, borough, observations) VALUES (?, ?, ?, ?, ?, ?, ?)',
  insert: 'INSERT INTO readings (device, time, received, site, borough, observations) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  replace: 'UPDATE readings SET received = ?, site = ?, borough = ?, observations = ? WHERE device = ? AND time = ?',
  at: 'SELECT time, received, site, borough, observations FROM readings WHERE device = ? AND time = ?',
  oldest: 'SELECT time, received, site, borough, observations FROM readings WHERE device = ? AND time >= ? AND time < ? ORDER BY time LIMIT ?',
  newest: 'SELECT time, received, site, borough, observations FROM readings WHERE device = ? AND time >= ? AND time < ? ORDER BY time DESC LIMIT ?',
  drop: 'DELETE FROM readings WHERE device = ? AND time < ? AND time IN (SELECT time FROM readings WHERE device = ? AND time < ? ORDER BY time LIMIT ?)',
  settle: 'INSERT INTO readings SELECT device, time, received, site, borough, observations FROM recent WHERE place = ? ON CONFLICT DO NOTHING',
  recentAt: 'SELECT time, received, site, borough, observations FROM recent WHERE place = ?',
  dropRecent: 'DELETE FROM recent WHERE place < ?',
  recent: 'SELECT place, device, time FROM recent ORDER BY place',
  newestTime: 'SELECT time FROM readings WHERE device = ? ORDER BY time DESC LIMIT 1',
  nextDevice: 'SELECT device FROM readings WHERE device > ? ORDER BY device LIMIT 1',
  keepDay: 'INSERT INTO datastreams (device, quantity, day) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET day = max(day, excluded.day)',
  forgetDays: 'DELETE FROM datastreams WHERE day < ?',
  days: 'SELECT device, quantity, day FROM datastreams',
} as const;

const prepared = (db: DatabaseSync): Record<keyof typeof SQL, StatementSync> => ({
  begin: db.prepare(SQL.begin),
  commit: db.prepare(SQL.commit),
  append: db.prepare(SQL.append),
  insert: db.prepare(SQL.insert),
  replace: db.prepare(SQL.replace),
  at: db.prepare(SQL.at),
  oldest: db.prepare(SQL.oldest),
  newest: db.prepare(SQL.newest),
  drop: db.prepare(SQL.drop),
  settle: db.prepare(SQL.settle),
  recentAt: db.prepare(SQL.recentAt),
  dropRecent: db.prepare(SQL.dropRecent),
  recent: db.prepare(SQL.recent),
  newestTime: db.prepare(SQL.newestTime),
  nextDevice: db.prepare(SQL.nextDevice),
  keepDay: db.prepare(SQL.keepDay),
  forgetDays: db.prepare(SQL.forgetDays),
  days: db.prepare(SQL.days),
});
