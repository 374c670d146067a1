import type { DatabaseSync } from 'node:sqlite';
import { KerbsideError } from '../../../device-profiles/vocabulary/index.ts';
import { pragma } from '../../sqlite/index.ts';
import { TIER_TABLES } from './tier-tables.ts';

/** The form of the tables, in `PRAGMA user_version`. Form 1 had no tiers: they are added, and made like those of a new file. */
const SCHEMA = 2;

/**
 * `readings`: one row a reading, its observations as JSON. Compared with one row a value this is a third of the bytes
 * and of the time; under (device, time) the history of a device lies together, which is how it is asked for.
 * `recent`: where most readings lie first, in order of arrival, until some of a device can move together. Straight into
 * `readings`, each reading of 10,000 devices would change a page of its own: 4 kB written twice for 100 bytes.
 * `datastreams`: which quantities a device has ever said, and the last UTC day (days since 1970) on which it said each,
 * so that after a restart the newest value of a long silent quantity is found without reading all that lies between.
 */
export const TABLES = `
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
  ${TIER_TABLES}
  PRAGMA user_version = ${SCHEMA};
`;

/** @throws KerbsideError `timeseries-newer` when a later version wrote the file, `timeseries-corrupt` when it is none of ours. */
export const assertOurs = (db: DatabaseSync, file: string): void => {
  const version = Number(pragma(db, 'user_version'));
  if (version > SCHEMA) {
    throw new KerbsideError(
      'timeseries-newer',
      `${file} was written by a later version of Kerbside: it has form ${version}, this one knows ${SCHEMA}`,
    );
  }
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  const ours = version === 0 ? tables.length === 0 : tables.some(({ name }) => name === 'readings');
  if (!ours)
    throw new KerbsideError(
      'timeseries-corrupt',
      `${file} is no time series: move it away, or restore one from a backup`,
    );
};

const ROW = 'time, received, site, borough, observations';
const SPAN = 'device = ? AND time >= ? AND time < ?';
const OLD = 'SELECT time FROM readings WHERE device = ? AND time < ? ORDER BY time LIMIT ?';

/** Every statement on readings there is. */
export const prepare = (db: DatabaseSync) => ({
  begin: db.prepare('BEGIN IMMEDIATE'),
  commit: db.prepare('COMMIT'),
  append: db.prepare(`INSERT INTO recent (place, device, ${ROW}) VALUES (?, ?, ?, ?, ?, ?, ?)`),
  insert: db.prepare(`INSERT INTO readings (device, ${ROW}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`),
  replace: db.prepare(
    'UPDATE readings SET received = ?, site = ?, borough = ?, observations = ? WHERE device = ? AND time = ?',
  ),
  at: db.prepare(`SELECT ${ROW} FROM readings WHERE device = ? AND time = ?`),
  oldest: db.prepare(`SELECT ${ROW} FROM readings WHERE ${SPAN} ORDER BY time LIMIT ?`),
  texts: db.prepare(`SELECT time, site, observations FROM readings WHERE ${SPAN} ORDER BY time LIMIT ?`),
  newest: db.prepare(`SELECT ${ROW} FROM readings WHERE ${SPAN} ORDER BY time DESC LIMIT ?`),
  newestTime: db.prepare('SELECT time FROM readings WHERE device = ? ORDER BY time DESC LIMIT 1'),
  nextDevice: db.prepare('SELECT device FROM readings WHERE device > ? ORDER BY device LIMIT 1'),
  drop: db.prepare(`DELETE FROM readings WHERE device = ? AND time IN (${OLD})`),
  settle: db.prepare(
    `INSERT INTO readings (device, ${ROW}) SELECT device, ${ROW} FROM recent WHERE place = ? ON CONFLICT DO NOTHING`,
  ),
  recent: db.prepare('SELECT place, device, time FROM recent ORDER BY place'),
  recentAt: db.prepare(`SELECT ${ROW} FROM recent WHERE place = ?`),
  dropRecent: db.prepare('DELETE FROM recent WHERE place < ?'),
  days: db.prepare('SELECT device, quantity, day FROM datastreams'),
  keepDay: db.prepare(
    'INSERT INTO datastreams (device, quantity, day) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET day = max(day, excluded.day)',
  ),
  setDay: db.prepare('UPDATE datastreams SET day = ? WHERE device = ? AND quantity = ?'),
  lastTimeWith: db.prepare(
    `SELECT time FROM readings WHERE ${SPAN} AND instr(observations, ?) > 0 ORDER BY time DESC LIMIT 1`,
  ),
  forgetDays: db.prepare('DELETE FROM datastreams WHERE day < ?'),
});
