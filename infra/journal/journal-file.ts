import type { DatabaseSync } from 'node:sqlite';
import {
  instant,
  KerbsideError,
  uplinkId,
  type DeviceRef,
  type Instant,
  type Uplink,
  type UplinkId,
} from '../../device-profiles/vocabulary/index.ts';
import { openSqlite, openSqliteToRead, pragma, sqliteFault } from '../sqlite/index.ts';
import { consumers, type ConsumerName, type DeviceNames, type Entry } from './contract.ts';
import type { BatchLimits } from './tail.ts';
import {
  entryOf,
  INSERT_UPLINK,
  insertUplink,
  number,
  text,
  UPLINK_TABLE,
  weightOf,
  WORDS_BYTES,
} from './uplink-row.ts';

/** The form of the tables, in `PRAGMA user_version`. */
const SCHEMA = 2;

/** How far consumers have come: the `seq` of the last entry each has handled. */
export type Cursors = ReadonlyMap<ConsumerName, number>;

/** A place in the log and when its uplink was received. */
export interface Landmark {
  readonly seq: number;
  readonly receivedAt: Instant;
}

/** Which entries: `from` and `to` inclusive; received at or after `since` and before `until`. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly since: Instant;
  readonly until: Instant;
  readonly device?: DeviceRef | undefined;
}

/**
 * The file of a journal: every statement there is, and nothing that decides. All of it is synchronous; what writes
 * is on the disk when it returns, whole or not at all. Entries lie without gaps from the first to the last.
 *
 * Its methods throw what SQLite throws, and KerbsideError `journal-corrupt` for a row that is not as we write them.
 */
export class JournalFile {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #pageBytes: number;

  /**
   * @param access `read`: beside a server that writes; changes nothing, not even the form of the tables.
   * @throws KerbsideError `journal-corrupt`, `journal-newer`, `journal-older`, and what `openSqlite` throws.
   */
  constructor(file: string, access: 'write' | 'read' = 'write') {
    this.#db = access === 'write' ? open(file, openSqlite, bringUp) : open(file, openSqliteToRead, assertReadable);
    this.#statements = prepare(this.#db);
    this.#pageBytes = Number(pragma(this.#db, 'page_size'));
  }

