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
  type StatsQuery,
  type Tier,
  type TimeSeries,
  type Withdrawal,
  type Written,
} from './contract.ts';
import { cursorOf, positionOf, type Position } from './cursor.ts';
import type { Day } from './days.ts';
import { StoreRefused, StoreUnavailable } from './errors.ts';
import { notFinite } from './finite.ts';
import type { Hour } from './hours.ts';
import { InfluxClient, type InfluxOptions } from './influxdb/client.ts';
import { identifier } from './influxdb/influxql.ts';
import { linesOf } from './influxdb/lines.ts';
import {
  deviceGroups,
  knownDevices,
  knownQuantities,
  readLatest,
  readStretches,
  wantedIn,
  type Stretch,
  type Wanted,
} from './influxdb/reader.ts';
import { bucketsOf, daysOf, hoursOf } from './influxdb/stats.ts';
import { InfluxTiers, type ReadAll } from './influxdb/tiers.ts';
import { withdrawnLines } from './influxdb/withdraw.ts';
import { selectorOf } from './selection.ts';

export interface InfluxTimeSeriesOptions extends InfluxOptions {
  readonly log: Log;
  readonly clock: Clock;
}

/** The same trouble is said again after an hour. */
const QUIET_MS = 3_600_000;
/** Devices whose histories are asked for together, once devices have shown to have little to say. */
const DEVICES_TOGETHER = 64;
/** Points that are read at once to be made into hours: a few megabytes. */
const POINTS_AT_ONCE = 10_000;
/** A question for less would have to be asked again wherever a time has more than one point. */
const POINTS_AT_LEAST = 16;

/**
 * Observations in InfluxDB, 1.x by preference: the routes and the query language are those that 2.x and 3.x keep for it.
 * Opening asks nothing: the store may be down at the start and come later. Its database is made at first use.
 */
export const openInfluxTimeSeries = (options: InfluxTimeSeriesOptions): TimeSeries => new InfluxTimeSeries(options);

class InfluxTimeSeries implements TimeSeries {
  readonly #client: InfluxClient;
  readonly #tiers: InfluxTiers;
  readonly #database: string;
  readonly #clock: Clock;
  readonly #complain: ReturnType<typeof repeated>;
  #ready: Promise<void> | undefined;
  #writtenAt = instant(0);

  constructor(options: InfluxTimeSeriesOptions) {
    this.#client = new InfluxClient(options);
    this.#tiers = new InfluxTiers(this.#client, (query) => this.#observations(query), options.clock);
    this.#database = options.database;
    this.#clock = options.clock;
    this.#complain = repeated(options.log, QUIET_MS, () => options.clock.now());
  }

