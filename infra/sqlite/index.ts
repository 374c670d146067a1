import { DatabaseSync } from 'node:sqlite';
import { KerbsideError } from '../../device-profiles/vocabulary/index.ts';

/**
 * Opens a SQLite file so that a COMMIT is on disk when it returns: write-ahead log, `synchronous=FULL`, foreign keys
 * on, and a wait for another process's lock. Both durability settings are read back, because builds and file systems
 * that cannot keep them fall back without an error.
 *
 * Every statement is synchronous. The caller closes the database.
 *
 * @throws KerbsideError `sqlite-unopenable` when there is no such folder or it may not be written,
 * `sqlite-corrupt` when the file is no SQLite database, `sqlite-not-durable` when a setting did not hold.
 */
export const openSqlite = (
  file: string,
  { cacheBytes = CACHE_BYTES }: { readonly cacheBytes?: number } = {},
): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
    db.exec(`PRAGMA cache_size = -${Math.ceil(cacheBytes / 1024)}; PRAGMA journal_size_limit = ${WAL_AT_MOST_BYTES}`);
    assertDurable(db, file);
    return db;
  } catch (error) {
    db?.close();
    throw explained(error, file);
  }
};

/**
 * Opens a SQLite file to read it while another process writes it: nothing in it can be changed by this connection.
 * @throws KerbsideError as `openSqlite`.
 */
export const openSqliteToRead = (file: string): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: BUSY_MS, readOnly: true });
    // Opening alone reads nothing: only now it shows whether this is a database.
    pragma(db, 'schema_version');
    return db;
  } catch (error) {
    db?.close();
    throw explained(error, file);
  }
};

/** How long a statement waits for another process that holds the lock: longer than any transaction of ours. */
export const BUSY_MS = 5_000;
/** Page cache of one database unless the caller knows better: what a small machine can spare for each file. */
const CACHE_BYTES = 8 * 1024 * 1024;
/** After a checkpoint the write-ahead log is cut back to this, so that one burst does not hold disk for ever. */
const WAL_AT_MOST_BYTES = 64 * 1024 * 1024;

/** SQLite's number for `synchronous=FULL`. */
const FULL = 2;

const assertDurable = (db: DatabaseSync, file: string): void => {
  const mode = pragma(db, 'journal_mode');
  const synchronous = pragma(db, 'synchronous');
  if (mode === 'wal' && synchronous === FULL) return;
  throw new KerbsideError(
    'sqlite-not-durable',
    `${file} would not survive a power cut: journal_mode is ${mode} and synchronous is ${synchronous}, where wal and ${FULL} are needed. ` +
      'Keep it on a local disk (not in memory, not on a network share).',
  );
};

/** The value of a setting or counter that is one number or one word, such as `page_count`. */
export const pragma = (db: DatabaseSync, name: string): string | number => {
  const row = db.prepare(`PRAGMA ${name}`).get();
  const [value] = row === undefined ? [] : Object.values(row);
  return typeof value === 'number' || typeof value === 'string' ? value : '';
};

/** What kind of trouble an error of `node:sqlite` is; undefined when it is not one of SQLite's. */
export type SqliteFault = 'full' | 'corrupt' | 'busy' | 'read-only' | 'cannot-open' | 'io' | 'constraint' | 'other';

/** Primary result codes, the low byte of `errcode` (https://www.sqlite.org/rescode.html). */
const faults: ReadonlyMap<number, SqliteFault> = new Map([
  [5, 'busy'],
  [6, 'busy'],
  [8, 'read-only'],
  [10, 'io'],
  [11, 'corrupt'],
  [13, 'full'],
  [14, 'cannot-open'],
  [19, 'constraint'],
  [26, 'corrupt'],
]);

export const sqliteFault = (error: unknown): SqliteFault | undefined => {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return faults.get(error.errcode & 0xff) ?? 'other';
};

const explained = (error: unknown, file: string): unknown => {
  const fault = sqliteFault(error);
  if (fault === 'cannot-open') {
    return new KerbsideError(
      'sqlite-unopenable',
      `${file} cannot be opened: is its folder there, and may this user write in it?`,
      { cause: error },
    );
  }
  if (fault === 'corrupt') {
    return new KerbsideError(
      'sqlite-corrupt',
      `${file} is not a sound SQLite database: move it away, or restore it from a backup`,
      { cause: error },
    );
  }
  return error;
};
