import {
  instant,
  type Clock,
  type DeviceId,
  type Instant,
  type JudgedReading,
  type Observation,
} from '../../device-profiles/vocabulary/index.ts';
import { repeated, type Log } from '../logging/index.ts';
import { DeviceBuckets, intervalOf } from './buckets.ts';
import {
  LATEST_HORIZON_MS,
  type AggregateQuery,
  type Bucket,
  type LatestQuery,
  type Page,
  type RangeQuery,
  type TimeSeries,
  type Written,
} from './contract.ts';
import { cursorOf, positionOf, type Position } from './cursor.ts';
import { pace } from './pace.ts';
import { aggregateFlag, selectorOf, type Selector } from './selection.ts';
import { ReadingsFile, type Span } from './sqlite/file.ts';
import { History } from './sqlite/history.ts';
import { rowReader, type RowReader } from './sqlite/row.ts';
import { dayEnd, dayOf, dayStart, Streams } from './sqlite/streams.ts';
import { Tail } from './sqlite/tail.ts';
import { RECENT_ROWS, Writer } from './sqlite/writer.ts';

export interface SqliteTimeSeriesOptions {
  /** On a local disk; its folder exists. One process has it open. */
  readonly file: string;
  readonly log: Log;
  readonly clock: Clock;
  /** How many readings wait to move together; `RECENT_ROWS` unless given. */
  readonly recentRows?: number;
}

/** Rows read in one go: about 3 ms of work, between which others get their turn. */
const READ_ROWS = 1_000;
/** When looking for a device's newest values: nearly always the newest row has them all, else the rows just before it. */
const LOOK_BACK_ROWS = [1, 64, READ_ROWS] as const;
/** Dropped in one transaction: holds up a write for a few milliseconds at most. */
const DROP = { rows: 1_000, devices: 250 } as const;
/** The same trouble is said again after an hour. */
const QUIET_MS = 3_600_000;
/** What Date can hold. */
const [EARLIEST, FAR] = [instant(-8.64e15), instant(8.64e15)];

/**
 * Observations in one SQLite file, for one process. A write is on the disk when it resolves.
 * @throws KerbsideError `timeseries-newer` when a later version wrote the file, `timeseries-corrupt` when it is damaged
 * or no time series, and what `openSqlite` throws.
 */
export const openSqliteTimeSeries = (options: SqliteTimeSeriesOptions): TimeSeries => new SqliteTimeSeries(options);

/** What to read of each device: from a position on, so many rows in one go. */
interface Scan extends Omit<Span, 'device'> {
  readonly after?: Position | undefined;
  readonly rows: number;
}

class SqliteTimeSeries implements TimeSeries {
  readonly #file: ReadingsFile;
  readonly #writer: Writer;
  readonly #history: History;
  readonly #streams = new Streams();
  readonly #decode: RowReader;

