import { Unavailable } from '../../device-profiles/vocabulary/index.ts';

/** Work on the way, at most so much at a time. */
export interface Window {
  /**
   * Waits for room, then starts the work. @throws what an earlier piece of work failed with; Unavailable
   * (`replay-stalled`).
   */
  add(work: () => Promise<void>): Promise<void>;
  /** Waits for all of it. */
  drain(): Promise<void>;
}

/** A server that acknowledges nothing for so long is not slow but stuck. */
const STALLED_MS = 60_000;

export const openWindow = (atMost: number, stalledMs = STALLED_MS): Window => {
  let onTheWay = 0;
  const failures: unknown[] = [];
  let wake: (() => void) | undefined;
  const change = async (): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    wake = resolve;
    const timer = setTimeout(
      () =>
        reject(
          new Unavailable(
            'replay-stalled',
            `${onTheWay} messages are sent and none was acknowledged for ${stalledMs / 1000} s; is the server running, and has it room on its disk?`,
          ),
        ),
      stalledMs,
    );
    await promise.finally(() => clearTimeout(timer));
  };
  const until = async (room: () => boolean): Promise<void> => {
    while (failures.length === 0 && !room()) await change();
    if (failures.length > 0) throw failures[0];
  };
  return {
    add: async (work) => {
      await until(() => onTheWay < atMost);
      onTheWay += 1;
      void work()
        .catch((error: unknown) => {
          failures.push(error);
        })
        .finally(() => {
          onTheWay -= 1;
          wake?.();
        });
    },
    drain: () => until(() => onTheWay === 0),
  };
};
