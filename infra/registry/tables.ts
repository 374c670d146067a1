import type { Kysely, Transaction } from 'kysely';
import type { AccountTables } from './tables/accounts.ts';
import type { AlertTables } from './tables/alerts.ts';
import type { DeviceTables } from './tables/devices.ts';
import type { NetworkTables } from './tables/networks.ts';
import type { RadioTables } from './tables/radio.ts';
import type { UplinkTables } from './tables/uplinks.ts';

/**
 * The registry's tables, as queries see them. Times are whole milliseconds since 1970, yes and no are 1 and 0, and
 * digests are base64url, so that SQLite and PostgreSQL keep the same values.
 *
 * `revision` is the number of the transaction that last touched the row: whoever keeps rows in memory asks for what
 * came after the revision that he has. A device's row stands for its deployments and credentials too.
 */
export interface Tables extends DeviceTables, AlertTables, AccountTables, UplinkTables, RadioTables, NetworkTables {
  audit: {
    id: number;
    at: number;
    actor_kind: string;
    actor: string;
    action: string;
    subject_kind: string;
    subject: string;
    /** JSON. */
    detail: string;
  };
  /** What is gone, so that a follower learns of it: `kind` is `device` or `rule`. */
  removal: { kind: string; id: string; revision: number };
  /**
   * Numbers that only rise: `revision`, `quarantine`, `audit`. Taking one locks its row, so writers queue behind each
   * other.
   */
  counter: { name: string; value: number };
  /**
   * `secret`: a fingerprint of the secret that all digests were made with. `heard`: the place of the journal up to
   * which `heard` is complete.
   */
  setting: { name: string; value: string };
  /** Kept by kysely's Migrator. */
  kysely_migration: { name: string; timestamp: string };
}

/** The registry's database, for queries. */
export type Db = Kysely<Tables>;
/** The same, inside a transaction. */
export type Trx = Transaction<Tables>;
/** A row as the database gave it, before anybody looked at it. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * Rows for one INSERT or one `IN (...)`: the widest table has 16 columns, and SQLite takes 32,766 parameters in a
 * statement, PostgreSQL 65,535.
 */
const CHUNK = 500;

/** Cuts a list into pieces that one statement can take. */
export const chunks = <T>(list: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / CHUNK) }, (_, index) => list.slice(index * CHUNK, (index + 1) * CHUNK));
