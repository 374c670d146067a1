import type { Instant } from '../../device-profiles/vocabulary/index.ts';

/** Which frame of a device: its counter counts within a session. */
export interface Frame {
  readonly session: string;
  readonly fCnt: number;
}

/** The newest frames of one session, the newest last. Two lists of numbers: there may be a hundred thousand of these. */
export interface RecentFrames {
  readonly session: string;
  readonly counters: number[];
  /** When each was noted. */
  readonly times: number[];
}

/** Copies of so many frames may come one among the other. */
const REMEMBERED = 4;
/** Of one frame by several ways; a device that counts from 0 again may say the same number later. */
const COPIES_WITHIN_MS = 120_000;

/** Whether the frame is one of those that were noted; if not, it is remembered as the newest. */
export const isRepeated = ({ counters, times }: RecentFrames, fCnt: number, at: Instant): boolean => {
  if (counters.at(-1) === fCnt) return true;
  const known = counters.lastIndexOf(fCnt);
  if (known >= 0 && Math.abs(at - (times[known] ?? at)) <= COPIES_WITHIN_MS) return true;
  counters.push(fCnt);
  times.push(at);
  if (counters.length > REMEMBERED) {
    counters.shift();
    times.shift();
  }
  return false;
};
