import type { DeviceId, Instant, JudgedReading } from '../../../device-profiles/vocabulary/index.ts';
import type { Written } from '../contract.ts';
import { StoreRefused } from '../errors.ts';
import { notFinite } from '../finite.ts';
import type { ReadingsFile } from './file.ts';
import type { History } from './history.ts';
import { merge } from './merge.ts';
import { rowFor, type RowReader } from './row.ts';
import type { Streams } from './streams.ts';
import type { Tail } from './tail.ts';

/**
 * How many readings wait in `recent`. The more, the more of a device move together: twenty for each of 10,000
 * devices, which then cost a fifth more than a hundred do, where straight into `readings` they cost twice as much.
 * They take 25 MB of the disk, a few MB of memory, and at a start 0.4 s to find.
 */
export const RECENT_ROWS = 200_000;
/** Moved in one transaction at most: holds up a write for a few milliseconds. */
const MOVE_ROWS = 1_000;

export interface WriterParts {
  readonly file: ReadingsFile;
  readonly tail: Tail;
  readonly streams: Streams;
  readonly history: History;
  readonly decode: RowReader;
  readonly recentRows: number;
}

/** What a transaction has moved out of `recent`: how many rows of which device, and before which place nothing is left. */
interface Moved {
  readonly rows: readonly (readonly [DeviceId, number])[];
  readonly from: number;
}

/** What a transaction has done for one device; memory follows when it is committed. */
interface Stage {
  /** The time of its newest reading, this transaction included. */
  newest: Instant | undefined;
  /** Added to `recent`: where, and of what time. */
  recent: (readonly [place: number, time: Instant])[];
  /** Its rows of `recent` from before are in `readings` now. */
  settled: boolean;
}

/**
 * Takes readings in. One that is newer than all others of its device is new for certain and goes to `recent`; the rest
 * is looked up in `readings`.
 */
export class Writer {
  readonly #parts: WriterParts;
  /** The time of each device's newest reading, as far as asked for. */
  readonly #newest = new Map<DeviceId, Instant>();
  /** Rows of `recent` have places from here on, */
  #from = 1;
  /** and before here. */
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
    this.#from = first ?? this.#next;
  }

  /** As the contract's `write`, at once. */
  write(readings: readonly JudgedReading[]): readonly Written[] {
    const { file, streams } = this.#parts;
    const refused = new Map<number, string>();
    const kept: JudgedReading[] = [];
    const stages = new Map<DeviceId, Stage>();
    const { written, moved } = file.transaction(() => ({
      moved:
        this.#next - this.#from > this.#parts.recentRows
          ? this.#move(Math.min(MOVE_ROWS, readings.length * 2))
          : undefined,
      written: readings.map((reading, place) => {
        const why = notFinite(reading);
        if (why === undefined) return this.#writeOne(reading, stages, kept);
        refused.set(place, why);
        return undefined;
      }),
    }));
    // Only now: what was rolled back must not be seen.
    if (moved !== undefined) this.#hasMoved(moved);
    for (const [device, stage] of stages) this.#committed(device, stage);
    for (const reading of kept) streams.wrote(reading);
    if (refused.size > 0) throw new StoreRefused(refused, written);
    return written.filter((outcome) => outcome !== undefined);
  }

  /** Moves some of what lies in `recent` to where history lies; answers whether there is more. */
  settle(): boolean {
    this.#hasMoved(this.#parts.file.transaction(() => this.#move(MOVE_ROWS)));
    return !this.#parts.tail.empty;
  }

  #writeOne(reading: JudgedReading, stages: Map<DeviceId, Stage>, kept: JudgedReading[]): Written {
    const { device, time, observations } = reading;
    if (observations.length === 0) return 'duplicate';
    const stage = this.#stage(device, stages);
    if (stage.newest === undefined || time > stage.newest) {
      const place = this.#next++;
      this.#parts.file.append(place, device, rowFor(reading));
      stage.recent.push([place, time]);
      stage.newest = time;
      this.#keep(reading, kept);
      return 'stored';
    }
    this.#settleDevice(device, stage);
    const now = this.#insertOrMerge(reading);
    if (now === undefined) return 'duplicate';
    this.#keep(now, kept);
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

  #keep(reading: JudgedReading, kept: JudgedReading[]): void {
    const { file, streams } = this.#parts;
    for (const [device, quantity, day] of streams.newDays(reading) ?? []) file.keepDay(device, quantity, day);
    kept.push(reading);
  }

  #stage(device: DeviceId, stages: Map<DeviceId, Stage>): Stage {
    let stage = stages.get(device);
    if (stage === undefined) {
      stages.set(
        device,
        (stage = {
          newest: this.#newest.get(device) ?? this.#parts.history.newestTime(device),
          recent: [],
          settled: false,
        }),
      );
    }
    return stage;
  }

  /** A reading that is not the newest is looked up in `readings`: so all of its device has to be there. */
  #settleDevice(device: DeviceId, stage: Stage): void {
    const { file, tail } = this.#parts;
    if (!stage.settled) for (const place of tail.places(device)) file.settle(place);
    for (const [place] of stage.recent) file.settle(place);
    stage.settled = true;
    stage.recent = [];
  }

  #committed(device: DeviceId, { newest, recent, settled }: Stage): void {
    const { tail } = this.#parts;
    if (settled) tail.moved(device);
    for (const [place, time] of recent) tail.add(device, place, time);
    if (newest !== undefined) this.#newest.set(device, newest);
  }

  /** Moves up to `limit` rows, the device that has waited longest first. */
  #move(limit: number): Moved {
    const { file, tail } = this.#parts;
    const rows: (readonly [DeviceId, number])[] = [];
    let from = this.#next;
    let left = limit;
    for (const [device, { first, places }] of tail.waiting()) {
      const moving = places.slice(0, left);
      for (const place of moving) file.settle(place);
      if (moving.length > 0) rows.push([device, moving.length]);
      left -= moving.length;
      if (moving.length === places.length) continue;
      from = first;
      break;
    }
    file.dropRecent(from);
    return { rows, from };
  }

  #hasMoved({ rows, from }: Moved): void {
    for (const [device, count] of rows) this.#parts.tail.moved(device, count);
    this.#from = from;
  }
}
