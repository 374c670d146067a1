import type { Connector, Instant } from '../../device-profiles/vocabulary/index.ts';
import { DAYS_KEPT, dayOf } from '../heard/contract.ts';
import { openOccupancy, type ChannelRoom, type Occupancy } from './channels.ts';
import type {
  FrameHeard,
  GatewayConnection,
  GatewayDay,
  GatewayDescribed,
  GatewayKept,
  GatewayStats,
} from './contract.ts';
import { CountedDay } from './counted-day.ts';

/** Semtech's packet forwarder and ChirpStack's Concentratord say their statistics so often unless told otherwise. */
export const FIRST_STATS_EVERY_MS = 30_000;
/** Gaps shorter than this are one message by two ways, or a burst: nothing can be learned from them. */
const GAP_AT_LEAST_MS = 1_000;
/** One outage must not teach that it is usual; a real change is learned in a few steps. */
const GAP_AT_MOST = 4;
/** How much of an interval the newest gap is: a gateway's statistics are regular, frames are not. */
const STATS_WEIGHT = 1 / 4;
const TRAFFIC_WEIGHT = 1 / 16;
/** Where single frames were told within this time, uplinks say nothing new of how often any come. */
const TOLD_FRAMES_MS = 3_600_000;

type DayName = Pick<GatewayDay, 'gateway' | 'connector' | 'day'>;
type Growing = { -readonly [Key in keyof GatewayKept]: GatewayKept[Key] };

/** One gateway while it is counted, and which of its days have changed since they were kept. */
export class GatewayPage {
  readonly facts: Growing;
  readonly occupancy: Occupancy;
  readonly #days = new Map<string, { readonly of: DayName; readonly counted: CountedDay }>();
  readonly #changed = new Set<string>();
  /** Nearly all that comes is of the day, and by the door, of what came before. */
  #newestKey: { readonly day: number; readonly connector: Connector; readonly key: string } | undefined;
  #framesAt: Instant | undefined;

  /** @param since when the channels began to be counted */
  constructor(facts: GatewayKept, since: Instant, room: ChannelRoom) {
    this.facts = { ...facts };
    this.occupancy = openOccupancy(since, room);
  }

  describe({ connector, name, position }: GatewayDescribed): void {
    this.facts.connector = connector;
    if (name !== undefined) this.facts.name = name;
    if (position !== undefined) this.facts.position = position;
  }

  connected({ connector, online, at }: GatewayConnection): void {
    this.facts.connector = connector;
    if (at >= (this.facts.connection?.at ?? at)) this.facts.connection = { online, at };
  }

  stats(told: GatewayStats): void {
    const { connector, at, position, temperature, acknowledged } = told;
    const { facts } = this;
    this.#spoke(connector, at);
    facts.statsEveryMs ??= FIRST_STATS_EVERY_MS;
    if (facts.statsAt !== undefined) facts.statsEveryMs = learned(facts.statsEveryMs, at - facts.statsAt, STATS_WEIGHT);
    facts.statsAt = newer(facts.statsAt, at);
    if (told.received > 0) facts.radioAt = newer(facts.radioAt, at);
    if (position !== undefined) facts.position = position;
    if (temperature !== undefined) facts.temperature = temperature;
    if (acknowledged !== undefined) facts.acknowledged = acknowledged;
    this.#day(connector, at)?.add(told);
  }

