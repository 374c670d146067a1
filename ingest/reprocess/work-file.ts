import { rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { deviceId, instant, type DeviceId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Result } from '../../infra/reprocess/contract.ts';
import { openSqlite } from '../../infra/sqlite/index.ts';

/** What became of an uplink: `read`: all that it says lies in the span; `elsewhere`: some or all of it does not; `silent`: it says nothing. */
export const outcomes = ['read', 'elsewhere', 'silent', 'refused'] as const;
export type Outcome = (typeof outcomes)[number];

/** One reading of an uplink, as it was put down: see said.ts for `body`. */
export interface Put {
  readonly device: DeviceId;
  readonly time: Instant;
  readonly receivedAt: Instant;
  readonly body: string;
}

/** How one uplink was read. */
export interface Gathered {
  readonly device: DeviceId;
  readonly receivedAt: Instant;
  readonly outcome: Outcome;
  /** Why it is refused. */
  readonly reason?: string;
  /** What of it lies in the span. */
  readonly readings: readonly Put[];
  /** It came outside of the span: it is remembered for what it may have said of it, and is none of those that are told. */
  readonly beside?: true;
  /** Its number in the quarantine, where it has one. */
  readonly quarantined?: number;
}

/**
 * `reading`: what uplinks say now, in the order in which it is judged. `uplink`: how each was read. `quarantined`: those to
 * be released when their device is done. `state`: where the run is, written with what it has done.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS reading (
    device TEXT NOT NULL, time INTEGER NOT NULL, received INTEGER NOT NULL, n INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (device, time, received, n)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS uplink (
    device TEXT NOT NULL, received INTEGER NOT NULL, outcome TEXT NOT NULL, reason TEXT, told INTEGER NOT NULL,
    PRIMARY KEY (device, received)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS quarantined (id INTEGER PRIMARY KEY, device TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY) STRICT;
`;

/** 16 MB: while it is filled, the same pages are written again and again, and each checkpoint writes them to the file. */
const CHECKPOINT_PAGES = 4_000;

const prepare = (db: DatabaseSync) => ({
  put: db.prepare(
    'INSERT INTO reading (device, time, received, n, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  ),
  // Of two uplinks with one time of receipt the one that proves less counts.
  uplink: db.prepare(`INSERT INTO uplink (device, received, outcome, reason, told) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET outcome = CASE WHEN excluded.outcome IN ('elsewhere', 'refused') THEN excluded.outcome ELSE outcome END`),
  quarantined: db.prepare('INSERT INTO quarantined (id, device, outcome) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
  keep: db.prepare('INSERT INTO state (name, json) VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json'),
  state: db.prepare('SELECT json FROM state WHERE name = ?'),
  readings: db.prepare(
    'SELECT time, received, body FROM reading WHERE device = ? AND time >= ? AND time < ? ORDER BY time, received, n',
  ),
  next: db.prepare('SELECT time FROM reading WHERE device = ? AND time >= ? ORDER BY time LIMIT 1'),
  outcome: db.prepare('SELECT outcome FROM uplink WHERE device = ? AND received = ?'),
  refused: db.prepare(
    `SELECT 1 FROM uplink WHERE device = ? AND received >= ? AND received <= ? AND outcome = 'refused' LIMIT 1`,
  ),
  counts: db.prepare(
    'SELECT outcome, reason, count(*) AS uplinks FROM uplink WHERE told = 1 GROUP BY outcome, reason ORDER BY outcome, reason',
  ),
  toRelease: db.prepare(`SELECT count(*) AS uplinks FROM quarantined WHERE outcome IN ('read', 'silent')`),
  released: db.prepare(`SELECT id FROM quarantined WHERE device = ? AND outcome IN ('read', 'silent') ORDER BY id`),
});

/**
 * What a run has gathered, and where it is: in a file, because a year of a thousand devices does not fit into memory, and so
 * that a kill costs nothing. A kill of the process leaves it whole; a power cut may take it back by some transactions.
 */
export class WorkFile {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #run: number;

  /** @param run whose file it is, if it is new. @throws KerbsideError as `openSqlite`. */
  constructor(file: string, run: number) {
    this.#db = openSqlite(file);
    this.#run = run;
    this.#db.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; ${TABLES}`);
    this.#db.exec(`INSERT INTO run (id) SELECT ${run} WHERE NOT EXISTS (SELECT 1 FROM run)`);
    this.#statements = prepare(this.#db);
  }

  /** All of it, or nothing. */
  transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Many, in the order of devices: what a device says lies together, and each page is written once. */
  putAll(gathered: readonly Gathered[]): void {
    const inOrder = gathered.toSorted((a, b) => (a.device < b.device ? -1 : Number(a.device > b.device)));
    for (const one of inOrder) this.#put(one);
  }

  #put({ device, receivedAt, outcome, reason, readings, quarantined, beside }: Gathered): void {
    const { put, uplink, quarantined: quarantine } = this.#statements;
    for (const [n, { time, body }] of readings.entries()) put.run(device, time, receivedAt, n, body);
    uplink.run(
      device,
      receivedAt,
      outcome,
      reason ?? null,
      beside !== true && (readings.length > 0 || outcome === 'refused' || outcome === 'silent') ? 1 : 0,
    );
    if (quarantined !== undefined && beside !== true) quarantine.run(quarantined, device, outcome);
  }

  /** Forgets all that it has. */
  empty(): void {
    this.#db.exec(
      'BEGIN IMMEDIATE; DELETE FROM reading; DELETE FROM uplink; DELETE FROM quarantined; DELETE FROM state; COMMIT',
    );
  }

  /** `plan`: what is to be done; `place`: how far it has come. */
  keep(name: 'plan' | 'place', json: string): void {
    this.#statements.keep.run(name, json);
  }

  /** As it was kept last; undefined in a new file. */
  kept(name: 'plan' | 'place'): string | undefined {
    const json = this.#statements.state.get(name)?.['json'];
    return typeof json === 'string' ? json : undefined;
  }

  /** What a device says between two times, in order of time and of receipt. */
  readings(device: DeviceId, from: number, to: number): readonly Put[] {
    return this.#statements.readings
      .all(device, from, to)
      .flatMap(({ time, received, body }) =>
        typeof time === 'number' && typeof received === 'number' && typeof body === 'string'
          ? [{ device, time: instant(time), receivedAt: instant(received), body }]
          : [],
      );
  }

  /** The first time from that one on at which a device says anything. */
  nextTime(device: DeviceId, from: number): number | undefined {
    const time = this.#statements.next.get(device, from)?.['time'];
    return typeof time === 'number' ? time : undefined;
  }

  /** How the uplink that a device sent then was read; undefined where none was gathered. */
  outcome(device: DeviceId, receivedAt: Instant): Outcome | undefined {
    const outcome = this.#statements.outcome.get(device, receivedAt)?.['outcome'];
    return outcomes.find((known) => known === outcome);
  }

  /** Whether an uplink of a device is refused that came between two times, both inclusive. */
  hasRefused(device: DeviceId, from: number, to: number): boolean {
    return this.#statements.refused.get(device, from, to) !== undefined;
  }

  /** How many uplinks were gathered that say something of the span, or nothing at all, and how they were read. */
  counts(): Pick<Result, 'uplinks' | 'read' | 'refused' | 'released'> {
    const rows = this.#statements.counts
      .all()
      .map(({ outcome, reason, uplinks }) => ({ outcome, reason: String(reason), uplinks: Number(uplinks) }));
    const total = (which: (outcome: unknown) => boolean): number =>
      rows.reduce((sum, { outcome, uplinks }) => sum + (which(outcome) ? uplinks : 0), 0);
    return {
      uplinks: total(() => true),
      read: total((outcome) => outcome !== 'refused'),
      refused: rows.filter(({ outcome }) => outcome === 'refused').map(({ reason, uplinks }) => ({ reason, uplinks })),
      released: Number(this.#statements.toRelease.get()?.['uplinks']),
    };
  }

  /** The numbers of a device's uplinks that need not be in the quarantine any more. */
  toRelease(device: DeviceId): readonly number[] {
    return this.#statements.released.all(deviceId(device)).map(({ id }) => Number(id));
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  /** Whether it is not what another run left behind. */
  isOwn(): boolean {
    return this.#db.prepare('SELECT id FROM run').get()?.['id'] === this.#run;
  }
}

/** Takes a work file away, if it is there. */
export const removeWorkFile = (file: string): void => {
  for (const each of [file, `${file}-wal`, `${file}-shm`]) rmSync(each, { force: true });
};
