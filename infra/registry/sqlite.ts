import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import {
  CompiledQuery,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type SqliteDatabase,
} from 'kysely';
import { KerbsideError, Unavailable } from '../../device-profiles/vocabulary/index.ts';
import { BUSY_MS, openSqlite, pragma, sqliteFault, type SqliteFault } from '../sqlite/index.ts';
import type { Database } from './database.ts';
import type { Row, Tables } from './tables.ts';

/**
 * The registry's database in a SQLite file, with two connections: kysely's own for changes, and one that only reads,
 * so that a look-up in the middle of a transaction sees what is committed and nothing else.
 * @throws KerbsideError `registry-corrupt` when the file is damaged, or as `openSqlite` does.
 */
export const openSqliteDatabase = (file: string): Database => {
  const writer = opened(file);
  const reader = openedSound(file, writer);
  const db = new Kysely<Tables>({ dialect: new NodeSqliteDialect(writer) });
  const dataVersion = reader.prepare('PRAGMA data_version');
  let seen: unknown;
  return {
    db,
    // In a write-ahead log NORMAL leaves out the wait, and the next commit with FULL waits for what lies before it too.
    hasty: (work) =>
      db.connection().execute(async (connection) => {
        await connection.executeQuery(CompiledQuery.raw('pragma synchronous = normal'));
        try {
          return await connection.transaction().execute(work);
        } finally {
          await connection.executeQuery(CompiledQuery.raw('pragma synchronous = full'));
        }
      }),
    types: { bytes: 'blob' },
    touched: () => {
      const now = dataVersion.get()?.['data_version'];
      const changed = now !== seen;
      seen = now;
      return changed;
    },
    snapshot: (read) => {
      reader.exec('BEGIN');
      try {
        return read(({ sql, parameters }): readonly Row[] => reader.prepare(sql).all(...bindable(parameters)));
      } finally {
        reader.exec('COMMIT');
      }
    },
    explain: (error) => explained(error, file),
    close: async () => {
      reader.close();
      await db.destroy();
      // Kysely closes its database only once it has used it.
      if (writer.isOpen) writer.close();
    },
  };
};

/** Statements that stay prepared: an INSERT of 200 rows takes longer to prepare than to run. */
const PREPARED_AT_MOST = 64;

/** node:sqlite in the shape that kysely knows. */
const forKysely = (database: DatabaseSync): SqliteDatabase => {
  const prepared = new Map<string, ReturnType<SqliteDatabase['prepare']>>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      const statement = database.prepare(sql);
      const made = {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) => statement.all(...bindable(parameters)),
        run: (parameters: readonly unknown[]) => statement.run(...bindable(parameters)),
        iterate: (parameters: readonly unknown[]) => statement.iterate(...bindable(parameters)),
      };
      const [oldest] = prepared.keys();
      if (prepared.size >= PREPARED_AT_MOST && oldest !== undefined) prepared.delete(oldest);
      prepared.set(sql, made);
      return made;
    },
  };
};

const bindable = (parameters: readonly unknown[]): SQLInputValue[] =>
  parameters.map((value) => {
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'bigint' ||
      value instanceof Uint8Array
    )
      return value;
    throw new TypeError(`SQLite has no ${typeof value}: map it to a number, a text or bytes in the query`);
  });

class NodeSqliteDialect extends SqliteDialect {
  readonly #writer: DatabaseSync;
  constructor(writer: DatabaseSync) {
    super({ database: forKysely(writer) });
    this.#writer = writer;
  }
  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.#writer);
  }
  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter();
  }
}

/**
 * A transaction takes the write lock when it begins. With SQLite's default it would take it at its first change, and
 * where another process wrote in between, fail without waiting. Nor does it wait inside SQLite, which would stop the
 * whole process: it asks again later.
 */
class ImmediateDriver extends SqliteDriver {
  readonly #writer: DatabaseSync;
  constructor(writer: DatabaseSync) {
    super({ database: forKysely(writer) });
    this.#writer = writer;
  }
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const until = performance.now() + BUSY_MS;
    while (!(await begun(connection, until))) await setTimeout(ASK_AGAIN_MS);
  }
  /**
   * On a full disk, and on some other faults, SQLite has undone the transaction by itself: a ROLLBACK would fail then,
   * and what it says would hide why.
   */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#writer.isTransaction) await super.rollbackTransaction(connection);
  }
}

/** How often the write lock is asked for: another's transaction takes a few milliseconds, mostly one fsync. */
const ASK_AGAIN_MS = 2;

const begun = async (connection: DatabaseConnection, until: number): Promise<boolean> => {
  try {
    await connection.executeQuery(CompiledQuery.raw('pragma busy_timeout = 0'));
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
    return true;
  } catch (error) {
    if (sqliteFault(error) === 'busy' && performance.now() < until) return false;
    throw error;
  } finally {
    await connection.executeQuery(CompiledQuery.raw(`pragma busy_timeout = ${BUSY_MS}`));
  }
};

/**
 * SQLite can undo a CREATE TABLE, so a migration is kept whole or not at all, and two processes migrate one after the
 * other.
 */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

const opened = (file: string): DatabaseSync => {
  try {
    return openSqlite(file);
  } catch (error) {
    throw explained(error, file);
  }
};

/**
 * Looks the file over and opens it once more. The quarantine and the days of what was heard may be large and nothing is
 * decided by them: they are looked at when they are read.
 */
const openedSound = (file: string, database: DatabaseSync): DatabaseSync => {
  try {
    for (const { name } of database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('quarantine', 'heard_day')")
      .all()) {
      const verdict = pragma(database, `quick_check("${String(name).replaceAll('"', '""')}")`);
      if (verdict !== 'ok') throw corrupt(file, verdict);
    }
    return opened(file);
  } catch (error) {
    database.close();
    throw explained(error, file);
  }
};

const corrupt = (file: string, cause?: unknown): KerbsideError =>
  new KerbsideError(
    'registry-corrupt',
    `${file} is damaged, and serving from it could give wrong answers: move it away and restore it from a backup`,
    {
      cause,
    },
  );

const unwritable = (file: string, cause: unknown): KerbsideError =>
  new Unavailable('registry-unwritable', `${file} cannot be read or written; nothing was changed`, { cause });

/**
 * What the trouble is to one who asked for something; faults that are missing here are our own, and stay as they are.
 */
const meanings: ReadonlyMap<SqliteFault | undefined, (file: string, cause: unknown) => KerbsideError> = new Map([
  ['corrupt', corrupt],
  [
    'busy',
    (file: string, cause: unknown) =>
      new Unavailable('registry-busy', `another process holds ${file}; nothing was changed`, { cause }),
  ],
  [
    'full',
    (file: string, cause: unknown) =>
      new Unavailable('registry-full', `there is no room on the disk of ${file}; nothing was changed`, { cause }),
  ],
  ['io', unwritable],
  ['read-only', unwritable],
  ['cannot-open', unwritable],
]);

const explained = (error: unknown, file: string): unknown => {
  if (error instanceof KerbsideError) return error.code === 'sqlite-corrupt' ? corrupt(file, error) : error;
  return meanings.get(sqliteFault(error))?.(file, error) ?? error;
};
