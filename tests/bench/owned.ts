/** What this run started and must stop, in order of starting. */
const open = new Set<() => Promise<void>>();

/** Remembers how to stop something; answers a function that does it, once. */
export const own = (stop: () => Promise<void>): (() => Promise<void>) => {
  let stopping: Promise<void> | undefined;
  const once = (): Promise<void> => {
    stopping ??= stop().finally(() => open.delete(once));
    return stopping;
  };
  open.add(once);
  return once;
};

/** Stops all that is still open, the newest first; for the end of a run, wanted or not. */
export const stopAll = async (): Promise<void> => {
  for (const stop of [...open].reverse()) await stop().catch(() => undefined);
};
