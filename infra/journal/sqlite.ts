import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  Conflict,
  KerbsideError,
  type Clock,
  type Instant,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import { repeated, type Log } from '../logging/index.ts';
import { sqliteFault } from '../sqlite/index.ts';
import { Consumer } from './consumer.ts';
import { JournalBroken, JournalFull } from './contract.ts';
import type {
  Appended,
  ConsumerName,
  Consumption,
  Entry,
  Following,
  FollowingQuery,
  Journal,
  JournalQuery,
  JournalStats,
} from './contract.ts';
import { GroupCommit } from './group-commit.ts';
import { following, newest, read, type HistoryParts } from './history.ts';
import { corruptFile, JournalFile, type Cursors } from './journal-file.ts';
import { RecentIds } from './recent-ids.ts';
import { prune } from './retention.ts';
import { Tail } from './tail.ts';
import { weightOf } from './uplink-row.ts';
import { Watermark, WATERMARK_CHECK_MS } from './watermark.ts';

export interface SqliteJournalOptions {
  /** On a local disk; its folder exists. `-wal` and `-shm` lie beside it. */
  readonly file: string;
  /** How long handled uplinks are kept, by their time of receipt. */
  readonly retentionMs: number;
  /** How large the file may grow before the oldest handled uplinks go, older than `retentionMs` or not. */
  readonly maxBytes: number;
  /** Free bytes on the file's disk below which new uplinks are refused; 0 never refuses. */
  readonly minFreeBytes: number;
  /** How long an uplink waits for others to share its commit, in milliseconds; 0 waits for what has already arrived. */
  readonly groupMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Free bytes on the file's disk; asks the operating system unless given. */
  readonly freeBytes?: () => number;
}

/**
 * How many of the newest uplinks a repeated message is compared with. In memory (3.6 MB), because an index on disk
 * would cost more than the message itself. At 500 messages a second it covers the last three minutes; a repeat that
 * comes later is kept as a second entry, and it is the time series that stores it once, by its phenomenon time.
 */
export const RECENT_AT_MOST = 100_000;
/** Entries among which times of receipt ahead of the clock are looked for: a burst gives one millisecond to each, up to ten minutes. */
const AHEAD_AMONG = 600_000;
/** What one batch of a consumer holds at most: what a store writes in one go without holding up the doors. */
const BATCH = { entries: 1_000, bytes: 4 * 1024 * 1024 };
/** What is kept in memory for consumers that keep up: a few batches. */
const TAIL = { entries: 8_192, bytes: 16 * 1024 * 1024 };
/** How long a moved cursor may wait to be written: what a crash hands over again, to handlers that are idempotent. */
const CURSOR_MS = 200;
/** How often what is too old or too much is looked for. */
const PRUNE_MS = 60_000;
/** A trouble that goes on is said again after this. */
const QUIET_MS = 60_000;
const NO_CURSORS: Cursors = new Map();

/**
 * The journal in one SQLite file, for one process. An append is answered after the COMMIT, with fsync, of the group
 * that it shares; neither a kill nor a power cut loses what was answered.
 *
 * Whoever opens it keeps a second process off: two would give the same numbers, and refuse each other's uplinks.
 *
 * @throws KerbsideError `journal-corrupt` when it is damaged or no journal, `journal-newer` when a later version wrote
 * it, and what `openSqlite` throws.
 */
export const openSqliteJournal = (options: SqliteJournalOptions): Journal => new SqliteJournal(options);

