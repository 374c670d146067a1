import {
  instant,
  type Clock,
  type DeviceId,
  type Instant,
  type Observation,
} from '../../../device-profiles/vocabulary/index.ts';
import type { RangeQuery } from '../contract.ts';
import { DAY_MS, dayOf } from '../days.ts';
import { HOUR_MS } from '../hours.ts';
import { piecesOf, type Piece } from '../pieces.ts';
import type { TierFlag } from '../samples.ts';
import type { InfluxClient } from './client.ts';
import { knownDevices } from './reader.ts';
import { TierKeeper } from './tier-keeper.ts';
import type { MadeTier, RowsWhere, TierRow } from './tier-points.ts';
import { keyOf, runsOf, widest, WIDTH } from './tier-rows.ts';
import { TierState } from './tier-state.ts';

/** Reads observations in order of (device, time, quantity). */
export type ReadAll = (query: Pick<RangeQuery, 'devices' | 'from' | 'to'>) => AsyncIterable<Observation>;

/** A row of a tier, of which somebody needs more than where it belongs. */
type AnyRow = Pick<TierRow, 'device' | 'quantity' | 'site' | 'flag' | 'time'>;

/** Who is told what answers for a span, and how rows are read for it. Rows of one quantity, site and flag come in order of time. */
export interface Visitor<Row extends AnyRow> {
  readonly read: (tier: MadeTier, where: RowsWhere) => Promise<readonly Row[]>;
  readonly row: (tier: MadeTier, row: Row) => void;
  readonly raw: (observation: Observation) => void;
}

/** Devices whose hours are made up to the same time. */
export interface Alike {
  /** Undefined: all that there are. */
  readonly devices: readonly DeviceId[] | undefined;
  /** What lies before it is in hours, but for those that have been touched since. */
  readonly until: number;
}

export interface Visit extends Piece, Alike {
  readonly flag: TierFlag;
}

/**
 * Hours and days in InfluxDB: made of raw in the background, device by device, and made anew where they were touched. What
 * is not made yet, or touched, is read from raw.
 */
export class InfluxTiers {
  readonly #client: InfluxClient;
  readonly #read: ReadAll;
  readonly state: TierState;
  readonly keeper: TierKeeper;

  constructor(client: InfluxClient, read: ReadAll, clock: Clock) {
    this.#client = client;
    this.#read = read;
    this.state = new TierState(client);
    this.keeper = new TierKeeper({ client, read, clock, state: this.state });
  }

