import { slotOf, type Uplink, type UplinkId } from '../../device-profiles/vocabulary/index.ts';
import type { Appended } from './contract.ts';
import type { RecentIds } from './recent-ids.ts';
import { weightOf } from './uplink-row.ts';

export interface GroupCommitParts {
  /** How long the first uplink of a group waits for others, in milliseconds; 0 waits for what has already arrived. */
  readonly groupMs: number;
  /** Ids of uplinks that are on disk. */
  readonly recent: RecentIds;
  /** Makes a group durable. @throws when nothing of it was kept. */
  readonly commit: (uplinks: readonly Uplink[]) => void;
}

/** A group of so many uplinks, or so many bytes, waits no longer: by then sharing the commit has saved what it can. */
const GROUP_ENTRIES = 512;
const GROUP_BYTES = 4 * 1024 * 1024;

/** Almost every answer: one object for all of them. */
const ONE_APPENDED: readonly Appended[] = Object.freeze<Appended[]>(['appended']);

interface Group {
  readonly uplinks: Uplink[];
  bytes: number;
  /** The newest id of each slot in `uplinks`, made when the first redelivered one comes: most groups have none. */
  newest?: Map<string, UplinkId>;
  /** Settles with the commit. Appends of one new uplink share it. */
  readonly durable: PromiseWithResolvers<readonly Appended[]>;
  readonly timer: NodeJS.Timeout | undefined;
}

/**
 * Collects what many callers append into one transaction, because a disk can promise a few hundred times a second
 * that it has kept something, however much that is.
 */
export class GroupCommit {
  readonly #parts: GroupCommitParts;
  #group: Group | undefined;

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
  }

  /** Answers when the uplinks, and what they are duplicates of, are durable. Rejects with what `commit` threw. */
  append(uplinks: readonly Uplink[]): Promise<readonly Appended[]> {
    const answers: Appended[] = [];
    let waits = false;
    for (const uplink of uplinks) {
      const known = uplink.redelivered ? this.#known(uplink.id) : 'no';
      if (known !== 'durable') waits = true;
      if (known === 'no') this.#add(uplink);
      answers.push(known === 'no' ? 'appended' : 'duplicate');
    }
    if (!waits || this.#group === undefined) return Promise.resolve(answers);
    const { durable } = this.#group;
    return answers.length === 1 && answers[0] === 'appended' ? durable.promise : durable.promise.then(() => answers);
  }

  /** Whether every one of them is on disk already, so that it can be acknowledged even while nothing new is taken. */
  allDurable(uplinks: readonly Uplink[]): boolean {
    return uplinks.every(({ id, redelivered }) => redelivered && this.#parts.recent.has(id));
  }

  /** Commits what has been collected, without waiting for more. False when there was nothing. */
  flush(): boolean {
    const group = this.#group;
    if (group === undefined) return false;
    this.#group = undefined;
    clearTimeout(group.timer);
    try {
      this.#parts.commit(group.uplinks);
    } catch (error) {
      group.durable.reject(error);
      return true;
    }
    // Only now: an id that was remembered before its commit failed would turn the sender's next try into a "duplicate".
    for (const { id } of group.uplinks) this.#parts.recent.add(id);
    group.durable.resolve(ONE_APPENDED);
    return true;
  }

  #known(id: UplinkId): 'durable' | 'in-group' | 'no' {
    const group = this.#group;
    if (group !== undefined) {
      group.newest ??= new Map(group.uplinks.map((uplink) => [slotOf(uplink.id), uplink.id]));
      const inGroup = group.newest.get(slotOf(id));
      if (inGroup !== undefined) return inGroup === id ? 'in-group' : 'no';
    }
    return this.#parts.recent.has(id) ? 'durable' : 'no';
  }

  #add(uplink: Uplink): void {
    const group = (this.#group ??= this.#begin());
    const wasFull = isFull(group);
    group.uplinks.push(uplink);
    group.bytes += weightOf(uplink);
    group.newest?.set(slotOf(uplink.id), uplink.id);
    if (wasFull || !isFull(group)) return;
    // After the messages that have already arrived, which may still join, and before those that have not.
    setImmediate(() => this.flush());
  }

  #begin(): Group {
    const { groupMs } = this.#parts;
    if (groupMs === 0) setImmediate(() => this.flush());
    const timer = groupMs === 0 ? undefined : setTimeout(() => this.flush(), groupMs);
    return { uplinks: [], bytes: 0, durable: Promise.withResolvers(), timer };
  }
}

const isFull = (group: Group): boolean => group.uplinks.length >= GROUP_ENTRIES || group.bytes >= GROUP_BYTES;
