import { instant, type DeviceId, type Instant, type JudgedReading } from '../../../device-profiles/vocabulary/index.ts';
import type { Tier } from '../contract.ts';
import { hourOf } from '../hours.ts';
import type { InfluxClient } from './client.ts';
import { floorLine, markLine, madeLine, readFloors, readMarks, readRolled, rolledLine } from './tier-points.ts';

/** A mark on an hour, and which of those on it is the newest. */
export interface Mark {
  readonly device: DeviceId;
  readonly hour: Instant;
  readonly number: number;
}

interface Known {
  readonly floors: Record<Tier, number>;
  readonly until: Map<DeviceId, number>;
  /** By device and hour the number of its newest mark. */
  readonly marks: Map<DeviceId, Map<Instant, number>>;
}

/**
 * What is known of hours and days: up to where those of each device are made, which have been touched since, and what
 * retention has taken. It lies in the database and in memory. A mark is one point of two numbers, its own and that of the
 * mark up to which the hour is made, so it does not matter which of two requests comes first.
 */
export class TierState {
  readonly #client: InfluxClient;
  #loading: Promise<Known> | undefined;
  /** Outlive a new look into the database: those of a write that is on its way are not there yet. */
  readonly #marks: Known['marks'] = new Map();
  #number = 0;
  readonly #writing = new Set<Promise<unknown>>();
  /** Hours before `until` of these devices are being read: what is written to them meanwhile has to be marked. */
  #making: { readonly devices: ReadonlySet<DeviceId>; readonly until: number } | undefined;

  constructor(client: InfluxClient) {
    this.#client = client;
  }

  /** @throws StoreUnavailable */
  async known(): Promise<Readonly<Known>> {
    this.#loading ??= this.#load();
    try {
      return await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  async #load(): Promise<Known> {
    const [floors, until, marks] = [
      await readFloors(this.#client),
      await readRolled(this.#client),
      await readMarks(this.#client),
    ];
    this.#number = Math.max(this.#number, marks.highest);
    for (const [device, hours] of marks.pending)
      for (const [hour, number] of hours) this.#mark({ device, hour, number });
    return { floors, until, marks: this.#marks };
  }

  /** The database may be another one now. */
  forget(): void {
    this.#loading = undefined;
  }

  /** Up to where the hours of a device are there: made, or closed when their raw values went. */
  static until({ until, floors }: Pick<Known, 'until' | 'floors'>, device: DeviceId): number {
    return Math.max(until.get(device) ?? -Infinity, floors.raw);
  }

  /** The marks on hours of a device that have to be made anew: those before `until` whose raw values are there. */
  static touched({ marks, floors, until }: Known, device: DeviceId): readonly Mark[] {
    const end = TierState.until({ until, floors }, device);
    return [...(marks.get(device) ?? [])]
      .flatMap(([hour, number]) => (hour >= floors.raw && hour < end ? [{ device, hour, number }] : []))
      .sort((a, b) => a.hour - b.hour);
  }

  /**
   * Lines that go with a reading, in the same request: whatever happens to it, either both are there or it is written again.
   * One that is on time has none.
   */
  marksFor({ device, time }: Pick<JudgedReading, 'device' | 'time'>, known: Known): readonly string[] {
    const made = Math.max(
      TierState.until(known, device),
      this.#making?.devices.has(device) === true ? this.#making.until : -Infinity,
    );
    if (time >= made || time < known.floors.raw) return [];
    const hour = hourOf(time);
    this.#number += 1;
    const mark = { device, hour, number: this.#number };
    this.#mark(mark);
    return [markLine(mark)];
  }

  #mark({ device, hour, number }: Mark): void {
    const hours = this.#marks.get(device);
    if (hours === undefined) this.#marks.set(device, new Map([[hour, number]]));
    else hours.set(hour, Math.max(number, hours.get(hour) ?? 0));
  }

  /** Waits for a write whose marks were made; `making` waits for it too. */
  async while<T>(write: Promise<T>): Promise<T> {
    this.#writing.add(write);
    try {
      return await write;
    } finally {
      this.#writing.delete(write);
    }
  }

  /** From here on what is written to these hours is marked; all writes that began before are over when it resolves. */
  async making(devices: readonly DeviceId[], until: number): Promise<void> {
    this.#making = { devices: new Set(devices), until };
    await Promise.allSettled(this.#writing);
  }

  hasMade(): void {
    this.#making = undefined;
  }

  /** Hours were made anew. A mark that was renewed meanwhile stays. */
  async made(marks: readonly Mark[], write: (lines: readonly string[]) => Promise<void>): Promise<void> {
    await write(marks.map(madeLine));
    for (const { device, hour, number } of marks) {
      const hours = this.#marks.get(device);
      if (hours?.get(hour) === number) hours.delete(hour);
      if (hours?.size === 0) this.#marks.delete(device);
    }
  }

  /** The hours, and the days that end, before a time are made of these devices. */
  async roll(
    devices: readonly DeviceId[],
    until: Instant,
    write: (lines: readonly string[]) => Promise<void>,
  ): Promise<void> {
    await write(devices.map((device) => rolledLine(device, until)));
    const known = await this.known();
    for (const device of devices) known.until.set(device, until);
  }

  /** From now on a tier has nothing before a time. */
  async raise(tier: Tier, floor: Instant, write: (lines: readonly string[]) => Promise<void>): Promise<void> {
    await write([floorLine(tier, floor)]);
    const known = await this.known();
    known.floors[tier] = floor;
    if (tier !== 'raw') return;
    for (const [device, hours] of this.#marks) {
      for (const hour of hours.keys()) if (hour < floor) hours.delete(hour);
      if (hours.size === 0) this.#marks.delete(device);
    }
  }
}

/** What was read of marks: those that are pending, and the highest number of all. */
export interface Marks {
  readonly pending: Map<DeviceId, Map<Instant, number>>;
  readonly highest: number;
}

/** The earliest time that a reading can have. */
export const EARLIEST = instant(-8.64e15);