  /** Devices by how far their hours are made: most are in one group. */
  async alike(devices: readonly DeviceId[] | undefined): Promise<readonly Alike[]> {
    const known = await this.state.known();
    const all = devices ?? [...new Set([...(await knownDevices(this.#client)), ...known.until.keys()])];
    const groups = [...Map.groupBy(all, (device) => TierState.until(known, device))];
    return groups.map(([until, of]) => ({
      until,
      devices: devices === undefined && groups.length === 1 ? undefined : of,
    }));
  }

  /**
   * Tells what answers for a span: hours or days, not coarser than `tier`, and raw observations where there are none. Where an
   * hour is closed because its raw values have gone, what came too late for it is left out.
   */
  async visit<Row extends AnyRow>(
    { from, to, tier, devices, flag, until }: Visit,
    visitor: Visitor<Row>,
  ): Promise<void> {
    const known = await this.state.known();
    const { raw, hourly, daily } = known.floors;
    const late = from < raw ? await this.#lateIn({ from, to: instant(Math.min(to, raw)) }, devices) : [];
    const touched = (devices ?? [...known.marks.keys()]).flatMap((device) =>
      TierState.touched(known, device).map(({ hour }) => ({ device, time: hour })),
    );
    for (const piece of piecesOf({ from, to, tier }, { hourlyFrom: hourly, dailyFrom: daily, until, touched: [] })) {
      const within = <At extends { readonly time: Instant }>(all: readonly At[]): readonly At[] =>
        all.filter(({ time }) => time >= piece.from && time < piece.to);
      if (piece.tier === 'raw') await this.#tellRaw(piece, devices, visitor.raw);
      else if (piece.tier === 'hourly')
        await this.#tellHours({ ...piece, devices, flag, touched: within(touched), late: within(late) }, visitor);
      else
        await this.#tellDays(
          { ...piece, devices, flag, touched: within(touched), late: within(late), hourly },
          visitor,
        );
    }
  }

  /** Raw observations where raw has gone: what came too late. */
  async #lateIn(
    span: Pick<Piece, 'from' | 'to'>,
    devices: readonly DeviceId[] | undefined,
  ): Promise<readonly Observation[]> {
    const late: Observation[] = [];
    await this.#tellRaw(span, devices, (observation) => late.push(observation));
    return late;
  }

  async #tellRaw(
    { from, to }: Pick<Piece, 'from' | 'to'>,
    devices: readonly DeviceId[] | undefined,
    tell: (observation: Observation) => void,
  ): Promise<void> {
    for await (const observation of this.#read({ from, to, ...(devices === undefined ? {} : { devices }) }))
      tell(observation);
  }

  async #tellHours<Row extends AnyRow>(
    { from, to, devices, flag, touched, late }: Part,
    visitor: Visitor<Row>,
  ): Promise<void> {
    const rows = await visitor.read('hourly', { devices, from, to, flag: flagIn(flag, late) });
    const apart = new Set(touched.map((each) => keyOf(each, HOUR_MS)));
    for (const row of widest(rows, flag))
      if (apart.size === 0 || !apart.has(keyOf(row, HOUR_MS))) visitor.row('hourly', row);
    for (const [device, of] of Map.groupBy(touched, (each) => each.device))
      for (const run of runsOf(
        of.map(({ time }) => time),
        HOUR_MS,
      ))
        await this.#tellRaw({ from: run.from, to: instant(run.to) }, [device], visitor.raw);
    tellLate(late, { rows, width: WIDTH.hourly }, visitor);
  }

  /** Of a day that is touched, or in which something came too late, its hours. */
  async #tellDays<Row extends AnyRow>(
    { hourly, ...part }: Part & { readonly hourly: number },
    visitor: Visitor<Row>,
  ): Promise<void> {
    const { from, to, devices, flag, touched, late } = part;
    const rows = await visitor.read('daily', { devices, from, to, flag: flagIn(flag, late) });
    const open = [...touched, ...late.filter(({ time }) => time >= hourly)].map(({ device, time }) => ({
      device,
      time: dayOf(time),
    }));
    const apart = new Set(open.map((each) => keyOf(each, DAY_MS)));
    for (const row of widest(rows, flag))
      if (apart.size === 0 || !apart.has(keyOf(row, DAY_MS))) visitor.row('daily', row);
    tellLate(
      late.filter(({ time }) => time < hourly),
      { rows, width: WIDTH.daily },
      visitor,
    );
    for (const [day, of] of Map.groupBy(open, ({ time }) => time)) {
      const those = new Set(of.map(({ device }) => device));
      const inDay = <At extends { readonly device: DeviceId; readonly time: Instant }>(
        all: readonly At[],
      ): readonly At[] => all.filter(({ device, time }) => those.has(device) && dayOf(time) === day);
      await this.#tellHours(
        {
          ...part,
          from: day,
          to: instant(day + DAY_MS),
          devices: [...those],
          touched: inDay(touched),
          late: inDay(late),
        },
        visitor,
      );
    }
  }
}

/** A stretch of whole intervals, and what in it they do not tell. */
interface Part extends Pick<Visit, 'from' | 'to' | 'devices' | 'flag'> {
  /** Hours. */
  readonly touched: readonly { readonly device: DeviceId; readonly time: Instant }[];
  readonly late: readonly Observation[];
}

/** Where something came too late, hours of suspect values only are hours too. */
const flagIn = (flag: TierFlag, late: readonly Observation[]): TierFlag => (late.length === 0 ? flag : 3);

/** What came too late counts where its device has no such hour, or day. */
const tellLate = (
  late: readonly Observation[],
  { rows, width }: { readonly rows: readonly AnyRow[]; readonly width: number },
  visitor: Pick<Visitor<AnyRow>, 'raw'>,
): void => {
  if (late.length === 0) return;
  const closed = new Set(rows.map((row) => keyOf(row, width)));
  for (const observation of late) if (!closed.has(keyOf(observation, width))) visitor.raw(observation);
};
