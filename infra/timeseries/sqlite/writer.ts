import type { DeviceId, Instant, JudgedReading, QuantityId } from '../../../device-profiles/vocabulary/index.ts';
import type { Withdrawal, Written } from '../contract.ts';
import { StoreRefused } from '../errors.ts';
import { notFinite } from '../finite.ts';
import type { ReadingsFile } from './file.ts';
import type { History } from './history.ts';
import { merge } from './merge.ts';
import { rowFor, type RowReader } from './row.ts';
import { dayOf, type Streams } from './streams.ts';
import type { Tail } from './tail.ts';
import type { Tiers } from './tiers.ts';
import { lastDayOf, without } from './withdraw.ts';

/**
 * How many readings wait in `recent`. The more, the more of a device move together: twenty for each of 10,000
 * devices, which then cost 11 us a reading of five values, where straight into `readings` they cost 33.
 * They take 25 MB of the disk, a few MB of memory, and at a start 0.4 s to find.
 */
export const RECENT_ROWS = 200_000;
/** Moved, and dropped, in one transaction at most: each holds up a write for a few milliseconds. */
const [MOVE_ROWS, DROP_ROWS] = [1_000, 4_000];

export interface WriterParts {
  readonly file: ReadingsFile;
  readonly tail: Tail;
  readonly streams: Streams;
  readonly history: History;
  readonly tiers: Tiers;
  readonly decode: RowReader;
  readonly recentRows: number;
}

/** What a transaction has moved out of `recent`. */
interface Moved {
  /** How many rows of which device. */
  readonly rows: readonly (readonly [DeviceId, number])[];
  /** Before this place nothing waits any more, */
  readonly waitsFrom: number;
  /** and before this one nothing is there. */
  readonly liesFrom: number;
}

/** What a transaction has done for one device. */
interface Stage {
  /** The time of its newest reading, this transaction included. */
  newest: Instant | undefined;
  /** Its rows of `recent` before this place are in `readings` now; undefined when it was not looked at. */
  settledBefore: number | undefined;
}

/** What a transaction has done; memory follows when it is committed. */
interface Batch {
  readonly stages: Map<DeviceId, Stage>;
  /** Added to `recent`, in the order of their places, which is the order in which they have to wait. */
  readonly appended: (readonly [place: number, device: DeviceId, time: Instant])[];
  readonly kept: JudgedReading[];
  /** Hours that have to be made anew. */
  readonly touched: (readonly [DeviceId, Instant])[];
}

/**
 * Takes readings in. One that is newer than all others of its device is new for certain and goes to `recent`; the rest
 * is looked up in `readings`.
 */
