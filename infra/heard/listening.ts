import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Listened } from './contract.ts';

/**
 * For how long the server listened between two times, in milliseconds: breaks, in which it was down or its clock
 * stepped, do not count. @param listened oldest beginning first; where two overlap (a clock that was put back) a time
 * counts once at most.
 */
export const listenedMs = (listened: readonly Listened[], from: Instant, to: Instant): number => {
  let sum = 0;
  // From the newest: what is asked for nearly always lies in the last one.
  let end: number = to;
  for (let i = listened.length - 1; i >= 0 && end > from; i -= 1) {
    const one = listened[i];
    if (one === undefined) break;
    const begin = Math.max(one.from, from);
    const until = Math.min(one.to, end);
    if (until <= begin) continue;
    sum += until - begin;
    end = begin;
  }
  return sum;
};
