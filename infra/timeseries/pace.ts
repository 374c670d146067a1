/** A long read gives the doors a turn this often: what a PUBACK may wait for a reader. */
const TURN_MS = 10;

/** Call between small pieces of work: now and then it waits until everything else that is due has run. */
export const pace = (): (() => Promise<void>) => {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < TURN_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  };
};