export class Writer {
  readonly #parts: WriterParts;
  /** The time of each device's newest reading, as far as asked for. */
  readonly #newest = new Map<DeviceId, Instant>();
  /** Rows of `recent` lie from here on: some that have moved already, */
  #liesFrom = 1;
  /** from here on some that wait, */
  #waitsFrom = 1;
  /** to before here. */
  #next = 1;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    for (const [device, quantity, day] of parts.file.days()) parts.streams.learn(device, quantity, day);
    this.#findWaiting();
  }

  /** After a start: which rows of `recent` have not moved. Those that have are not newer than what `readings` has. */
  #findWaiting(): void {
    const { file, tail } = this.#parts;
    const settled = new Map<DeviceId, Instant | undefined>();
    let first: number | undefined;
    for (const { place, device, time } of file.recent()) {
      first ??= place;
      this.#next = place + 1;
      if (!settled.has(device)) settled.set(device, file.newestTime(device));
      if (time > (settled.get(device) ?? -Infinity)) tail.add(device, place, time);
    }
    this.#liesFrom = first ?? this.#next;
    this.#waitsFrom = this.#liesFrom;
  }

  /** As the contract's `write`, at once. */
  write(readings: readonly JudgedReading[]): readonly Written[] {
    const { file, streams } = this.#parts;
    const refused = new Map<number, string>();
    const batch: Batch = { stages: new Map(), appended: [], kept: [], touched: [] };
    const { written, moved } = file.transaction(() => ({
      moved: this.#move(this.#isFull() ? Math.min(MOVE_ROWS, readings.length * 2) : 0),
      written: readings.map((reading, place) => {
        const why = notFinite(reading);
        if (why === undefined) return this.#writeOne(reading, batch);
        refused.set(place, why);
        return undefined;
      }),
    }));
    // Only now: what was rolled back must not be seen.
    this.#hasMoved(moved);
    this.#hasWritten(batch);
    this.#parts.tiers.hasTouched(batch.touched);
    for (const reading of batch.kept) streams.wrote(reading);
    if (refused.size > 0) throw new StoreRefused(refused, written);
    return written.filter((outcome) => outcome !== undefined);
  }

  /** As the contract's `withdraw`, at once. */
  withdraw(values: readonly Withdrawal[]): void {
    const { file, streams, tiers } = this.#parts;
    const batch: Batch = { stages: new Map(), appended: [], kept: [], touched: [] };
    const days = file.transaction(() => {
      const gone = new Map<DeviceId, Map<QuantityId, Instant>>();
      for (const value of values) this.#withdrawOne(value, batch, gone);
      return [...gone].flatMap(([device, quantities]) =>
        [...quantities].flatMap(([quantity, time]) => {
          if (streams.lastDay(device, quantity) !== dayOf(time)) return [];
          const day = lastDayOf(file, { device, quantity, before: time });
          file.setDay(device, quantity, day);
          return [[device, quantity, day] as const];
        }),
      );
    });
    this.#hasWritten(batch);
    tiers.hasTouched(batch.touched);
    for (const [device, quantities] of Map.groupBy(values, ({ device }) => device))
      for (const { time, quantities: names } of quantities)
        for (const quantity of names) streams.withdrew(device, quantity, time);
    for (const [device, quantity, day] of days) streams.lastSaid(device, quantity, day);
  }

  #withdrawOne(
    { device, time, quantities }: Withdrawal,
    batch: Batch,
    gone: Map<DeviceId, Map<QuantityId, Instant>>,
  ): void {
    const { file, decode, tiers } = this.#parts;
    this.#settleDevice(device, this.#stage(device, batch.stages), batch.appended);
    const row = file.at(device, time);
    const left = row === undefined ? undefined : without(decode(device, row), new Set(quantities));
    if (left === undefined) return;
    file.replace(device, rowFor(left));
    const hour = tiers.touch(device, time);
    if (hour !== undefined) batch.touched.push([device, hour]);
    let newest = gone.get(device);
    if (newest === undefined) gone.set(device, (newest = new Map()));
    for (const quantity of quantities) if (time >= (newest.get(quantity) ?? -Infinity)) newest.set(quantity, time);
  }

  /** Moves some of what lies in `recent` to where history lies; answers whether there is more. */
  settle(): boolean {
    this.#hasMoved(this.#parts.file.transaction(() => this.#move(MOVE_ROWS)));
    return !this.#parts.tail.empty || this.#liesFrom < this.#waitsFrom;
  }

  #isFull(): boolean {
    return this.#next - this.#waitsFrom > this.#parts.recentRows;
  }

  #writeOne(reading: JudgedReading, batch: Batch): Written {
    const { stages, appended } = batch;
    const { device, time, observations } = reading;
    if (observations.length === 0) return 'duplicate';
    const stage = this.#stage(device, stages);
    if (stage.newest === undefined || time > stage.newest) {
      const place = this.#next++;
      this.#parts.file.append(place, device, rowFor(reading));
      appended.push([place, device, time]);
      stage.newest = time;
      this.#keep(reading, batch);
      return 'stored';
    }
    this.#settleDevice(device, stage, appended);
    const now = this.#insertOrMerge(reading);
    if (now === undefined) return 'duplicate';
    this.#keep(now, batch);
    return 'stored';
  }

  /** What is there now for the time; undefined when that did not change. */
  #insertOrMerge(reading: JudgedReading): JudgedReading | undefined {
    const { file, decode } = this.#parts;
    const { device, time } = reading;
    if (file.insert(device, rowFor(reading))) return reading;
    const row = file.at(device, time);
    const merged = row === undefined ? undefined : merge(decode(device, row), reading);
    if (merged !== undefined) file.replace(device, rowFor(merged));
    return merged;
  }

  #keep(reading: JudgedReading, { kept, touched }: Batch): void {
    const { file, streams, tiers } = this.#parts;
    for (const [device, quantity, day] of streams.newDays(reading) ?? []) file.keepDay(device, quantity, day);
    const hour = tiers.touch(reading.device, reading.time);
    if (hour !== undefined) touched.push([reading.device, hour]);
    kept.push(reading);
  }

  #stage(device: DeviceId, stages: Map<DeviceId, Stage>): Stage {
    let stage = stages.get(device);
    if (stage === undefined) {
      const newest = this.#newest.get(device) ?? this.#parts.history.newestTime(device);
      stages.set(device, (stage = { newest, settledBefore: undefined }));
    }
    return stage;
  }

  /** A reading that is not the newest is looked up in `readings`: so all of its device has to be there. */
  #settleDevice(device: DeviceId, stage: Stage, appended: Batch['appended']): void {
    const { file, tail } = this.#parts;
    const { settledBefore } = stage;
    if (settledBefore === undefined) for (const place of tail.places(device)) file.settle(place);
    for (const [place, of] of appended) if (of === device && place >= (settledBefore ?? 0)) file.settle(place);
    stage.settledBefore = this.#next;
  }

  #hasWritten({ stages, appended }: Batch): void {
    const { tail } = this.#parts;
    for (const [device, { newest, settledBefore }] of stages) {
      if (settledBefore !== undefined) tail.moved(device);
      if (newest !== undefined) this.#newest.set(device, newest);
    }
    for (const [place, device, time] of appended) {
      if (place >= (stages.get(device)?.settledBefore ?? 0)) tail.add(device, place, time);
    }
  }

  /** Moves up to `limit` rows, the device that has waited longest first, and drops what moved, now or earlier. */
  #move(limit: number): Moved {
    const { file, tail } = this.#parts;
    const rows: (readonly [DeviceId, number])[] = [];
    let waitsFrom = this.#next;
    let left = limit;
    for (const [device, { first, places }] of tail.waiting()) {
      const moving = places.slice(0, left);
      for (const place of moving) file.settle(place);
      if (moving.length > 0) rows.push([device, moving.length]);
      left -= moving.length;
      if (moving.length === places.length) continue;
      waitsFrom = first;
      break;
    }
    const liesFrom = Math.min(waitsFrom, this.#liesFrom + DROP_ROWS);
    if (liesFrom > this.#liesFrom) file.dropRecent(liesFrom);
    return { rows, waitsFrom, liesFrom };
  }

  #hasMoved({ rows, waitsFrom, liesFrom }: Moved): void {
    for (const [device, count] of rows) this.#parts.tail.moved(device, count);
    this.#waitsFrom = waitsFrom;
    this.#liesFrom = liesFrom;
  }
}
