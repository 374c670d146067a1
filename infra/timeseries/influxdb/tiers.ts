import { families, instant, type DeviceId, type Instant, type Observation } from '../../../device-profiles/vocabulary/index.ts';
import type { RangeQuery, Tier } from '../contract.ts';
import { DAY_MS, dayOf, daysOf } from '../days.ts';
import { StoreUnavailable } from '../errors.ts';
import { HOUR_MS, hourOf } from '../hours.ts';
import { piecesOf, type Piece } from '../pieces.ts';
import { HourTally, type TierFlag } from '../samples.ts';
import type { InfluxClient } from './client.ts';
import { identifier, milliseconds } from './influxql.ts';
import { firstTime, floorLine, lineOf, measurementOf, readFloors, readRows, type MadeTier, type TierRow } from './tier-points.ts';

/** Reads observations in order of (device, time, quantity). */
export type ReadAll = (query: Omit<RangeQuery, 'limit' | 'after'>) => AsyncIterable<Observation>;

/** Lines of hours in one request. */
const LINES_AT_ONCE = 5_000;

/** Who is told what answers for a span. Rows of one quantity, site and flag come in order of time. */
export interface Visitor {
  readonly row: (tier: MadeTier, row: TierRow) => void;
  readonly raw: (observation: Observation) => void;
}

/**
 * Hours and days in InfluxDB: they are made when raw has to go, of what goes, and are never changed again. As long as raw is
 * there InfluxDB counts from it, which is what it is made for; so there is nothing to repair and nothing to forget at a kill.
 */
export class InfluxTiers {
  readonly #client: InfluxClient;
  readonly #read: ReadAll;
  #floors: Promise<Record<Tier, number>> | undefined;

  constructor(client: InfluxClient, read: ReadAll) {
    this.#client = client;
    this.#read = read;
  }

  /** What each tier has lost to its retention. @throws StoreUnavailable */
  async floors(): Promise<Readonly<Record<Tier, number>>> {
    this.#floors ??= readFloors(this.#client);
    try {
      return await this.#floors;
    } catch (error) {
      this.#floors = undefined;
      throw error;
    }
  }