  constructor({ file, log, clock, recentRows = RECENT_ROWS }: SqliteTimeSeriesOptions) {
    const complain = repeated(log, QUIET_MS, () => clock.now());
    this.#decode = rowReader((quantity) =>
      complain(
        'quantity-unknown',
        { quantity },
        'the time series holds a quantity that this version does not know; it is left out',
      ),
    );
    this.#file = new ReadingsFile(file);
    const tail = new Tail();
    this.#history = new History(this.#file, tail);
    this.#writer = new Writer({
      file: this.#file,
      tail,
      streams: this.#streams,
      history: this.#history,
      decode: this.#decode,
      recentRows,
    });
  }

  async write(readings: readonly JudgedReading[]): Promise<readonly Written[]> {
    return this.#writer.write(readings);
  }

  async range({ from = EARLIEST, to = FAR, limit, after, ...selection }: RangeQuery): Promise<Page> {
    const selector = selectorOf(selection);
    const position = after === undefined ? undefined : positionOf(after);
    const observations: Observation[] = [];
    for await (const readings of this.#chunks(selector, {
      from,
      to,
      after: position,
      rows: Math.min(READ_ROWS, limit + 1),
    })) {
      for (const { observations: judgments, ...reading } of readings) {
        for (const judged of judgments) {
          if (!selector.judged(judged) || isPassed(position, reading, judged)) continue;
          const last = observations[limit - 1];
          if (last !== undefined) return { observations, next: cursorOf(last) };
          observations.push({ ...reading, ...judged });
        }
      }
    }
    return { observations };
  }

  /** Counted here and not by SQLite, which is as fast over all quantities but lets nobody else run meanwhile. */
  async aggregate({ from, to, everyMs, aggregate, ...selection }: AggregateQuery): Promise<readonly Bucket[]> {
    const selector = selectorOf({ ...selection, maxFlag: aggregateFlag(selection.maxFlag) });
    const buckets: Bucket[] = [];
    let gathered = new DeviceBuckets();
    let device: DeviceId | undefined;
    for await (const readings of this.#chunks(selector, { from, to, rows: READ_ROWS })) {
      for (const reading of readings) {
        if (reading.device !== device) {
          if (device !== undefined) buckets.push(...gathered.finish(device, aggregate));
          device = reading.device;
          gathered = new DeviceBuckets();
        }
        const interval = intervalOf(reading.time, everyMs);
        for (const judged of reading.observations) {
          if (judged.value.kind === 'measured' && selector.judged(judged))
            gathered.add(judged.quantity, interval, judged.value.value);
        }
      }
    }
    if (device !== undefined) buckets.push(...gathered.finish(device, aggregate));
    return buckets;
  }

  async latest({ now, ...selection }: LatestQuery): Promise<readonly Observation[]> {
    const selector = selectorOf(selection);
    const horizon = instant(now - LATEST_HORIZON_MS);
    const breathe = pace();
    const found: Observation[] = [];
    for (const device of this.#streams.devices()) {
      if (!selector.device(device)) continue;
      this.#lookBack(device, horizon);
      for (const observation of this.#streams.newest(device)) {
        if (observation.time >= horizon && selector.site(observation.site) && selector.judged(observation))
          found.push(observation);
      }
      await breathe();
    }
    return found;
  }

  /** Brings a device's newest observations into memory: mostly by one row, at the very most by a day of rows for each quantity. */
  #lookBack(device: DeviceId, horizon: Instant): void {
    for (;;) {
      const day = this.#streams.unreadDay(device, dayOf(horizon));
      if (day === undefined) return;
      this.#lookAtDay(device, day);
      this.#streams.looked(device, day);
    }
  }

  #lookAtDay(device: DeviceId, day: number): void {
    let to = dayEnd(day);
    for (let step = 0; ; step += 1) {
      const limit = LOOK_BACK_ROWS[step] ?? READ_ROWS;
      const rows = this.#history.newest({ device, from: dayStart(day), to }, limit);
      for (const row of rows) {
        const reading = this.#decode(device, row);
        this.#streams.read(reading);
        to = reading.time;
      }
      if (rows.length < limit || this.#streams.unreadDay(device, day) === undefined) return;
    }
  }

  /** The selected devices' readings at the selected sites, in order, some at a time. */
  async *#chunks(selector: Selector, { from, to, after, rows: limit }: Scan): AsyncGenerator<readonly JudgedReading[]> {
    const breathe = pace();
    for (const device of this.#streams.devices()) {
      if (!selector.device(device) || (after !== undefined && device < after.device)) continue;
      let next = device === after?.device && after.time > from ? after.time : from;
      for (;;) {
        const rows = this.#history.oldest({ device, from: next, to }, limit);
        const readings = rows.map((row) => this.#decode(device, row, selector.quantity));
        yield readings.filter(({ site }) => selector.site(site));
        await breathe();
        const last = readings.at(-1);
        if (last === undefined || rows.length < limit) break;
        next = instant(last.time + 1);
      }
    }
  }

  async prune(before: Instant): Promise<number> {
    const breathe = pace();
    let total = 0;
    while (this.#writer.settle()) await breathe();
    // Device by device as the file has them: also those whose datastreams are forgotten already.
    for (let device = this.#file.nextDevice(''); device !== undefined;) {
      const step = this.#dropSome(device, before);
      total += step.dropped;
      device = step.next;
      await breathe();
    }
    this.#file.transaction(() => this.#file.forgetDays(dayOf(before)));
    this.#streams.forgetBefore(before);
    return total;
  }

  #dropSome(first: DeviceId, before: Instant): { readonly dropped: number; readonly next: DeviceId | undefined } {
    return this.#file.transaction(() => {
      let device: DeviceId | undefined = first;
      let dropped = 0;
      for (let seen = 0; device !== undefined && seen < DROP.devices && dropped < DROP.rows; seen += 1) {
        dropped += this.#file.drop(device, before, DROP.rows - dropped);
        if (dropped < DROP.rows) device = this.#file.nextDevice(device);
      }
      return { dropped, next: device };
    });
  }

  async close(): Promise<void> {
    this.#file.close();
  }
}

/** Whether an earlier page gave it. */
const isPassed = (
  position: Position | undefined,
  { device, time }: { device: DeviceId; time: Instant },
  { quantity }: { quantity: string },
): boolean =>
  position !== undefined && device === position.device && time === position.time && quantity <= position.quantity;
