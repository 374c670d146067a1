import type { Instant } from '../../device-profiles/vocabulary/index.ts';

/** Which frame of a device: its counter counts within a session. */
export interface Frame {
  readonly session: string;
  readonly fCnt: number;
}

/** The newest frames of one session, the newest last. Two short lists of numbers: there may be a hundred thousand of these. */
export interface RecentFrames {
  readonly session: string;
  readonly counters: readonly number[];
  /** When each was noted. */
  readonly times: readonly number[];
}

/** Copies of so many frames may come one among the other. */
const REMEMBERED = 4;
/** Of one frame by several ways; a device that counts from 0 again may say the same number later. */
const COPIES_WITHIN_MS = 120_000;

/** Remembers a frame as the newest; undefined where it is one of those that are remembered. */
export const withFrame = (
  recent: RecentFrames | undefined,
  { session, fCnt }: Frame,
  at: Instant,
): RecentFrames | undefined => {
  if (recent?.session !== session) return { session, counters: [fCnt], times: [at] };
  const { counters, times } = recent;
  const known = counters.lastIndexOf(fCnt);
  const isNewest = known === counters.length - 1;
  if (known >= 0 && (isNewest || Math.abs(at - (times[known] ?? at)) <= COPIES_WITHIN_MS)) return undefined;
  // Each list is made with the length that it has: one that grows keeps room for more than twice as much.
  return {
    session,
    counters: counters.slice(1 - REMEMBERED).concat(fCnt),
    times: times.slice(1 - REMEMBERED).concat(at),
  };
};