  /** Adds uplinks, the first at `seq`, and moves cursors. */
  write(seq: number, uplinks: readonly Uplink[], cursors: Cursors): void {
    const { insert } = this.#statements;
    this.#transaction(() => {
      let place = seq;
      for (const uplink of uplinks) insertUplink(insert, place++, uplink);
      this.#moveCursors(cursors);
    });
  }

  /** Takes out every entry through `seq` and moves cursors: they keep the numbers rising when nothing else is left. */
  drop(through: number, cursors: Cursors): number {
    return this.#transaction(() => {
      this.#moveCursors(cursors);
      return Number(this.#statements.drop.run(through).changes);
    });
  }

  /** The first entry at or after `seq`. */
  at(seq: number): Landmark | undefined {
    const row = this.#statements.at.get(seq);
    return row === undefined ? undefined : { seq: number(row, 'seq'), receivedAt: instant(number(row, 'received_at')) };
  }

  /** The last number that was given, to an entry that is there or that was pruned; 0 in a new journal. */
  last(): number {
    const row = this.#statements.last.get();
    return row === undefined ? 0 : number(row, 'seq');
  }

  cursors(): Map<ConsumerName, number> {
    const kept = new Map(this.#statements.cursors.all().map((row) => [text(row, 'name'), number(row, 'seq')]));
    return new Map(consumers.map((name) => [name, kept.get(name) ?? 0]));
  }

  /** The ids of entries from `seq` on, oldest first. */
  *ids(seq: number): Iterable<UplinkId> {
    for (const row of this.#statements.ids.iterate(seq)) yield uplinkId(text(row, 'id'));
  }

  /** Of each device the newest time of receipt from the entry `seq` on, where it is not before `now`. */
  ahead(seq: number, now: Instant): ReadonlyMap<string, Instant> {
    return new Map(
      this.#statements.ahead.all(seq, now).map((row) => [text(row, 'device'), instant(number(row, 'received_at'))]),
    );
  }

  /** Places, times and weights from the first entry on, for whoever decides how many go. */
  *oldest(limit: number): Iterable<Landmark & { readonly weight: number }> {
    for (const row of this.#statements.oldest.iterate(limit)) {
      yield { seq: number(row, 'seq'), receivedAt: instant(number(row, 'received_at')), weight: number(row, 'weight') };
    }
  }

  /** Entries from `seq` on, as many as a batch may hold and at least one if there is any. */
  batch(seq: number, limits: BatchLimits): readonly Entry[] {
    return gathered(this.#statements.batch.iterate(seq, limits.entries), limits.bytes);
  }

  /** Entries of a window that fit, oldest first, as many as a batch may hold. */
  window(window: Window, limits: BatchLimits): readonly Entry[] {
    const { from, to, since, until, device } = window;
    const rows = this.#statements.window.iterate(
      from,
      to,
      since,
      until,
      device?.by ?? null,
      device?.value ?? null,
      limits.entries,
    );
    return gathered(rows, limits.bytes);
  }

  /** Entries of one device between two places, both inclusive, newest first. */
  newest(device: DeviceRef, from: number, to: number, limit: number): readonly Entry[] {
    return this.#statements.newest.all(from, to, device.by, device.value, limit).map(entryOf);
  }

  /** Entries of one device, by any of its names, between two places, both inclusive, oldest first, as many as a batch may hold. */
  following(
    { id, devEui }: DeviceNames,
    { from, to }: Pick<Window, 'from' | 'to'>,
    limits: BatchLimits,
  ): readonly Entry[] {
    return gathered(this.#statements.following.iterate(from, to, id, devEui ?? null, limits.entries), limits.bytes);
  }

  /** Bytes of the file that hold something; what pruning freed inside it does not count. */
  usedBytes(): number {
    return (this.#count('pages') - this.#count('free')) * this.#pageBytes;
  }

  /** Bytes inside the file that the next entries will take before the file grows. */
  freeBytes(): number {
    return this.#count('free') * this.#pageBytes;
  }

  /** Gives about so many free bytes back to the file system. */
  shrink(bytes: number): void {
    this.#db.exec(`PRAGMA incremental_vacuum(${Math.ceil(bytes / this.#pageBytes)})`);
  }

  /** Empties the write-ahead log into the file and cuts both to what they hold: only now does the file system get back what `shrink` freed. */
  checkpoint(): void {
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /** Empties the write-ahead log into the file as far as the disk allows: nothing is lost by what stays in it. */
  close(): void {
    this.#db.close();
  }

  #count(of: 'pages' | 'free'): number {
    const row = this.#statements[of].get();
    return row === undefined ? 0 : number(row, of === 'pages' ? 'page_count' : 'freelist_count');
  }

  #moveCursors(cursors: Cursors): void {
    for (const [name, seq] of cursors) this.#statements.moveCursor.run(name, seq);
  }

  #transaction<Result>(work: () => Result): Result {
    const { begin, commit, rollback } = this.#statements;
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      // SQLite has undone some failures by itself (a full disk, a failed write); asking again would be an error.
      if (this.#db.isTransaction) rollback.run();
      throw error;
    }
  }
}

const prepare = (db: DatabaseSync) => ({
  begin: db.prepare('BEGIN IMMEDIATE'),
  commit: db.prepare('COMMIT'),
  rollback: db.prepare('ROLLBACK'),
  insert: db.prepare(INSERT_UPLINK),
  drop: db.prepare('DELETE FROM uplink WHERE seq <= ?'),
  at: db.prepare('SELECT seq, received_at FROM uplink WHERE seq >= ? ORDER BY seq LIMIT 1'),
  last: db.prepare(
    'SELECT max(coalesce((SELECT max(seq) FROM uplink), 0), coalesce((SELECT max(seq) FROM consumer), 0)) AS seq',
  ),
  cursors: db.prepare('SELECT name, seq FROM consumer'),
  moveCursor: db.prepare('INSERT INTO consumer VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq'),
  ids: db.prepare('SELECT id FROM uplink WHERE seq >= ? ORDER BY seq'),
  ahead: db.prepare(
    'SELECT device, max(received_at) AS received_at FROM uplink WHERE seq >= ? AND received_at >= ? GROUP BY device',
  ),
  oldest: db.prepare(
    `SELECT seq, received_at, length(payload) + coalesce(length(lorawan), 0) + ${WORDS_BYTES} AS weight FROM uplink ORDER BY seq LIMIT ?`,
  ),
  batch: db.prepare('SELECT * FROM uplink WHERE seq >= ? ORDER BY seq LIMIT ?'),
  window: db.prepare(
    `SELECT * FROM uplink WHERE seq BETWEEN ?1 AND ?2 AND received_at >= ?3 AND received_at < ?4
       AND (?5 IS NULL OR (device = ?6 AND device_by = ?5)) ORDER BY seq LIMIT ?7`,
  ),
  newest: db.prepare(
    'SELECT * FROM uplink WHERE seq BETWEEN ? AND ? AND device_by = ? AND device = ? ORDER BY seq DESC LIMIT ?',
  ),
  following: db.prepare(
    `SELECT * FROM uplink WHERE seq BETWEEN ?1 AND ?2
       AND ((device_by = 'id' AND device = ?3) OR (device_by = 'devEui' AND device = ?4)) ORDER BY seq LIMIT ?5`,
  ),
  pages: db.prepare('PRAGMA page_count'),
  free: db.prepare('PRAGMA freelist_count'),
});

/** Reads rows until they weigh enough. Leaving the loop closes the statement, so that no checkpoint waits for it. */
const gathered = (rows: Iterable<Parameters<typeof entryOf>[0]>, bytesAtMost: number): readonly Entry[] => {
  const entries: Entry[] = [];
  let bytes = 0;
  for (const row of rows) {
    const entry = entryOf(row);
    bytes += weightOf(entry.uplink);
    if (bytes > bytesAtMost && entries.length > 0) break;
    entries.push(entry);
  }
  return entries;
};

const open = (
  file: string,
  openFile: (file: string) => DatabaseSync,
  ready: (db: DatabaseSync, file: string) => void,
): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    db = openFile(file);
    ready(db, file);
    return db;
  } catch (error) {
    db?.close();
    const corrupt =
      sqliteFault(error) === 'corrupt' || (error instanceof KerbsideError && error.code === 'sqlite-corrupt');
    throw corrupt ? corruptFile(file, error) : error;
  }
};

