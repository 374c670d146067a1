import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite, pragma, sqliteFault } from '../../infra/sqlite/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-sqlite-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a database that was opened keeps each commit through a power cut: write-ahead log and full synchronisation', () => {
  const file = join(folder, 'a.db');
  for (const _opening of ['new', 'again']) {
    const db = openSqlite(file, { cacheBytes: 1024 * 1024 });
    expect(pragma(db, 'journal_mode')).toBe('wal');
    expect(pragma(db, 'synchronous')).toBe(2);
    expect(pragma(db, 'foreign_keys')).toBe(1);
    expect(pragma(db, 'busy_timeout')).toBe(5000);
    expect(pragma(db, 'cache_size')).toBe(-1024);
    db.close();
  }
});

test('a database that cannot be durable is refused: in memory there is no write-ahead log', () => {
  expect(() => openSqlite(':memory:')).toThrow(
    expect.objectContaining({ code: 'sqlite-not-durable', message: expect.stringContaining('journal_mode is memory') }),
  );
});

test('a folder that is not there is said, with what to look at', () => {
  expect(() => openSqlite(join(folder, 'nowhere', 'a.db'))).toThrow(
    expect.objectContaining({ code: 'sqlite-unopenable', message: expect.stringContaining('folder') }),
  );
});

test('a file that is no database is refused, not overwritten', () => {
  const file = join(folder, 'a.db');
  writeFileSync(file, 'footfall,2026\n'.repeat(500));
  expect(() => openSqlite(file)).toThrow(
    expect.objectContaining({ code: 'sqlite-corrupt', message: expect.stringContaining('backup') }),
  );
});

test('the kinds of SQLite trouble are told apart, and an error of another kind is not SQLite trouble', () => {
  const db = openSqlite(join(folder, 'a.db'));
  db.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)');
  const faultOf = (sql: string) => {
    try {
      db.exec(sql);
    } catch (error) {
      return sqliteFault(error);
    }
    return 'none';
  };
  expect(faultOf('INSERT INTO t VALUES (1, NULL), (1, NULL)')).toBe('constraint');
  expect(faultOf('SELECT nonsense')).toBe('other');
  db.exec('PRAGMA max_page_count = 4');
  expect(faultOf('INSERT INTO t VALUES (2, zeroblob(100000))')).toBe('full');
  const other = new DatabaseSync(join(folder, 'a.db'), { timeout: 0 });
  db.exec('BEGIN IMMEDIATE');
  expect(() => other.exec('BEGIN IMMEDIATE')).toThrow(
    expect.toSatisfy((error: unknown) => sqliteFault(error) === 'busy'),
  );
  other.close();
  db.close();
  expect(sqliteFault(new Error('something else'))).toBeUndefined();
});
