import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../../infra/logging/index.ts';
import { deliverer, sleep } from './deliver.ts';
import type { Outbox } from './outbox.ts';
import type { Radio } from './radio.ts';
import type { Span } from './sampler.ts';
import { emptyTally, type DemoTally } from './tally.ts';

/** A simulated sensor with its way to the server. */
export interface Speaker {
  readonly box: Outbox;
  readonly radio: Radio;
}

/** The street network while it runs. */
export interface RunningStreet {
  readonly tally: DemoTally;
  /** How many sensors are still telling what they kept in memory. */
  catchingUp(): number;
  /** Resolves when there are none any more, or all is stopped. */
  readonly caughtUp: Promise<void>;
  /** Up to when every sensor has sent everything. */
  until(): number;
  /** Ends the sending after the messages in hand. */
  stop(): Promise<void>;
}

/** How far back a sensor's memory reaches. */
export const REMEMBERS_MS = 24 * 3_600_000;
/** What is kept is told in steps: whole days of forty sensors at once would be a long wait before the first word. */
const KEPT_STEP_MS = 4 * 3_600_000;
/** A pause of the whole machine (a laptop that slept) is made good from memory instead of at the live pace. */
const SLEPT_MS = 5 * 60_000;

/**
 * Lets all sensors speak: first what they kept since `sinceMs`, then live. Each goes at its own pace and waits for
 * its own acknowledgements.
 */
export const runStreet = (
  speakers: readonly Speaker[],
  { clock, log, sinceMs }: { readonly clock: Clock; readonly log: Log; readonly sinceMs: number },
): RunningStreet => {
  const tally = emptyTally();
  const stopping = new AbortController();
  const { signal } = stopping;
  const startMs = clock.now();
  const sentUpTo = new Map<Outbox, number>(speakers.map(({ box }) => [box, sinceMs]));

  const deliver = deliverer(tally, { log, signal });

  const tell = async ({ box, radio }: Speaker, span: Span, from: 'kept' | 'live'): Promise<void> => {
    await deliver(radio, box[from](span));
    if (!signal.aborted) sentUpTo.set(box, span.untilMs);
  };
  const catchUp = async (speaker: Speaker): Promise<void> => {
    for (let afterMs = sinceMs; afterMs < startMs && !signal.aborted; afterMs += KEPT_STEP_MS) {
      await tell(speaker, { afterMs, untilMs: Math.min(startMs, afterMs + KEPT_STEP_MS) }, 'kept');
    }
  };
  const goOn = async (speaker: Speaker): Promise<void> => {
    for (let afterMs: number = startMs; !signal.aborted;) {
      await sleep(speaker.box.nextAfter(afterMs) - clock.now(), signal);
      const untilMs = clock.now();
      if (untilMs <= afterMs) continue;
      await tell(speaker, { afterMs, untilMs }, untilMs - afterMs > SLEPT_MS ? 'kept' : 'live');
      afterMs = untilMs;
    }
  };

  const speaking = speakers.map((speaker) => {
    const caughtUp = catchUp(speaker);
    return { caughtUp, ended: caughtUp.then(() => goOn(speaker)) };
  });
  return {
    tally,
    catchingUp: () => [...sentUpTo.values()].filter((upTo) => upTo < startMs).length,
    caughtUp: Promise.all(speaking.map(({ caughtUp }) => caughtUp)).then(() => undefined),
    until: () => Math.min(...sentUpTo.values()),
    stop: async () => {
      stopping.abort();
      await Promise.all(speaking.map(({ ended }) => ended));
      await Promise.all(speakers.map(({ radio }) => radio.close()));
    },
  };
};
