/** Of the time of the one thread that also takes in uplinks, so much may go into drawing the same thing again. */
const SHARE = 1 / 20;

/**
 * Computes anew at most so often that it takes a twentieth of the time: what took 2 ms is kept for 40 ms, what took
 * 40 ms for 800 ms. The staler the answer, the larger the installation; nobody has to choose a figure.
 * `forget` makes the next call compute.
 */
export const thrifty = <T>(
  compute: () => T,
  now: () => number = () => performance.now(),
): { (): T; forget(): void } => {
  let kept: { readonly value: T; readonly until: number } | undefined;
  const call = (): T => {
    const started = now();
    if (kept !== undefined && started < kept.until) return kept.value;
    const value = compute();
    const ended = now();
    kept = { value, until: ended + (ended - started) / SHARE };
    return value;
  };
  call.forget = () => {
    kept = undefined;
  };
  return call;
};