  async write(readings: readonly JudgedReading[]): Promise<readonly Written[]> {
    const refused = new Map<number, string>();
    await this.#ensureDatabase();
    const known = await this.#tiers.state.known();
    // From here until it is on its way nothing may be awaited: an hour that is made meanwhile has to know of it.
    const writtenAt = this.#nextWrite();
    const batch: Lines[] = [];
    for (const [place, reading] of readings.entries()) {
      const why = notFinite(reading);
      if (why === undefined)
        batch.push({ place, lines: [...linesOf(reading, writtenAt), ...this.#tiers.state.marksFor(reading, known)] });
      else refused.set(place, why);
    }
    await this.#tiers.state.while(this.#send(batch, refused));
    if (refused.size === 0) return readings.map(() => 'stored');
    const error = new StoreRefused(
      refused,
      readings.map((_, place) => (refused.has(place) ? undefined : 'stored')),
    );
    this.#complain('store-refused', { readings: refused.size }, error.message);
    throw error;
  }

  async withdraw(values: readonly Withdrawal[]): Promise<void> {
    await this.#ensureDatabase();
    const requests = await withdrawnLines(this.#client, values);
    if (requests.length === 0) return;
    const known = await this.#tiers.state.known();
    const marks = values.flatMap((value) => this.#tiers.state.marksFor(value, known));
    await this.#tiers.state.while(this.#mark([marks, ...requests]));
  }

  async #mark(requests: readonly (readonly string[])[]): Promise<void> {
    for (const lines of requests) {
      const sent = lines.length === 0 ? 'stored' : await this.#client.write(lines);
      if (sent !== 'stored')
        throw new StoreUnavailable(`InfluxDB refuses to mark values as withdrawn: ${sent.refused}`);
    }
  }

  /** Of two points for one time the one written later counts, so no two batches may seem to be written together. */
  #nextWrite(): Instant {
    this.#writtenAt = instant(Math.max(this.#clock.now(), this.#writtenAt + 1));
    return this.#writtenAt;
  }

  /** A batch that the store refuses is halved until the readings that it cannot take stand alone; the others are in then. */
  async #send(batch: readonly Lines[], refused: Map<number, string>): Promise<void> {
    const lines = batch.flatMap((entry) => entry.lines);
    if (lines.length === 0) return;
    const sent = await this.#client.write(lines).catch((error: unknown) => {
      // Whatever it was, it may have been a database that is gone: the next write looks again.
      this.#ready = undefined;
      this.#tiers.state.forget();
      throw error;
    });
    if (sent === 'stored') return;
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) {
      refused.set(first.place, sent.refused);
      return;
    }
    const half = Math.ceil(batch.length / 2);
    await this.#send(batch.slice(0, half), refused);
    await this.#send(batch.slice(half), refused);
  }

  async #ensureDatabase(): Promise<void> {
    this.#ready ??= this.#makeDatabase();
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }

  /** InfluxDB 2 and 3 make databases elsewhere and refuse this; a missing one then shows when something is written. */
  async #makeDatabase(): Promise<void> {
    const [result] = await this.#client.tryQuery([`CREATE DATABASE ${identifier(this.#database)}`]);
    if (result !== undefined && 'error' in result) {
      this.#complain(
        'database-not-made',
        { database: this.#database },
        `InfluxDB does not make the database for us: ${result.error}; it has to be there`,
      );
    }
  }

  async range({ limit, after, from, to, ...selection }: RangeQuery): Promise<Page> {
    await this.#ensureDatabase();
    const selector = selectorOf(selection);
    const position = after === undefined ? undefined : positionOf(after);
    const observations: Observation[] = [];
    const devices = (selection.devices?.toSorted() ?? (await knownDevices(this.#client))).filter(
      (device) => position === undefined || device >= position.device,
    );
    for await (const stretch of this.#stretches(wantedIn(selection), {
      devices,
      from,
      to,
      after: position,
      room: () => limit - observations.length,
    })) {
      for (const observation of stretch.observations) {
        if (!selector.site(observation.site) || !selector.judged(observation) || isPassed(position, observation))
          continue;
        const last = observations[limit - 1];
        if (last !== undefined) return { observations, next: cursorOf(last) };
        observations.push(observation);
      }
    }
    return { observations };
  }

  /** The histories of devices, one after the other, each in one or more stretches. */
  async *#stretches(wanted: readonly Wanted[], { devices, from, to, after, room }: Scan): AsyncGenerator<Stretch> {
    let together = 1;
    // A position is within the history of the first device, if that is asked for at all.
    let begin = after !== undefined && after.device === devices[0] ? later(after.time, from) : from;
    for (let at = 0, points = POINTS_AT_LEAST; at < devices.length;) {
      const group = devices.slice(at, at + (begin === from ? together : 1));
      points = Math.max(points, Math.ceil((room() + 1) / group.length));
      const stretches = await readStretches(this.#client, wanted, { devices: group, from: begin, to, points });
      const cut = stretches.findIndex(({ until }) => until !== undefined);
      // What comes after one that was cut has to wait until that one is complete.
      yield* cut === -1 ? stretches : stretches.slice(0, cut + 1);
      const { device, until } = stretches[cut] ?? {};
      if (device !== undefined && until !== undefined) {
        // More points of one time than were asked for: only a larger question gets further.
        points = until === begin ? points * 2 : POINTS_AT_LEAST;
        [at, together, begin] = [devices.indexOf(device), 1, until];
      } else {
        [at, together, begin, points] = [
          at + group.length,
          Math.min(together * 2, DEVICES_TOGETHER),
          from,
          POINTS_AT_LEAST,
        ];
      }
    }
  }

  async latest({ now, ...selection }: LatestQuery): Promise<readonly Observation[]> {
    await this.#ensureDatabase();
    const selector = selectorOf(selection);
    const since = instant(now - LATEST_HORIZON_MS);
    const quantities = await knownQuantities(this.#client, wantedIn(selection));
    const found: (readonly Observation[])[] = [];
    for (const devices of deviceGroups(selection.devices))
      found.push(await readLatest(this.#client, { devices, since, quantities }));
    return found.flat().filter((observation) => selector.site(observation.site) && selector.flag(observation.flag));
  }

  async aggregate(query: AggregateQuery): Promise<readonly Bucket[]> {
    await this.#ensureDatabase();
    return bucketsOf({ client: this.#client, tiers: this.#tiers }, query);
  }

  async hours(query: StatsQuery): Promise<readonly Hour[]> {
    await this.#ensureDatabase();
    return hoursOf({ client: this.#client, tiers: this.#tiers }, query);
  }

  async days(query: StatsQuery): Promise<readonly Day[]> {
    await this.#ensureDatabase();
    return daysOf({ client: this.#client, tiers: this.#tiers }, query);
  }

  async rollUp(): Promise<number> {
    await this.#ensureDatabase();
    return this.#tiers.keeper.rollUp();
  }

  async prune(before: Instant, tier: Tier = 'raw'): Promise<number> {
    await this.#ensureDatabase();
    const { keeper } = this.#tiers;
    const pruning = {
      raw: () => keeper.pruneRaw(before),
      hourly: () => keeper.pruneHours(before),
      daily: () => keeper.pruneDays(before),
    };
    const failed = await pruning[tier]();
    if (failed !== undefined) {
      this.#complain(
        'retention-not-kept',
        { database: this.#database },
        `InfluxDB does not delete for us: ${failed.error}; give its database or bucket a retention of its own`,
      );
    }
    return 0;
  }

  /** All that is there of a span, of some devices or all. */
  async *#observations({ devices, from, to }: Parameters<ReadAll>[0]): AsyncGenerator<Observation> {
    const all = devices?.toSorted() ?? (await knownDevices(this.#client));
    const wanted = wantedIn({ quantities: await knownQuantities(this.#client, wantedIn({})) });
    for await (const stretch of this.#stretches(wanted, {
      devices: all,
      from,
      to,
      after: undefined,
      room: () => POINTS_AT_ONCE,
    }))
      yield* stretch.observations;
  }

  async close(): Promise<void> {
    // Each request is awaited by whoever made it, and no connection is kept busy between them.
    await this.#ready?.catch(() => undefined);
  }
}

/** The lines of one reading, and its place in the batch. */
interface Lines {
  readonly place: number;
  readonly lines: readonly string[];
}

interface Scan {
  /** In order. */
  readonly devices: readonly DeviceId[];
  readonly from: Instant | undefined;
  readonly to: Instant | undefined;
  readonly after: Position | undefined;
  /** How many observations are still wanted. */
  readonly room: () => number;
}

const later = (a: Instant, b: Instant | undefined): Instant => (b === undefined || a > b ? a : b);

/** Whether an earlier page gave it. */
const isPassed = (position: Position | undefined, { device, time, quantity }: Observation): boolean =>
  position !== undefined &&
  device === position.device &&
  (time < position.time || (time === position.time && quantity <= position.quantity));
