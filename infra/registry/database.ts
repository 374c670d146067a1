import type { CompiledQuery } from 'kysely';
import type { Db, Row, Trx } from './tables.ts';

/**
 * What the registry asks of a database. This, and the adapter that answers it, is where databases differ; every query
 * and migration is written once.
 */
export interface Database {
  /** For changes, and for what is not kept in memory. Its transactions exclude other writers from their beginning. */
  readonly db: Db;
  /**
   * A transaction for what somebody else still has: a power cut may undo it, whole, together with other such ones and
   * nothing else. It does not wait for the disk.
   */
  readonly hasty: <T>(work: (trx: Trx) => Promise<T>) => Promise<T>;
  readonly types: ColumnTypes;
  /** Whether anyone, in this process or another, may have committed since this was last asked. Costs microseconds. */
  readonly touched: () => boolean;
  /**
   * Answers queries at once, all from one consistent state, without what an open transaction of `db` has not committed.
   */
  readonly snapshot: <T>(read: (rows: (query: CompiledQuery) => readonly Row[]) => T) => T;
  /**
   * What an error of this database means to the caller: `Unavailable` or `registry-corrupt`; other errors as they are.
   */
  readonly explain: (error: unknown) => unknown;
  readonly close: () => Promise<void>;
}

/** The column types that have no name in common. */
export interface ColumnTypes {
  readonly bytes: 'blob' | 'bytea';
}
