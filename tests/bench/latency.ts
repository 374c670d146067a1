/** Half the width of a bucket is the error of a percentile: 0.025 ms. */
const BUCKET_MS = 0.05;
/** Longer waits count as this long: a sender gives up on an acknowledgement well before a minute. */
const LONGEST_MS = 60_000;

/** Counts waiting times in buckets: constant memory and a few nanoseconds each, however many there are. */
export const latencies = () => {
  const buckets = new Uint32Array(LONGEST_MS / BUCKET_MS + 1);
  let count = 0;
  return {
    add: (ms: number): void => {
      const bucket = Math.min(Math.max(Math.floor(ms / BUCKET_MS), 0), buckets.length - 1);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      count += 1;
    },
    /** The time in milliseconds within which this share (0 to 1) of them ended. 0 when there were none. */
    percentile: (share: number): number => {
      const wanted = Math.ceil(count * share);
      let seen = 0;
      for (const [bucket, here] of buckets.entries()) {
        seen += here;
        if (seen >= wanted && here > 0) return (bucket + 0.5) * BUCKET_MS;
      }
      return 0;
    },
    clear: (): void => {
      buckets.fill(0);
      count = 0;
    },
  };
};
