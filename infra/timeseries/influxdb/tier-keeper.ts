import {
  families,
  instant,
  type Clock,
  type DeviceId,
  type Instant,
  type Observation,
} from '../../../device-profiles/vocabulary/index.ts';
import { DAY_MS, dayOf } from '../days.ts';
import { StoreUnavailable } from '../errors.ts';
import { HOUR_MS, hourOf, MINUTE_MS } from '../hours.ts';
import type { InfluxClient } from './client.ts';
import { identifier, milliseconds } from './influxql.ts';
import { inGroups, knownDevices } from './reader.ts';
import { goneLine, lineOf, measurementOf, readRows, TOUCHED, type MadeTier, type TierRow } from './tier-points.ts';
import { daysIn, keyOf, rowKey, runsOf, tallied, WIDTH } from './tier-rows.ts';
import { EARLIEST, TierState, type Mark } from './tier-state.ts';
import type { ReadAll } from './tiers.ts';

/** Lines in one request. */
const LINES_AT_ONCE = 5_000;
/** Devices whose hours are made together. */
const DEVICES_AT_ONCE = 64;
/** Days of hours that are read to be made into days. */
const DAYS_AT_ONCE = 31;
/** An hour is made so long after its end: what is said in its last minutes is there by then, and does not touch it. */
const SETTLED_MS = 15 * MINUTE_MS;

export interface KeeperParts {
  readonly client: InfluxClient;
  readonly state: TierState;
  readonly read: ReadAll;
  readonly clock: Clock;
}

/** What a statement came to that InfluxDB does not do for us. */
type Undone = { readonly error: string } | undefined;

/** Makes hours and days in InfluxDB, and takes away what retention has ended. One thing at a time. */
export class TierKeeper {
  readonly #parts: KeeperParts;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Makes what is due; answers how many hours of devices. */
  rollUp(): Promise<number> {
    return this.#alone(() => this.#rollUp(EARLIEST));
  }

  pruneRaw(before: Instant): Promise<Undone> {
    return this.#alone(() => this.#pruneRaw(hourOf(before)));
  }

  pruneHours(before: Instant): Promise<Undone> {
    return this.#alone(() => this.#pruneHours(before));
  }

  pruneDays(before: Instant): Promise<Undone> {
    return this.#alone(() => this.#pruneDays(before));
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #rollUp(complete: Instant): Promise<number> {
    const { client, state, clock } = this.#parts;
    const known = await state.known();
    const target = instant(Math.max(hourOf(instant(clock.now() - SETTLED_MS)), complete));
    const marked = [...known.marks.keys()].flatMap((device) => TierState.touched(known, device));
    const devices = [...new Set([...(await knownDevices(client)), ...known.until.keys()])];
    const behind = devices.filter((device) => TierState.until(known, device) < target);
    if (marked.length === 0 && behind.length === 0) return 0;
    await state.making(behind, target);
    try {
      const again = await this.#again(marked);
      const groups = Map.groupBy(behind, (device) => TierState.until(known, device));
      let further = 0;
      for (const [from, all] of groups) {
        for (const group of inGroups(all.toSorted(), DEVICES_AT_ONCE))
          further += await this.#further(group, { from: from === -Infinity ? undefined : instant(from), to: target });
      }
      return again + further;
    } finally {
      state.hasMade();
    }
  }

  /** Makes touched hours anew, and their days. */
  async #again(marks: readonly Mark[]): Promise<number> {
    const { state, client, read } = this.#parts;
    for (const [device, of] of Map.groupBy(marks, (mark) => mark.device)) {
      const hours = of.map(({ hour }) => hour);
      for (const { from, to } of runsOf(hours, HOUR_MS)) {
        const span = { devices: [device], from, to: instant(to) };
        const observations: Observation[] = [];
        for await (const observation of read(span)) observations.push(observation);
        await this.#replace('hourly', await readRows(client, 'hourly', span), tallied(device, observations));
      }
      const until = TierState.until(await state.known(), device);
      const days = [...new Set(hours.map(dayOf))].filter((day) => day + DAY_MS <= until);
      await this.#makeDays([device], days);
      await state.made(of, (lines) => this.#write(lines));
    }
    return marks.length;
  }

