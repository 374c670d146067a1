import {
  instant,
  type DeviceId,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../../device-profiles/vocabulary/index.ts';
import type { Tier } from '../contract.ts';
import { DAY_MS, dayOf, daysOf } from '../days.ts';
import { HOUR_MS, hourOf } from '../hours.ts';
import type { Extent } from '../pieces.ts';
import { HourTally, type TierFlag, type TierHour } from '../samples.ts';
import type { ReadingsFile } from './file.ts';
import type { History } from './history.ts';
import type { RowReader } from './row.ts';
import type { Stats, Stream } from './tier-tables.ts';

/** What Date can hold. */
const [EARLIEST, FAR] = [instant(-8.64e15), instant(8.64e15)];

export interface TiersParts {
  readonly file: ReadingsFile;
  readonly history: History;
  readonly decode: RowReader;
}

/** Hours of one device, made ready to be written. */
export interface Roll {
  readonly device: DeviceId;
  readonly hours: readonly TierHour[];
  /** Hours that had been made, and are made anew. */
  readonly anew: readonly Instant[];
  /** Everything before is made when this is written. */
  readonly until: Instant;
  /** What it cost: readings that were looked at. */
  readonly rows: number;
}

/**
 * The hours and days of all devices: which are made, which have been touched since, and how they are made. Memory holds
 * what the last commit left; whoever writes calls the `has...` of it after the commit.
 */
export class Tiers {
  readonly #parts: TiersParts;
  readonly #until = new Map<DeviceId, Instant>();
  /** Of each device its touched hours, and whether they are due. */
  readonly #touched = new Map<DeviceId, Map<Instant, boolean>>();
  readonly #streams = new Map<DeviceId, readonly Stream[]>();
  readonly #floors: Record<Tier, number> = { raw: -Infinity, hourly: -Infinity, daily: -Infinity };

  constructor(parts: TiersParts) {
    this.#parts = parts;
    const { tiers } = parts.file;
    for (const [device, until] of tiers.rolled()) this.#until.set(device, until);
    for (const [device, hour, due] of tiers.touched()) this.#mark(device, hour, due);
    for (const [device, stream] of tiers.streams()) this.#addStreams(device, [stream]);
    const floors = tiers.floors();
    for (const tier of ['raw', 'hourly', 'daily'] as const) this.#floors[tier] = floors.get(tier) ?? -Infinity;
  }

  /** Devices that have ever had an hour, in no order. */
  devices(): Iterable<DeviceId> {
    return this.#streams.keys();
  }

  /** A device's quantities at their sites. */
  streams(device: DeviceId): readonly Stream[] {
    return this.#streams.get(device) ?? [];
  }

  extent(device: DeviceId): Extent {
    return {
      hourlyFrom: this.#floors.hourly,
      dailyFrom: this.#floors.daily,
      until: this.#until.get(device) ?? -Infinity,
      touched: this.#due(device, FAR),
    };
  }

  #due(device: DeviceId, before: Instant): readonly Instant[] {
    const touched = this.#touched.get(device);
    if (touched === undefined) return [];
    return [...touched].flatMap(([hour, due]) => (due && hour < before ? [hour] : [])).toSorted((a, b) => a - b);
  }

  /**
   * Within the transaction in which a reading is written: its hour, when it has to be made anew and did not have to before.
   * An hour whose readings have gone can not be made anew, and stays as it is.
   */
  touch(device: DeviceId, time: Instant): Instant | undefined {
    const until = this.#until.get(device);
    if (until === undefined || time >= until) return undefined;
    const hour = hourOf(time);
    if (this.#touched.get(device)?.get(hour) === true || this.#isSealed(device, hour)) return undefined;
    this.#parts.file.tiers.touch(device, hour, true);
    return hour;
  }

  hasTouched(hours: readonly (readonly [DeviceId, Instant])[]): void {
    for (const [device, hour] of hours) this.#mark(device, hour, true);
  }

  /** Whether an hour was made of readings that have gone since. */
  #isSealed(device: DeviceId, hour: Instant): boolean {
    if (hour >= this.#floors.raw) return false;
    const { tiers } = this.#parts.file;
    const touched = this.#touched.get(device);
    if (hour >= this.#floors.hourly)
      return (
        touched?.has(hour) !== true && this.streams(device).some(({ stream }) => tiers.has('hourly', stream, hour))
      );
    const day = dayOf(hour);
    for (const open of touched?.keys() ?? []) if (dayOf(open) === day) return false;
    return this.streams(device).some(({ stream }) => tiers.has('daily', stream, day));
  }

  /**
   * The next hours of a device that are due: those touched first, then those that are complete because its newest reading
   * is later, or because they lie before `complete`. Undefined when nothing is due.
   * @throws KerbsideError `timeseries-unreadable` when a row is.
   */
  next(device: DeviceId, complete: Instant, limit: number): Roll | undefined {
    const { history } = this.#parts;
    const until = this.#until.get(device) ?? EARLIEST;
    const touched = this.#due(device, FAR);
    if (touched.length > 0) return this.#again(device, touched, limit);
    const newest = history.newestTime(device);
    if (newest === undefined) return undefined;
    const target = instant(Math.max(hourOf(newest), complete));
    if (target <= until || hourOf(newest) < until) return undefined;
    return this.#further(device, { from: until, to: target }, limit);
  }

  #again(device: DeviceId, touched: readonly Instant[], limit: number): Roll {
    const tally = new HourTally();
    const anew: Instant[] = [];
    let rows = 0;
    for (const hour of touched) {
      if (rows >= limit) break;
      rows += this.#read(device, { from: hour, to: instant(hour + HOUR_MS) }, tally) + 1;
      anew.push(hour);
    }
    return { device, hours: tally.hours(), anew, until: this.#until.get(device) ?? EARLIEST, rows };
  }

  #further(device: DeviceId, { from, to }: { readonly from: Instant; readonly to: Instant }, limit: number): Roll {
    const { history, decode } = this.#parts;
    const tally = new HourTally();
    const rows = history.oldest({ device, from, to }, limit);
    const [first, last] = [rows[0], rows.at(-1)];
    // A full answer may have been cut within its last hour: that is left for the next time, unless it is all there is.
    let until = rows.length < limit || last === undefined ? to : hourOf(last.time);
    const whole = first !== undefined && until <= hourOf(first.time);
    if (whole) until = instant(hourOf(first.time) + HOUR_MS);
    if (whole) this.#read(device, { from, to: until }, tally);
    else for (const row of rows) if (row.time < until) tally.add(decode(device, row));
    return { device, hours: tally.hours(), anew: [], until, rows: rows.length };
  }

  /** Adds all readings of a span; answers how many. */
  #read(device: DeviceId, { from, to }: { readonly from: Instant; readonly to: Instant }, tally: HourTally): number {
    const { history, decode } = this.#parts;
    let count = 0;
    for (let next = from; ;) {
      const rows = history.oldest({ device, from: next, to }, HOUR_ROWS);
      for (const row of rows) tally.add(decode(device, row));
      count += rows.length;
      const last = rows.at(-1);
      if (last === undefined || rows.length < HOUR_ROWS) return count;
      next = instant(last.time + 1);
    }
  }

  /** Writes hours that were made, in one transaction and before anything else is written. */
  write(rolls: readonly Roll[]): void {
    const done = this.#parts.file.transaction(() => rolls.map((roll) => this.#writeOne(roll)));
    for (const then of done) then();
  }

  /** Answers what memory has to do after the commit. */
  #writeOne({ device, hours, anew, until }: Roll): () => void {
    const { tiers } = this.#parts.file;
    const before = this.#until.get(device) ?? EARLIEST;
    const streams = [...this.streams(device)];
    const streamOf = (quantity: QuantityId, site: SiteId | null): Stream => {
      const known = streams.find((stream) => stream.quantity === quantity && stream.site === site);
      if (known !== undefined) return known;
      const added = tiers.addStream(device, quantity, site);
      streams.push(added);
      return added;
    };
    for (const hour of anew) for (const { stream } of streams) tiers.take('hourly', stream, hour);
    for (const { quantity, site, minutes, ...hour } of hours)
      tiers.put('hourly', streamOf(quantity, site).stream, { ...hour, covered: minutes });
    const touched = new Set(
      [...anew, ...hours.map(({ time }) => time), ...(before < until && before > EARLIEST ? [before] : [])].map(dayOf),
    );
    for (const day of touched) if (day + DAY_MS <= until) this.#makeDay(streams, day);
    if (until !== before) tiers.roll(device, until);
    // Below the floor, of readings that came after those of its hours had gone: until these go too, a late one counts.
    const open = new Set([...anew, ...hours.map(({ time }) => time)].filter((hour) => hour < this.#floors.raw));
    for (const hour of open) tiers.touch(device, hour, false);
    for (const hour of anew) if (!open.has(hour)) tiers.untouch(device, hour);
    return () => {
      this.#streams.set(device, streams);
      if (until !== before) this.#until.set(device, until);
      for (const hour of open) this.#mark(device, hour, false);
      for (const hour of anew) if (!open.has(hour)) this.#unmark(device, hour);
    };
  }

  /** Of the hours that are there. */
  #makeDay(streams: readonly Stream[], day: Instant): void {
    const { tiers } = this.#parts.file;
    for (const { stream } of streams) {
      tiers.take('daily', stream, day);
      const rows = tiers.stats('hourly', { stream, from: day, to: instant(day + DAY_MS), flag: 3 });
      const good = rows.filter(({ flag }) => flag === 2);
      this.#putDay(stream, 2, good);
      if (good.length < rows.length) this.#putDay(stream, 3, widest(rows));
    }
  }

  #putDay(stream: number, flag: TierFlag, hours: readonly Stats[]): void {
    const [day] = daysOf(hours);
    const last = hours.at(-1);
    if (day === undefined || last === undefined) return;
    this.#parts.file.tiers.put('daily', stream, { ...day, flag, lastAt: last.lastAt, covered: BigInt(day.hours) });
  }

  /** Whether everything that a device said before a time is in hours and days. */
  isMade(device: DeviceId, before: Instant): boolean {
    if (this.#due(device, before).length > 0) return false;
    const until = this.#until.get(device) ?? EARLIEST;
    return until >= before || this.#parts.history.oldest({ device, from: until, to: before }, 1).length === 0;
  }

  /** From now on a tier has nothing before a time. Answers the time, or undefined when it had nothing before. */
  raise(tier: Tier, before: Instant): Instant | undefined {
    if (before <= this.#floors[tier]) return undefined;
    this.#parts.file.transaction(() => this.#parts.file.tiers.setFloor(tier, before));
    this.#floors[tier] = before;
    return before;
  }

  /** Where a tier begins: what retention has left. */
  floor(tier: Tier): number {
    return this.#floors[tier];
  }

  /** Within a transaction that takes away what hours before a time were made of: they can not be made anew after it. */
  close(device: DeviceId, before: Instant): void {
    if (this.#touched.has(device)) this.#parts.file.tiers.untouchBefore(device, before);
  }

  hasClosed(device: DeviceId, before: Instant): void {
    for (const hour of this.#touched.get(device)?.keys() ?? []) if (hour < before) this.#unmark(device, hour);
  }

  #mark(device: DeviceId, hour: Instant, due: boolean): void {
    const hours = this.#touched.get(device);
    if (hours === undefined) this.#touched.set(device, new Map([[hour, due]]));
    else hours.set(hour, due);
  }

  #unmark(device: DeviceId, hour: Instant): void {
    const hours = this.#touched.get(device);
    hours?.delete(hour);
    if (hours?.size === 0) this.#touched.delete(device);
  }

  #addStreams(device: DeviceId, streams: readonly Stream[]): void {
    this.#streams.set(device, [...this.streams(device), ...streams]);
  }
}

/** Readings of one hour that are read in one go; an hour may have more. */
const HOUR_ROWS = 4_000;

/** Of the rows for one time the one for most flags. */
export const widest = (rows: readonly Stats[]): readonly Stats[] =>
  rows.filter(({ time }, place) => rows[place + 1]?.time !== time);
