import { setImmediate } from 'node:timers/promises';
import { repeated, type Log } from '../logging/index.ts';
import { changesSince } from './changes.ts';
import { FOLLOW_MS } from './contract.ts';
import type { Database } from './database.ts';
import type { Memory } from './memory.ts';

/** Keeps memory at what the database says, whoever wrote it. There is no other way into memory. */
export interface Follower {
  /** Reads what is new. Answers whether there was anything. @throws KerbsideError when the database cannot be read. */
  readonly catchUp: () => boolean;
  /**
   * The same, a few revisions at a time, with a turn for everybody else between: ten thousand devices that somebody
   * registers at once take a tenth of a second to read. Each state on the way is sound by itself. Trouble is logged, and
   * mended as soon as the database can be read.
   */
  readonly catchUpInTurns: () => Promise<void>;
  /**
   * For a look-up that found nothing: whether another process has changed anything, which is then in memory. Strangers
   * can make look-ups fail as often as they like, so this costs microseconds when nothing was written, and takes at
   * most a fifth of the time when much is. Trouble is logged, and is a no.
   */
  readonly catchUpAfterMiss: () => boolean;
  /** Called after each change of memory, once what caused it is done. Answers how to stop. */
  readonly onChange: (listener: () => void) => () => void;
  readonly close: () => void;
}

/** After a miss made us read for t, misses do not for so many times t. */
const REST = 4;
/** Revisions that are read in one turn: a bulk registration puts a hundred rows into one. */
const REVISIONS_AT_ONCE = 4;
/** A database that cannot be read is said once in this time: it is the same trouble twice a second. */
const QUIET_MS = 60_000;

/** @throws KerbsideError when the first reading fails. */
export const openFollower = (database: Database, memory: Memory, log: Log): Follower => {
  const listeners = new Set<() => void>();
  const say = repeated(log, QUIET_MS, () => performance.now());
  let restUntil = 0;
  let behind = false;
  let telling = false;
  let closed = false;
  const tell = (): void => {
    telling = false;
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        log.error({ err: error, reason: 'listener-failed' }, 'a part could not take in a change of the registry');
      }
    }
  };
  const read = (atMost?: number): boolean => {
    try {
      database.touched();
      // Until the reading has succeeded there is something to read, whatever the database says next time.
      behind = true;
      const found = changesSince(database, memory.revision(), atMost);
      behind = found?.more ?? false;
      if (found === undefined) return false;
      if (found.afresh) memory.clear();
      memory.apply(found.changes);
      return true;
    } catch (error) {
      throw database.explain(error);
    }
  };
  const catchUp = (atMost?: number): boolean => {
    if (!read(atMost)) return false;
    // Listeners are told when the caller is through: a look-up of the hot path must not run their work.
    if (!telling) queueMicrotask(tell);
    telling = true;
    return true;
  };
  const sayUnreadable = (error: unknown): void =>
    say('registry-unreadable', { err: error }, 'changes of the registry cannot be read; going on with what is known');
  const catchUpOrSay = (): boolean => {
    try {
      return catchUp();
    } catch (error) {
      sayUnreadable(error);
      return false;
    }
  };
  const catchUpInTurns = async (): Promise<void> => {
    try {
      for (;;) {
        if (closed) return;
        catchUp(REVISIONS_AT_ONCE);
        if (!behind) return;
        await setImmediate();
      }
    } catch (error) {
      sayUnreadable(error);
    }
  };
  read();
  const somethingNew = (): boolean => database.touched() || behind;
  const timer = setInterval(() => somethingNew() && void catchUpInTurns(), FOLLOW_MS).unref();
  return {
    catchUp: () => catchUp(),
    catchUpInTurns,
    catchUpAfterMiss: () => {
      const began = performance.now();
      if (closed || began < restUntil || !somethingNew()) return false;
      const found = catchUpOrSay();
      const ended = performance.now();
      restUntil = ended + (ended - began) * REST;
      return found;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      closed = true;
      clearInterval(timer);
    },
  };
};
