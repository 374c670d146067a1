import type { Clock } from '../../device-profiles/vocabulary/index.ts';

/** How fast guesses are slowed. */
export interface ThrottleOptions {
  readonly clock: Clock;
  /** Attempts that cost nothing: a person's slips. */
  readonly free: number;
  /** The wait after the first one that is not free; it doubles with each. */
  readonly firstMs: number;
  /** Nobody waits longer, so that nobody is locked out for good by somebody else's guesses. */
  readonly atMostMs: number;
  /** Without an attempt for so long, it begins anew. */
  readonly forgetMs: number;
  /** Remembered at once; beyond, the one that was quiet longest goes. */
  readonly keysAtMost: number;
}

/** Slows down whoever guesses. An attempt that comes too early is not looked at and does not count. */
export interface Throttle {
  /**
   * Asks to make an attempt, which counts as failed until it is said to be right: many at once are many.
   * Answers 0 for go on, else the milliseconds to wait.
   */
  enter(key: string): number;
  /** The last attempt was right: everything is forgotten. */
  succeeded(key: string): void;
  /** The last attempt was right, and counts for nothing; what failed before stays, as of an address that many share. */
  undone(key: string): void;
}

/** The wait that so many attempts have earned, in milliseconds. */
export const waitAfter = (
  attempts: number,
  { free, firstMs, atMostMs }: Pick<ThrottleOptions, 'free' | 'firstMs' | 'atMostMs'>,
): number => (attempts < free ? 0 : Math.min(atMostMs, firstMs * 2 ** Math.min(attempts - free, 30)));

export const openThrottle = (options: ThrottleOptions): Throttle => {
  const { clock, forgetMs, keysAtMost } = options;
  const known = new Map<string, { readonly attempts: number; readonly at: number }>();
  const keep = (key: string, attempts: number, at: number): void => {
    known.delete(key);
    known.set(key, { attempts, at });
    const [oldest] = known.keys();
    if (known.size > keysAtMost && oldest !== undefined) known.delete(oldest);
  };
  return {
    enter(key) {
      const now = clock.now();
      const before = known.get(key);
      if (before === undefined || now - before.at > forgetMs) {
        keep(key, 1, now);
        return 0;
      }
      // A clock that was set back makes nobody wait longer than the wait that was earned.
      const wait = Math.min(waitAfter(before.attempts, options), before.at + waitAfter(before.attempts, options) - now);
      if (wait > 0) return wait;
      keep(key, before.attempts + 1, now);
      return 0;
    },
    succeeded: (key) => void known.delete(key),
    undone(key) {
      const before = known.get(key);
      if (before === undefined) return;
      if (before.attempts <= 1) known.delete(key);
      else known.set(key, { ...before, attempts: before.attempts - 1 });
    },
  };
};
