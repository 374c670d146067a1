import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import { hostKey } from './admission.ts';

/**
 * Answers a wrong password ever later. A right one is never slowed, not even from the same address: a whole borough
 * may share it.
 */
export interface Slowdown {
  /** A failed attempt from that address: milliseconds to wait before saying so. */
  failed(address: string): number;
}

/** A technician's first mistakes cost nothing. */
const FREE_ATTEMPTS = 3;
const FIRST_MS = 250;
/**
 * Tokens have 192 random bits: the delay spares the log and the processor, and longer ones would hold connections open
 * for nothing.
 */
const AT_MOST_MS = 5_000;
/** An address that has been quiet for so long begins anew. */
const FORGET_MS = 10 * 60_000;
/** More addresses than this at once is an attack from many; the ones remembered longest go first. */
const ADDRESSES_AT_MOST = 10_000;

export const openSlowdown = (clock: Clock): Slowdown => {
  const failures = new Map<string, { count: number; at: number }>();
  return {
    failed(address) {
      const key = hostKey(address);
      const now = clock.now();
      const before = failures.get(key);
      const count = before === undefined || now - before.at > FORGET_MS ? 1 : before.count + 1;
      failures.delete(key);
      failures.set(key, { count, at: now });
      if (failures.size > ADDRESSES_AT_MOST) {
        const oldest = failures.keys().next();
        if (oldest.done !== true) failures.delete(oldest.value);
      }
      return count <= FREE_ATTEMPTS ? 0 : Math.min(AT_MOST_MS, FIRST_MS * 2 ** Math.min(count - FREE_ATTEMPTS - 1, 10));
    },
  };
};
