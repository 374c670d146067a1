import type { DeviceId, DeviceRef, DevEui, Instant, Uplink } from '../../device-profiles/vocabulary/index.ts';
import { Unavailable } from '../../device-profiles/vocabulary/index.ts';

/**
 * How far a time of receipt may lie ahead of the clock: 600,000 messages of one device without a pause, a millisecond
 * each. Further ahead means that the clock was put back, and the time is not believed.
 */
export const RECEIVED_AHEAD_MS = 10 * 60_000;

/** Who reads the journal: each consumer has a cursor of its own, kept in the journal. */
export const consumers = ['ingest'] as const;
export type ConsumerName = (typeof consumers)[number];

/** What became of an uplink that was appended. */
export type Appended = 'appended' | 'duplicate';

/**
 * The durable, ordered log of uplinks: the one place where a message is safe, and the raw archive of history.
 *
 * `append` resolves when the uplinks are on disk (COMMIT with fsync, or the quorum's acknowledgement) and not before;
 * it answers for each uplink, in order. It rejects with JournalFull or JournalBroken, and then none of them is kept.
 */
export interface Journal {
  append(uplinks: readonly Uplink[]): Promise<readonly Appended[]>;
  /**
   * Hands batches to one consumer, in order, from where it last stopped. The cursor moves, durably, after `handle`
   * resolves; a batch whose `handle` rejects is handed over again after a pause that grows to `RETRY_AT_MOST_MS`.
   */
  consume(consumer: ConsumerName, handle: (batch: readonly Entry[]) => Promise<void>): Consumption;
  /** History in order of receipt, up to what is newest when the reading begins. */
  read(query: JournalQuery): AsyncIterable<Entry>;
  /** Uplinks of one device, newest first; `before` is the `seq` of the last one seen. An adapter may look back only so far. */
  newest(query: {
    readonly device: DeviceRef;
    readonly limit: number;
    readonly before?: number;
  }): Promise<readonly Entry[]>;
  /**
   * What came of one device after a place, oldest first. One look goes only so far: what it found, through which place, and
   * whether more lies behind it. A place beyond the newest entry is that of the newest.
   */
  following(query: FollowingQuery): Promise<Following>;
  /**
   * Devices, by their names, whose newest times of receipt are not before `now`, with those times: a burst without
   * device times runs ahead of the clock, and after a restart the same times must not be given again.
   */
  ahead(now: Instant): ReadonlyMap<string, Instant>;
  stats(): JournalStats;
  /** Drops what is older or more than the limits allow, never what a consumer has not handled. Answers how many. */
  prune(): Promise<number>;
  close(): Promise<void>;
}

/** An uplink and its place in the log. `seq` only rises. */
export interface Entry {
  readonly seq: number;
  readonly uplink: Uplink;
}

export interface JournalQuery {
  readonly device?: DeviceRef;
  /** Only what came after this place. */
  readonly after?: number;
  /** Time of receipt, inclusive. */
  readonly from?: Instant;
  /** Time of receipt, exclusive. */
  readonly to?: Instant;
}

/** The names by which senders may speak of one device. */
export interface DeviceNames {
  readonly id: DeviceId;
  readonly devEui?: DevEui;
}

export interface FollowingQuery {
  readonly device: DeviceNames;
  readonly after: number;
  readonly limit: number;
}

export interface Following {
  readonly entries: readonly Entry[];
  /** Everything through this place was looked at: begin the next look after it. */
  readonly seen: number;
  readonly more: boolean;
}

export interface Consumption {
  /** Stops after the batch in hand, which is finished and its cursor kept. */
  stop(): Promise<void>;
}

export interface JournalStats {
  readonly entries: number;
  /** The place of the newest entry there ever was; 0 while there was none. */
  readonly last: number;
  readonly bytes: number;
  /** Entries appended and not yet handled by the consumer that is furthest behind. */
  readonly backlog: number;
  readonly oldest?: Instant;
  /** False while the journal refuses new uplinks, with the reason. */
  readonly accepting: boolean;
  readonly refusing?: 'journal-full' | 'journal-broken';
}

/** The disk reached its watermark: nothing is accepted until there is room. Code `journal-full`. */
export class JournalFull extends Unavailable {
  override readonly name: string = 'JournalFull';
  constructor(detail: string, options?: ErrorOptions) {
    super('journal-full', detail, options);
  }
}

/** A commit failed: nothing was kept and nothing may be acknowledged. Code `journal-broken`. */
export class JournalBroken extends Unavailable {
  override readonly name: string = 'JournalBroken';
  constructor(detail: string, options?: ErrorOptions) {
    super('journal-broken', detail, options);
  }
}