class SqliteJournal implements Journal {
  readonly #options: SqliteJournalOptions;
  readonly #file: JournalFile;
  readonly #recent = new RecentIds(RECENT_AT_MOST);
  readonly #tail = new Tail(TAIL);
  readonly #groups: GroupCommit;
  readonly #watermark: Watermark;
  readonly #cursors: Map<ConsumerName, number>;
  readonly #consumers = new Map<ConsumerName, Consumer>();
  readonly #history: HistoryParts;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #complain: ReturnType<typeof repeated>;
  #last: number;
  #broken = false;
  /** Set while a cursor has moved that is not yet written. */
  #cursorTimer: NodeJS.Timeout | undefined;
  #cursorsDue = false;
  #pruning: Promise<number> | undefined;
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(options: SqliteJournalOptions) {
    const { file, minFreeBytes, groupMs, clock, log } = options;
    const { freeBytes = () => freeOn(dirname(file)) } = options;
    this.#options = options;
    this.#complain = repeated(log, QUIET_MS, () => clock.now());
    this.#file = new JournalFile(file);
    try {
      this.#last = this.#file.last();
      this.#cursors = this.#file.cursors();
      for (const id of this.#file.ids(this.#last - RECENT_AT_MOST + 1)) this.#recent.add(id);
    } catch (error) {
      this.#file.close();
      throw sqliteFault(error) === 'corrupt' || error instanceof KerbsideError ? corruptFile(file, error) : error;
    }
    this.#watermark = new Watermark({ minFreeBytes, freeBytes, becameFull: () => this.#pruneByItself(), log });
    this.#groups = new GroupCommit({ groupMs, recent: this.#recent, commit: (uplinks) => this.#commit(uplinks) });
    this.#history = { file: this.#file, last: () => this.#last, closed: () => this.#closed };
    this.#timers = [
      setInterval(() => this.#tick(), WATERMARK_CHECK_MS),
      setInterval(() => this.#pruneByItself(), PRUNE_MS),
    ];
    for (const timer of this.#timers) timer.unref();
    if (!this.#watermark.roomFor(options.maxBytes - this.#file.usedBytes())) {
      log.warn(
        { maxBytes: options.maxBytes, minFreeBytes },
        'the disk will be full before the journal reaches its limit and drops old uplinks: lower journal.maxBytes',
      );
    }
    this.#watermark.check();
  }

  append(uplinks: readonly Uplink[]): Promise<readonly Appended[]> {
    if (this.#closing !== undefined) return Promise.reject(new JournalBroken('the journal is closed'));
    if (this.#watermark.full && !this.#groups.allDurable(uplinks)) {
      return Promise.reject(new JournalFull('the disk is nearly full: nothing new is taken until there is room'));
    }
    return this.#groups.append(uplinks);
  }

  consume(name: ConsumerName, handle: (batch: readonly Entry[]) => Promise<void>): Consumption {
    if (this.#closing !== undefined) throw new JournalBroken('the journal is closed');
    if (this.#consumers.has(name)) throw new Conflict('consumer-exists', `"${name}" is consuming the journal already`);
    const consumer = new Consumer({
      name,
      cursor: this.#cursors.get(name) ?? 0,
      handle,
      batch: (seq) => this.#batch(seq),
      moved: (name, seq) => this.#moved(name, seq),
      stopped: () => {
        this.#consumers.delete(name);
        this.#keepCursors();
      },
      log: this.#options.log,
    });
    this.#consumers.set(name, consumer);
    return consumer;
  }

  read(query: JournalQuery): AsyncIterable<Entry> {
    return read(this.#history, query);
  }

  ahead(now: Instant): ReadonlyMap<string, Instant> {
    return this.#file.ahead(this.#last - AHEAD_AMONG + 1, now);
  }

  newest(query: Parameters<Journal['newest']>[0]): Promise<readonly Entry[]> {
    return newest(this.#history, query);
  }

  following(query: FollowingQuery): Promise<Following> {
    return following(this.#history, query);
  }

  stats(): JournalStats {
    if (this.#closed) throw new JournalBroken('the journal is closed');
    const first = this.#file.at(0);
    const refusing = this.#watermark.full ? 'journal-full' : this.#broken ? 'journal-broken' : undefined;
    return {
      entries: first === undefined ? 0 : this.#last - first.seq + 1,
      last: this.#last,
      bytes: this.#file.usedBytes(),
      backlog: this.#last - this.#handled(),
      ...(first === undefined ? {} : { oldest: first.receivedAt }),
      accepting: refusing === undefined,
      ...(refusing === undefined ? {} : { refusing }),
    };
  }

  /** Two that are asked for at once are one. */
  prune(): Promise<number> {
    if (this.#closing !== undefined) return Promise.reject(new JournalBroken('the journal is closed'));
    this.#pruning ??= this.#prune().finally(() => {
      this.#pruning = undefined;
    });
    return this.#pruning;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#groups.flush();
    const ending = await Promise.allSettled([
      ...[...this.#consumers.values()].map((consumer) => consumer.stop()),
      this.#pruning,
    ]);
    clearTimeout(this.#cursorTimer);
    this.#closed = true;
    this.#file.close();
    for (const end of ending)
      if (end.status === 'rejected')
        this.#options.log.warn({ err: end.reason }, 'the journal was closed with something unfinished');
  }

  /** Called by the group when it is complete. @throws JournalBroken when the disk refused; then nothing of it was kept. */
  #commit(uplinks: readonly Uplink[]): void {
    this.#write(uplinks, this.#cursorsDue);
    let bytes = 0;
    for (const uplink of uplinks) {
      this.#last += 1;
      this.#tail.push({ seq: this.#last, uplink });
      bytes += weightOf(uplink);
    }
    this.#watermark.wrote(bytes);
    for (const consumer of this.#consumers.values()) consumer.wake();
  }

  #write(uplinks: readonly Uplink[], withCursors: boolean): void {
    try {
      this.#file.write(this.#last + 1, uplinks, withCursors ? this.#cursors : NO_CURSORS);
    } catch (cause) {
      this.#broken = true;
      this.#complain(
        'journal-broken',
        { err: cause },
        'the journal could not be written: nothing is acknowledged until it can',
      );
      if (sqliteFault(cause) === 'full') this.#watermark.check();
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new JournalBroken(`the journal could not be written (${detail}): nothing of this was kept`, { cause });
    }
    if (withCursors) this.#cursorsWritten();
    if (!this.#broken) return;
    this.#broken = false;
    this.#options.log.info('the journal can be written again');
  }

  #batch(seq: number): readonly Entry[] {
    if (seq > this.#last) return [];
    return this.#tail.from(seq, BATCH) ?? this.#file.batch(seq, BATCH);
  }

  #moved(name: ConsumerName, seq: number): void {
    this.#cursors.set(name, seq);
    this.#tail.release(this.#handled());
    this.#cursorTimer ??= setTimeout(() => this.#cursorsAreDue(), CURSOR_MS);
  }

  /** The place up to which every consumer has come. */
  #handled(): number {
    return Math.min(...this.#cursors.values());
  }

  /** With the group that is being collected, or by themselves when nothing comes in. */
  #cursorsAreDue(): void {
    this.#cursorsDue = true;
    // Where a group was refused just now, cursors might still fit; writing them would say that all is well again.
    if (this.#groups.flush() && (!this.#cursorsDue || this.#broken)) return;
    try {
      this.#keepCursors();
    } catch {
      // Said by `#write`, and tried again by `#tick`.
    }
  }

  /** @throws JournalBroken when the disk refuses. */
  #keepCursors(): void {
    if (this.#cursorTimer !== undefined) this.#write([], true);
  }

  #cursorsWritten(): void {
    clearTimeout(this.#cursorTimer);
    this.#cursorTimer = undefined;
    this.#cursorsDue = false;
  }

  /** Once a second: looks at the disk, and tries whether a journal that could not be written can be again. */
  #tick(): void {
    this.#watermark.check();
    if (!this.#broken) return;
    try {
      this.#write([], true);
    } catch {
      // Said by `#write`, and tried again at the next tick.
    }
  }

  #pruneByItself(): void {
    if (this.#closing !== undefined) return;
    this.prune().catch((err: unknown) =>
      this.#complain('journal-prune', { err }, 'old uplinks could not be dropped: it is tried again'),
    );
  }

  async #prune(): Promise<number> {
    const { clock, retentionMs, maxBytes } = this.#options;
    return prune({
      file: this.#file,
      clock,
      retentionMs,
      maxBytes,
      cursors: () => this.#cursors,
      full: () => this.#watermark.full,
      stopped: () => this.#closing !== undefined,
    });
  }
}

const freeOn = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};
