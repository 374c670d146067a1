import { randomBytes } from 'node:crypto';
import type { Announced, Cursor, LiveBus, LiveEvent } from './contract.ts';

/**
 * How many events a reader may have missed and still catch up. One reading of five values is about 1 kB here, so that
 * a full ring holds about 4 MB; at 100 readings a second it reaches 40 s back: a lift ride. Who missed more takes a snapshot.
 */
export const REMEMBERED_EVENTS = 4_000;

/**
 * The live bus of one process: a ring of the newest events and the listeners. A cursor is `<epoch>-<n>`; the epoch is
 * random, so that a cursor of an earlier start is `lost` rather than mistaken.
 * A listener that throws does so against the contract: the others are still called, and the fault surfaces as an
 * uncaught exception instead of as a failure of whoever announced.
 */
export const openLocalBus = (): LiveBus => {
  const epoch = randomBytes(6).toString('hex');
  const ring: Announced[] = [];
  const listeners = new Set<(announced: readonly Announced[]) => void>();
  /** How many events there ever were: the n of the newest one. */
  let count = 0;

  const cursorAt = (n: number): Cursor => `${epoch}-${n}`;
  const tell = (announced: readonly Announced[]): void => {
    for (const listener of listeners) {
      try {
        listener(announced);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };
  return {
    announce(events: readonly LiveEvent[]) {
      if (events.length === 0) return;
      const announced = events.map((event) => {
        count += 1;
        const one = { cursor: cursorAt(count), event };
        ring[(count - 1) % REMEMBERED_EVENTS] = one;
        return one;
      });
      tell(announced);
    },
    subscribe(listener) {
      // A wrapper of its own, so that a listener subscribed twice is called, and can be removed, twice.
      const own = (announced: readonly Announced[]): void => listener(announced);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    since(cursor) {
      const n = placeOf(cursor, epoch);
      if (n === undefined || n > count || n < count - REMEMBERED_EVENTS) return 'lost';
      return Array.from({ length: count - n }, (_, i) => ring[(n + i) % REMEMBERED_EVENTS]).filter(
        (one) => one !== undefined,
      );
    },
    cursor: () => cursorAt(count),
  };
};

const placeOf = (cursor: Cursor, epoch: string): number | undefined => {
  const [ofEpoch, n, ...rest] = cursor.split('-');
  return ofEpoch === epoch && n !== undefined && rest.length === 0 && /^\d{1,15}$/.test(n) ? Number(n) : undefined;
};
