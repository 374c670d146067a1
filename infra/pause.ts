import { setImmediate } from 'node:timers/promises';

/** How long a piece of long work may keep the process from everything else, such as acknowledging messages. */
const TURN_MS = 8;

/** To be awaited between the pieces of long work: gives everything else a turn when the last one was `TURN_MS` ago. */
export const openPause = (): (() => Promise<void>) => {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < TURN_MS) return;
    await setImmediate();
    since = performance.now();
  };
};
