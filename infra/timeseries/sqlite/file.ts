import type { DatabaseSync } from 'node:sqlite';
import {
  deviceId,
  instant,
  isQuantityId,
  KerbsideError,
  type DeviceId,
  type Instant,
  type QuantityId,
} from '../../../device-profiles/vocabulary/index.ts';
import { openSqlite, sqliteFault } from '../../sqlite/index.ts';
import { StoreUnavailable } from '../errors.ts';
import { rowOf, textOf, type Row, type RowText } from './row.ts';
import { assertOurs, prepare, TABLES } from './schema.ts';
import { TierTables } from './tier-tables.ts';

/** Enough for what a batch touches; measured with 10,000 devices, three times as much made nothing faster. */
const CACHE_BYTES = 16 * 1024 * 1024;

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
  readonly tiers: TierTables;
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #file: string;

  /** @throws KerbsideError `timeseries-newer`, `timeseries-corrupt`, and what `openSqlite` throws. */
  constructor(file: string) {
    this.#file = file;
    this.#db = openSqlite(file, { cacheBytes: CACHE_BYTES });
    try {
      assertOurs(this.#db, file);
      this.#db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; BEGIN IMMEDIATE; ${TABLES}; COMMIT`);
      this.#statements = prepare(this.#db);
      this.#statements.texts.setReturnArrays(true);
      this.tiers = new TierTables(this.#db, (work) => this.#try(work));
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

  /** Oldest first, without what a sum does not need. */
  texts({ device, from, to }: Span, limit: number): RowText[] {
    return this.#try(() => this.#statements.texts.all(device, from, to, limit).map(textOf));
  }

  /** Newest first. */
  newest({ device, from, to }: Span, limit: number): Row[] {
    return this.#try(() => this.#statements.newest.all(device, from, to, limit).map(rowOf));
  }

  /** Drops up to `limit` of a device's oldest readings; answers how many. */
  drop(device: DeviceId, before: Instant, limit: number): number {
    return Number(this.#statements.drop.run(device, device, before, limit).changes);
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

  /** The time of the newest reading in a span that has a quantity. */
  lastTimeWith(quantity: QuantityId, { device, from, to }: Span): Instant | undefined {
    const time = this.#try(() => this.#statements.lastTimeWith.get(device, from, to, `"${quantity}":`)?.['time']);
    return typeof time === 'number' ? instant(time) : undefined;
  }

  /** The day is known to be that one, although a later one was kept. */
  setDay(device: DeviceId, quantity: QuantityId, day: number): void {
    this.#statements.setDay.run(day, device, quantity);
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
      if (
        typeof device === 'string' &&
        typeof quantity === 'string' &&
        typeof day === 'number' &&
        isQuantityId(quantity)
      ) {
        yield [deviceId(device), quantity, day];
      }
    }
  }

  get isOpen(): boolean {
    return this.#db.isOpen;
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
    if (fault === 'corrupt')
      return new KerbsideError('timeseries-corrupt', `${this.#file} is damaged: stop, and restore it from a backup`, {
        cause: error,
      });
    return new StoreUnavailable(
      fault === 'full' ? `the disk of ${this.#file} is full` : `${this.#file} takes nothing now (${fault})`,
      { cause: error },
    );
  }
}
