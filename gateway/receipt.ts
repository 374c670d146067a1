import { instant, type Clock, type Instant } from '../device-profiles/vocabulary/index.ts';
import { RECEIVED_AHEAD_MS } from '../infra/journal/contract.ts';

/** When a message came in: the one place that says so, shared by all doors. */
export interface Receipt {
  /**
   * Now, but later than the last answer for that device by at least 1 ms, so that messages of a burst which carry no
   * time of their own keep their order and none stands for another.
   */
  at(device: string): Instant;
}

/**
 * Only devices heard within the last millisecond matter. So many at once mean that the rest can be looked through and
 * let go.
 */
const DEVICES_AT_MOST = 50_000;

/** @param given times that were given before a restart and that the clock has not reached yet: see `Journal.ahead`. */
export const openReceipt = (clock: Clock, given: ReadonlyMap<string, Instant> = new Map()): Receipt => {
  const last = new Map(given);
  let lookThroughAt = DEVICES_AT_MOST;
  return {
    at(device) {
      const now = clock.now();
      const before = last.get(device);
      const at = before === undefined || before < now || before - now > RECEIVED_AHEAD_MS ? now : instant(before + 1);
      last.set(device, at);
      if (last.size > lookThroughAt) {
        for (const [each, when] of last) if (when < now) last.delete(each);
        lookThroughAt = Math.max(DEVICES_AT_MOST, last.size * 2);
      }
      return at;
    },
  };
};