  /** Answers whether there was room for its frequency. */
  frame({ connector, at, checksum, frequency, airtimeMs }: FrameHeard): boolean {
    if (this.#framesAt !== undefined) this.#traffic(at - this.#framesAt);
    this.#framesAt = newer(this.#framesAt, at);
    this.#spoke(connector, at);
    this.facts.radioAt = newer(this.facts.radioAt, at);
    const day = this.#day(connector, at);
    if (day !== undefined) {
      day.frames += 1;
      if (checksum === 'bad') day.framesBad += 1;
    }
    return this.occupancy.heard({ source: 'frames', at, frequency, airtimeMs });
  }

  /** An uplink that came by it. Answers whether there was room for its frequency. */
  uplink(heard: {
    readonly seq: number;
    readonly connector: Connector;
    readonly at: Instant;
    readonly frequency: number | undefined;
    readonly airtimeMs: number | undefined;
  }): boolean {
    const { seq, connector, at, frequency, airtimeMs } = heard;
    const { facts } = this;
    facts.seq = seq;
    facts.connector = connector;
    const toldFrames = this.#framesAt !== undefined && at - this.#framesAt < TOLD_FRAMES_MS;
    if (facts.uplinkAt !== undefined && !toldFrames) this.#traffic(at - facts.uplinkAt);
    facts.uplinkAt = newer(facts.uplinkAt, at);
    facts.radioAt = newer(facts.radioAt, at);
    facts.heardAt = newer(facts.heardAt, at);
    const day = this.#day(connector, at);
    if (day !== undefined) day.uplinks += 1;
    if (frequency === undefined) return true;
    return this.occupancy.heard({ source: 'uplinks', at, frequency, airtimeMs });
  }

  /** Its radio received a frame that was counted elsewhere already, or when it came in. */
  heard({ connector, at }: { readonly connector: Connector; readonly at: Instant }): void {
    const { facts } = this;
    if (at >= (facts.heardAt ?? at)) facts.connector = connector;
    facts.radioAt = newer(facts.radioAt, at);
    facts.heardAt = newer(facts.heardAt, at);
  }

  /** Nothing was heard after now: a time that lies there was told before the clock was put back. */
  disbelieve(now: Instant): void {
    const { facts } = this;
    for (const name of ['heardAt', 'spokeAt', 'radioAt', 'uplinkAt', 'statsAt'] as const) {
      const at = facts[name];
      if (at !== undefined && at > now) facts[name] = now;
    }
    const { connection } = facts;
    if (connection !== undefined && connection.at > now) facts.connection = { ...connection, at: now };
  }

  /** Takes up a day that was kept. */
  takeUp(kept: GatewayDay): void {
    const { gateway, connector, day } = kept;
    this.#days.set(keyOf(day, connector), { of: { gateway, connector, day }, counted: new CountedDay(kept) });
  }

  /** In order of day and connector. */
  days(): readonly GatewayDay[] {
    return [...this.#days.values()]
      .map(({ of, counted }) => counted.value(of))
      .sort((a, b) => a.day - b.day || (a.connector < b.connector ? -1 : 1));
  }

  /** The days that have changed since this was last asked. */
  takeChanged(): readonly GatewayDay[] {
    const taken = [...this.#changed].flatMap((key) => {
      const day = this.#days.get(key);
      return day === undefined ? [] : [day.counted.value(day.of)];
    });
    this.#changed.clear();
    return taken;
  }

  /** Puts days back that could not be kept. */
  giveBack(days: readonly GatewayDay[]): void {
    for (const { day, connector } of days) this.#changed.add(keyOf(day, connector));
  }

  #spoke(connector: Connector, at: Instant): void {
    this.facts.connector = connector;
    this.facts.spokeAt = newer(this.facts.spokeAt, at);
    this.facts.heardAt = newer(this.facts.heardAt, at);
  }

  #traffic(gapMs: number): void {
    const { trafficEveryMs } = this.facts;
    if (trafficEveryMs !== undefined) this.facts.trafficEveryMs = learned(trafficEveryMs, gapMs, TRAFFIC_WEIGHT);
    else if (gapMs >= GAP_AT_LEAST_MS) this.facts.trafficEveryMs = gapMs;
  }

  /** Undefined for a day that is not kept any more. */
  #day(connector: Connector, at: Instant): CountedDay | undefined {
    const day = dayOf(at);
    const key = this.#keyOf(day, connector);
    let known = this.#days.get(key);
    if (known === undefined) {
      const newest = dayOf(this.facts.heardAt ?? at);
      if (day <= newest - DAYS_KEPT) return undefined;
      known = { of: { gateway: this.facts.gateway, connector, day }, counted: new CountedDay() };
      this.#days.set(key, known);
      for (const [other, { of }] of this.#days) if (of.day <= newest - DAYS_KEPT) this.#days.delete(other);
    }
    this.#changed.add(key);
    return known.counted;
  }

  #keyOf(day: number, connector: Connector): string {
    if (this.#newestKey?.day !== day || this.#newestKey.connector !== connector)
      this.#newestKey = { day, connector, key: keyOf(day, connector) };
    return this.#newestKey.key;
  }
}

const keyOf = (day: number, connector: Connector): string => `${day} ${connector}`;

const newer = (known: Instant | undefined, at: Instant): Instant => (known === undefined || at > known ? at : known);

const learned = (before: number, gapMs: number, weight: number): number =>
  gapMs < GAP_AT_LEAST_MS ? before : before + (Math.min(gapMs, GAP_AT_MOST * before) - before) * weight;