  /**
   * Tells what answers for a span: hours or days, not coarser than `tier`, whose raw values have gone, and raw observations of
   * the rest. Where there is an hour, what came too late for it is left out.
   */
  async visit({ from, to, tier, devices, flag }: Piece & { readonly devices: readonly DeviceId[] | undefined; readonly flag: TierFlag }, visitor: Visitor): Promise<void> {
    for (const piece of piecesBefore({ from, to, tier }, await this.floors())) {
      const sealed = new Set<string>();
      const width = piece.tier === 'daily' ? DAY_MS : HOUR_MS;
      if (piece.tier !== 'raw') {
        const rows = await readRows(this.#client, piece.tier, { ...piece, devices });
        for (const row of rows) sealed.add(keyOf(row, width));
        for (const row of widest(rows, flag)) visitor.row(piece.tier, row);
      }
      for await (const observation of this.#read({ from: piece.from, to: piece.to, ...(devices === undefined ? {} : { devices }) }))
        if (!sealed.has(keyOf(observation, width))) visitor.raw(observation);
    }
  }

  /** Takes whole hours before a time from raw, and leaves hours of them. @throws StoreRefused, StoreUnavailable */
  async pruneRaw(before: Instant): Promise<{ readonly error: string } | undefined> {
    const floor = hourOf(before);
    // What a kill left behind is not the word on any hour. Where nothing can be deleted nothing shall seem to be.
    const error = await this.#delete('hourly', 'from', await this.#floor('raw'));
    if (error !== undefined) return error;
    await this.#seal(floor);
    if (floor > (await this.#floor('raw'))) await this.#raise('raw', floor);
    const results = await this.#client.tryQuery(families.map((family) => `DELETE FROM ${identifier(family)} WHERE time < ${milliseconds(floor)}`));
    return results.find((result) => 'error' in result);
  }

  /** Makes hours of raw observations before a time, but not of those that came when their hour was made and gone. */
  async #seal(floor: Instant): Promise<void> {
    const { raw, hourly } = await this.floors();
    const lines: string[] = [];
    for await (const { device, day, observations } of this.#daysOf({ to: floor })) {
      const inHours = day >= hourly;
      const rows = day >= raw ? [] : await readRows(this.#client, inHours ? 'hourly' : 'daily', { devices: [device], from: day, to: instant(day + DAY_MS) });
      const width = inHours ? HOUR_MS : DAY_MS;
      const sealed = new Set(rows.filter(({ time }) => time < raw).map((row) => keyOf(row, width)));
      const hours = tallied(device, observations.filter((observation) => !sealed.has(keyOf(observation, width))));
      lines.push(...(inHours ? hours.map((hour) => lineOf('hourly', hour)) : daysIn(hours).map((row) => lineOf('daily', row))));
      if (lines.length >= LINES_AT_ONCE) await this.#write(lines.splice(0));
    }
    await this.#write(lines);
  }

  /** Observations by device and UTC day. */
  async *#daysOf(span: { readonly to: Instant }): AsyncGenerator<{ readonly device: DeviceId; readonly day: Instant; readonly observations: readonly Observation[] }> {
    let open: { device: DeviceId; day: Instant; observations: Observation[] } | undefined;
    for await (const observation of this.#read(span)) {
      const [device, day] = [observation.device, dayOf(observation.time)];
      if (open?.device !== device || open.day !== day) {
        if (open !== undefined) yield open;
        open = { device, day, observations: [] };
      }
      open.observations.push(observation);
    }
    if (open !== undefined) yield open;
  }

  /** Takes whole days before a time from the hours, and leaves days of them. @throws StoreRefused, StoreUnavailable */
  async pruneHours(before: Instant): Promise<{ readonly error: string } | undefined> {
    const { raw, hourly } = await this.floors();
    if (raw === -Infinity) return undefined;
    const floor = dayOf(instant(Math.min(before, raw)));
    if (floor <= hourly) return undefined;
    const error = await this.#delete('daily', 'from', hourly);
    if (error !== undefined) return error;
    const first = await firstTime(this.#client, 'hourly');
    for (let day = dayOf(first ?? floor); day < floor; day = instant(day + DAY_MS)) {
      const rows = (await readRows(this.#client, 'hourly', { from: day, to: instant(day + DAY_MS) })).filter(({ time }) => time >= hourly);
      await this.#write(daysIn(await this.#withLate(rows, day)).map((row) => lineOf('daily', row)));
    }
    await this.#sealAlone(floor);
    await this.#raise('hourly', floor);
    return this.#delete('hourly', 'before', floor);
  }

  /** The hours of a day, and those that late observations make which have no hour. */
  async #withLate(rows: readonly TierRow[], day: Instant): Promise<readonly TierRow[]> {
    const sealed = new Set(rows.map((row) => keyOf(row, HOUR_MS)));
    const late = new Map<DeviceId, Observation[]>();
    for await (const observation of this.#read({ from: day, to: instant(day + DAY_MS) })) {
      if (sealed.has(keyOf(observation, HOUR_MS))) continue;
      const of = late.get(observation.device);
      if (of === undefined) late.set(observation.device, [observation]);
      else of.push(observation);
    }
    return [...rows, ...[...late].flatMap(([device, observations]) => tallied(device, observations))];
  }

  /** Makes days of late observations that have none by now. */
  async #sealAlone(floor: Instant): Promise<void> {
    for await (const { device, day, observations } of this.#daysOf({ to: floor })) {
      const rows = await readRows(this.#client, 'daily', { devices: [device], from: day, to: instant(day + DAY_MS) });
      if (rows.length === 0) await this.#write(daysIn(tallied(device, observations)).map((row) => lineOf('daily', row)));
    }
  }

  /** Takes whole days before a time, where their hours have gone. @throws StoreUnavailable */
  async pruneDays(before: Instant): Promise<{ readonly error: string } | undefined> {
    const { hourly, daily } = await this.floors();
    if (hourly === -Infinity) return undefined;
    const floor = dayOf(instant(Math.min(before, hourly)));
    if (floor <= daily) return undefined;
    await this.#raise('daily', floor);
    return this.#delete('daily', 'before', floor);
  }

  async #floor(tier: Tier): Promise<number> {
    return (await this.floors())[tier];
  }

  async #raise(tier: Tier, floor: Instant): Promise<void> {
    await this.#write([floorLine(tier, floor)]);
    this.#floors = Promise.resolve({ ...(await this.floors()), [tier]: floor });
  }

  /** Answers why not, when the store does not delete for us. */
  async #delete(tier: MadeTier, side: 'from' | 'before', time: number): Promise<{ readonly error: string } | undefined> {
    const condition = time === -Infinity ? '' : ` WHERE time ${side === 'from' ? '>=' : '<'} ${milliseconds(time)}`;
    const [result] = await this.#client.tryQuery([`DELETE FROM ${identifier(measurementOf[tier])}${condition}`]);
    return result !== undefined && 'error' in result ? result : undefined;
  }

  async #write(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const sent = await this.#client.write(lines);
    if (sent !== 'stored') throw new StoreUnavailable(`InfluxDB refuses hours that are to be kept: ${sent.refused}`);
  }
}

const keyOf = ({ device, time }: { readonly device: DeviceId; readonly time: Instant }, width: number): string => `${device} ${Math.floor(time / width)}`;

/** Hours are there from where raw has gone to where they have gone themselves, days before that. */
const piecesBefore = (piece: Piece, { raw, hourly, daily }: Readonly<Record<Tier, number>>): readonly Piece[] => {
  const byDay = piecesOf(piece, { hourlyFrom: hourly, dailyFrom: daily, until: piece.tier === 'daily' ? hourly : raw, touched: [] });
  if (piece.tier !== 'daily') return byDay;
  return byDay.flatMap((of) => (of.tier === 'daily' ? [of] : piecesOf({ ...of, tier: 'hourly' }, { hourlyFrom: hourly, dailyFrom: daily, until: raw, touched: [] })));
};

const tallied = (device: DeviceId, observations: readonly Observation[]): readonly TierRow[] => {
  const tally = new HourTally();
  for (const observation of observations) tally.add({ time: observation.time, site: observation.site, observations: [observation] });
  return tally.hours().map(({ minutes, ...hour }) => ({ ...hour, device, covered: minutes }));
};

/** Of the rows of one quantity, site and time the one for most flags, but not for more than asked for. */
const widest = (rows: readonly TierRow[], flag: TierFlag): readonly TierRow[] => {
  const found = new Map<string, TierRow>();
  for (const row of rows) {
    const key = `${keyOf(row, 1)} ${row.quantity} ${row.site ?? ''}`;
    if (row.flag <= flag && (found.get(key)?.flag ?? 0) < row.flag) found.set(key, row);
  }
  return [...found.values()].sort((a, b) => a.time - b.time);
};

/** The days of hours, for both kinds of flags. */
const daysIn = (hours: readonly TierRow[]): readonly TierRow[] => {
  const groups = Map.groupBy(hours, ({ device, quantity, site, time }) => `${device} ${quantity} ${dayOf(time)} ${site ?? ''}`);
  return [...groups.values()].flatMap((of) => [...dayFor(2, widest(of, 2)), ...(of.some(({ flag }) => flag === 3) ? dayFor(3, widest(of, 3)) : [])]);
};

const dayFor = (flag: TierFlag, hours: readonly TierRow[]): readonly TierRow[] => {
  const [[day], last] = [daysOf(hours), hours.at(-1)];
  if (day === undefined || last === undefined) return [];
  const { hours: bits, ...stats } = day;
  const { device, quantity, site, lastAt } = last;
  return [{ ...stats, device, quantity, site, flag, lastAt, covered: BigInt(bits) }];
};
