import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, Instant } from '../../device-profiles/vocabulary/index.ts';

/** How fast a file is replayed: so many times real time, by the rows' own times, or as fast as it is acknowledged. */
export type Speed = number | 'max';

/** Waits until a row is due. */
export type Pace = (rowTime: Instant, signal: AbortSignal) => Promise<void>;

/** Rows closer together than a timer can tell are not waited for. */
const GRAIN_MS = 15;

/** The pace of a file that began with its first row, now. A row that is older than the one before is due at once. */
export const paceOf = (speed: Speed, clock: Clock): Pace => {
  if (speed === 'max') return async () => undefined;
  let began: { readonly atMs: number; readonly row: Instant } | undefined;
  return async (rowTime, signal) => {
    began ??= { atMs: clock.now(), row: rowTime };
    const waitMs = began.atMs + (rowTime - began.row) / speed - clock.now();
    // An aborted pause rejects: that is its way to end.
    if (waitMs > GRAIN_MS) await pause(waitMs, undefined, { signal }).catch(() => undefined);
  };
};

/** Minutes: a time of day that is written without seconds survives a shift. */
const STEP_MS = 60_000;

/**
 * What is added to each time so that the file's newest row is "now" when it is sent: no row is ever in the future,
 * and at speed 1 each is sent at the very time it tells. (Slower than real time only the oldest can be "now".)
 * Whole minutes. Milliseconds.
 */
export const shiftToNow = (
  { oldest, newest }: { readonly oldest: Instant; readonly newest: Instant },
  speed: Speed,
  nowMs: number,
): number => {
  const lasts = speed === 'max' ? 0 : (newest - oldest) / Math.max(1, speed);
  return Math.floor((nowMs + lasts - newest) / STEP_MS) * STEP_MS;
};
