import {
  instant,
  type Clock,
  type DeviceId,
  type Instant,
  type JudgedReading,
  type Observation,
} from '../../device-profiles/vocabulary/index.ts';
import { repeated, type Log } from '../logging/index.ts';
import {
  LATEST_HORIZON_MS,
  type AggregateQuery,
  type Bucket,
  type LatestQuery,
  type Page,
  type RangeQuery,
  type Selection,
  type StatsQuery,
  type Tier,
  type TimeSeries,
  type Withdrawal,
  type Written,
} from './contract.ts';
import { cursorOf, positionOf, type Position } from './cursor.ts';
import type { Day } from './days.ts';
import type { Hour } from './hours.ts';
import { pace } from './pace.ts';
import { selectorOf, type Selector } from './selection.ts';
import { deviceBuckets, deviceDays, deviceHours, type AggregatorParts } from './sqlite/aggregate.ts';
import { ReadingsFile, type Span } from './sqlite/file.ts';
import { History } from './sqlite/history.ts';
import { Keeper } from './sqlite/keeper.ts';
import { Reader, READ_ROWS } from './sqlite/reader.ts';
import { rowReader, type RowReader } from './sqlite/row.ts';
import { dayEnd, dayOf, dayStart, Streams } from './sqlite/streams.ts';
import { Tail } from './sqlite/tail.ts';
import { Tiers } from './sqlite/tiers.ts';
import { RECENT_ROWS, Writer } from './sqlite/writer.ts';

export interface SqliteTimeSeriesOptions {
  /** On a local disk; its folder exists. One process has it open. */
  readonly file: string;
  readonly log: Log;
  readonly clock: Clock;
  /** How many readings wait to move together; `RECENT_ROWS` unless given. */
  readonly recentRows?: number;
}

/** When looking for a device's newest values: nearly always the newest row has them all, else the rows just before it. */
const LOOK_BACK_ROWS = [1, 64, READ_ROWS] as const;
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
  readonly #tiers: Tiers;
  readonly #keeper: Keeper;
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
    this.#tiers = new Tiers({ file: this.#file, history: this.#history, decode: this.#decode });
    this.#keeper = new Keeper({
      file: this.#file,
      tiers: this.#tiers,
      complain: (device, error) =>
        complain(error.code, { device }, `the hours of a device cannot be made: ${error.message}`),
    });
    this.#writer = new Writer({
      file: this.#file,
      tail,
      streams: this.#streams,
      history: this.#history,
      tiers: this.#tiers,
      decode: this.#decode,
      recentRows,
    });
  }

  async write(readings: readonly JudgedReading[]): Promise<readonly Written[]> {
    return this.#writer.write(readings);
  }

  async withdraw(values: readonly Withdrawal[]): Promise<void> {
    if (values.length > 0) this.#writer.withdraw(values);
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

  aggregate(query: AggregateQuery): Promise<readonly Bucket[]> {
    return this.#eachDevice(query, (device) => deviceBuckets(this.#parts(), device, query));
  }

  hours(query: StatsQuery): Promise<readonly Hour[]> {
    return this.#eachDevice(query, (device) => deviceHours(this.#parts(), device, query));
  }

  days(query: StatsQuery): Promise<readonly Day[]> {
    return this.#eachDevice(query, (device) => deviceDays(this.#parts(), device, query));
  }

  /** What is known of the selected devices, in order. A device whose readings have all gone is still in the tiers. */
  async #eachDevice<Row>(
    { devices }: Selection,
    ask: (device: DeviceId) => Promise<readonly Row[]>,
  ): Promise<readonly Row[]> {
    const known = devices ?? [...this.#streams.devices(), ...this.#tiers.devices()];
    const rows: Row[][] = [];
    const breathe = pace();
    for (const device of [...new Set(known)].sort()) {
      rows.push([...(await ask(device))]);
      await breathe();
    }
    return rows.flat();
  }

  #parts(): AggregatorParts {
    return { file: this.#file, tiers: this.#tiers, reader: new Reader(this.#history, this.#decode) };
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
  async *#chunks(selector: Selector, { from, to, after, rows }: Scan): AsyncGenerator<readonly JudgedReading[]> {
    const reader = new Reader(this.#history, this.#decode);
    for (const device of this.#streams.devices()) {
      if (!selector.device(device) || (after !== undefined && device < after.device)) continue;
      const first = device === after?.device && after.time > from ? after.time : from;
      yield* reader.readings(device, { from: first, to, rows }, selector);
    }
  }

  rollUp(): Promise<number> {
    return this.#keeper.rollUp([...new Set([...this.#streams.devices(), ...this.#tiers.devices()])]);
  }

  async prune(before: Instant, tier: Tier = 'raw'): Promise<number> {
    if (tier !== 'raw')
      return this.#keeper.pruneTier(tier, before, [...new Set([...this.#streams.devices(), ...this.#tiers.devices()])]);
    const breathe = pace();
    while (this.#writer.settle()) await breathe();
    const { dropped, floor } = await this.#keeper.pruneRaw(before);
    this.#file.transaction(() => this.#file.forgetDays(dayOf(floor)));
    this.#streams.forgetBefore(floor);
    return dropped;
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
