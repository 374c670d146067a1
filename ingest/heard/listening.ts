import type { Clock, Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Listened } from '../../infra/heard/contract.ts';

/** Clocks that are corrected bit by bit differ by milliseconds from look to look; a step is more than this. */
export const STEP_MS = 10_000;

/** When this process listened. */
export interface Listening {
  /** Looks at the clocks. To be called now and then: what lies between the last look and a step counts as a break. */
  look(): void;
  /** Since the process began, oldest first; the newest goes on. */
  listened(): readonly Listened[];
}

/**
 * Begins to listen. The wall clock is compared with the monotonic one: where it stepped (it was set, or the machine
 * slept) the listening broke off, and a new one begins.
 * @param monotonic milliseconds that only rise
 */
export const openListening = (clock: Clock, monotonic: () => number = () => performance.now()): Listening => {
  const before: Listened[] = [];
  let from: Instant = clock.now();
  let to = from;
  let looked = monotonic();
  return {
    look() {
      const now = clock.now();
      const elapsed = monotonic();
      if (Math.abs(now - to - (elapsed - looked)) > STEP_MS) {
        before.push({ from, to });
        from = now;
      }
      to = now;
      looked = elapsed;
    },
    listened: () => [...before, { from, to }],
  };
};