  /** Makes the hours of devices that end in a span, and the days. */
  async #further(
    devices: readonly DeviceId[],
    { from, to }: { readonly from: Instant | undefined; readonly to: Instant },
  ): Promise<number> {
    const { client, state } = this.#parts;
    const span = { devices, to, ...(from === undefined ? {} : { from }) };
    // What a kill left behind has to go where it is not made again.
    const left = new Map((await readRows(client, 'hourly', span)).map((row) => [rowKey(row), row]));
    const lines: string[] = [];
    const hours = new Set<string>();
    // The day that was under way may be over.
    const days = new Set<Instant>(from === undefined ? [] : [dayOf(from)]);
    for await (const { device, day, observations } of this.#daysOf(span)) {
      days.add(day);
      for (const row of tallied(device, observations)) {
        hours.add(keyOf(row, HOUR_MS));
        left.delete(rowKey(row));
        lines.push(lineOf('hourly', row));
      }
      if (lines.length >= LINES_AT_ONCE) await this.#write(lines.splice(0));
    }
    await this.#write([...lines, ...[...left.values()].map((row) => goneLine('hourly', row))]);
    for (const { time } of left.values()) days.add(dayOf(time));
    await this.#makeDays(
      devices,
      [...days].filter((day) => day + DAY_MS <= to),
    );
    await state.roll(devices, to, (rolled) => this.#write(rolled));
    return hours.size;
  }

  /** Of the hours that are there. */
  async #makeDays(devices: readonly DeviceId[], days: readonly Instant[]): Promise<void> {
    const { client } = this.#parts;
    for (const { from, to } of runsOf(
      days.toSorted((a, b) => a - b),
      DAY_MS,
    )) {
      for (let begin = from; begin < to; begin = instant(begin + DAYS_AT_ONCE * DAY_MS)) {
        const span = { devices, from: begin, to: instant(Math.min(to, begin + DAYS_AT_ONCE * DAY_MS)) };
        await this.#replace(
          'daily',
          await readRows(client, 'daily', span),
          daysIn(await readRows(client, 'hourly', span)),
        );
      }
    }
  }

  async #replace(tier: MadeTier, before: readonly TierRow[], now: readonly TierRow[]): Promise<void> {
    const left = new Map(before.map((row) => [rowKey(row), row]));
    for (const row of now) left.delete(rowKey(row));
    await this.#write([
      ...now.map((row) => lineOf(tier, row)),
      ...[...left.values()].map((row) => goneLine(tier, row)),
    ]);
  }

  /** Observations by device and UTC day. */
  async *#daysOf(span: Parameters<ReadAll>[0]): AsyncGenerator<{
    readonly device: DeviceId;
    readonly day: Instant;
    readonly observations: readonly Observation[];
  }> {
    let open: { device: DeviceId; day: Instant; observations: Observation[] } | undefined;
    for await (const observation of this.#parts.read(span)) {
      const [device, day] = [observation.device, dayOf(observation.time)];
      if (open?.device !== device || open.day !== day) {
        if (open !== undefined) yield open;
        open = { device, day, observations: [] };
      }
      open.observations.push(observation);
    }
    if (open !== undefined) yield open;
  }

  /** Takes whole hours before a time from raw, when they are made. @throws StoreUnavailable */
  async #pruneRaw(floor: Instant): Promise<Undone> {
    const { client, state } = this.#parts;
    const refusal = await this.#cannotDelete();
    if (refusal !== undefined) return refusal;
    await this.#rollUp(floor);
    // First of all: from here on a late reading changes nothing in an hour whose readings may be half gone.
    if (floor > (await state.known()).floors.raw) await state.raise('raw', floor, (lines) => this.#write(lines));
    await this.#sealLate(floor);
    const gone = [...families, TOUCHED].map(
      (name) => `DELETE FROM ${identifier(name)} WHERE time < ${milliseconds(floor)}`,
    );
    return (await client.tryQuery(gone)).find((result) => 'error' in result);
  }

  /** Where nothing can be deleted nothing shall seem to be: asks for something to go that is not there. */
  async #cannotDelete(): Promise<Undone> {
    const [result] = await this.#parts.client.tryQuery([
      `DELETE FROM ${identifier(measurementOf.hourly)} WHERE time < ${milliseconds(EARLIEST_HELD)}`,
    ]);
    return result !== undefined && 'error' in result ? result : undefined;
  }

  /** Makes hours of observations that came so late that raw had gone, where their device has no such hour; or days, where hours have gone. */
  async #sealLate(floor: Instant): Promise<void> {
    const { client, state } = this.#parts;
    const { hourly } = (await state.known()).floors;
    for await (const { device, day, observations } of this.#daysOf({ to: floor })) {
      const tier = day >= hourly ? 'hourly' : 'daily';
      const rows = await readRows(client, tier, { devices: [device], from: day, to: instant(day + DAY_MS) });
      const sealed = new Set(rows.map((row) => keyOf(row, WIDTH[tier])));
      const hours = tallied(
        device,
        observations.filter((observation) => !sealed.has(keyOf(observation, WIDTH[tier]))),
      );
      if (hours.length === 0) continue;
      await this.#write((tier === 'hourly' ? hours : daysIn(hours)).map((row) => lineOf(tier, row)));
      if (tier === 'hourly' && day + DAY_MS <= TierState.until(await state.known(), device))
        await this.#makeDays([device], [day]);
    }
  }

  /** Takes whole days before a time from the hours; their days stay. @throws StoreUnavailable */
  async #pruneHours(before: Instant): Promise<Undone> {
    const { state } = this.#parts;
    const { raw, hourly } = (await state.known()).floors;
    if (raw === -Infinity) return undefined;
    const floor = dayOf(instant(Math.min(before, raw)));
    if (floor <= hourly) return undefined;
    // Late observations of whole days that have no day yet, and of hours that have none, are in days before their hours go.
    await this.#sealLate(floor);
    await state.raise('hourly', floor, (lines) => this.#write(lines));
    return this.#drop('hourly', floor);
  }

  /** Takes whole days before a time, where their hours have gone. @throws StoreUnavailable */
  async #pruneDays(before: Instant): Promise<Undone> {
    const { state } = this.#parts;
    const { hourly, daily } = (await state.known()).floors;
    if (hourly === -Infinity) return undefined;
    const floor = dayOf(instant(Math.min(before, hourly)));
    if (floor <= daily) return undefined;
    await state.raise('daily', floor, (lines) => this.#write(lines));
    return this.#drop('daily', floor);
  }

  async #drop(tier: MadeTier, floor: Instant): Promise<Undone> {
    const [result] = await this.#parts.client.tryQuery([
      `DELETE FROM ${identifier(measurementOf[tier])} WHERE time < ${milliseconds(floor)}`,
    ]);
    return result !== undefined && 'error' in result ? result : undefined;
  }

  async #write(lines: readonly string[]): Promise<void> {
    for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
      const sent = await this.#parts.client.write(lines.slice(at, at + LINES_AT_ONCE));
      if (sent !== 'stored') throw new StoreUnavailable(`InfluxDB refuses hours that are to be kept: ${sent.refused}`);
    }
  }
}

/** The first moment that InfluxDB can hold, in whole milliseconds: 1677. */
const EARLIEST_HELD = -9_223_372_036_854;