/** The refusal of a file that is damaged, with what to do about it. */
export const corruptFile = (file: string, cause: unknown): KerbsideError =>
  new KerbsideError(
    'journal-corrupt',
    `${file} is damaged. Restore it from a backup; or, if raw uplinks that were not yet measured may be lost, ` +
      'move it and its -wal aside and start with a new one.',
    { cause },
  );

const newerFile = (file: string, version: number): KerbsideError =>
  new KerbsideError(
    'journal-newer',
    `${file} was written by a newer Kerbside (form ${version}, this one knows ${SCHEMA}): start that version again, or restore the backup made before it.`,
  );

const assertReadable = (db: DatabaseSync, file: string): void => {
  const version = Number(pragma(db, 'user_version'));
  if (version > SCHEMA) throw newerFile(file, version);
  if (version < SCHEMA)
    throw new KerbsideError(
      'journal-older',
      `${file} is of an older form, or not finished: start the server once, which brings it up to date.`,
    );
};

const bringUp = (db: DatabaseSync, file: string): void => {
  const version = Number(pragma(db, 'user_version'));
  if (version === SCHEMA) return;
  if (version > SCHEMA) throw newerFile(file, version);
  if (version === 1) {
    db.exec(`BEGIN; ALTER TABLE uplink ADD COLUMN via TEXT; PRAGMA user_version = ${SCHEMA}; COMMIT`);
    return;
  }
  if (db.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined)
    throw corruptFile(file, new Error('it holds tables of something else'));
  // Freed pages can be given back one by one. The setting takes hold only while there are no tables, and with VACUUM.
  db.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM');
  db.exec(`BEGIN;
    ${UPLINK_TABLE};
    CREATE TABLE consumer (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    PRAGMA user_version = ${SCHEMA};
    COMMIT`);
};
