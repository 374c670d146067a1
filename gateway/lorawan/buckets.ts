/** How often something may happen for each of many: so much a second in the long run, and so much at once. */
export interface Buckets {
  /** Takes that much, where it is there; else takes nothing and answers false. */
  take(key: string, now: number, cost?: number): boolean;
  /** Whether there is that much, taking nothing. */
  has(key: string, now: number, cost?: number): boolean;
}

export interface Pace {
  readonly perSecond: number;
  /** What is there at the beginning and after a rest; not less than what one piece may cost. */
  readonly burst: number;
}

interface Bucket {
  left: number;
  at: number;
}

/**
 * A bucket for each key that ever took something. They are never thrown away: keys must be of a kind that outsiders
 * cannot make up. `now` is in milliseconds of a clock that only rises.
 */
export const openBuckets = ({ perSecond, burst }: Pace): Buckets => {
  const buckets = new Map<string, Bucket>();
  const filled = (key: string, now: number): Bucket | undefined => {
    const bucket = buckets.get(key);
    if (bucket === undefined) return undefined;
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) * perSecond) / 1000);
    bucket.at = now;
    return bucket;
  };
  return {
    take(key, now, cost = 1) {
      let bucket = filled(key, now);
      if (bucket === undefined) buckets.set(key, (bucket = { left: burst, at: now }));
      if (bucket.left < cost) return false;
      bucket.left -= cost;
      return true;
    },
    has: (key, now, cost = 1) => (filled(key, now)?.left ?? burst) >= cost,
  };
};
