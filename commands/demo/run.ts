import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../../infra/logging/index.ts';
import { kindOf } from './network.ts';
import type { Outbox, Span, Transmission } from './outbox.ts';
import type { Radio } from './radio.ts';
import { count, emptyTally, type DemoTally } from './tally.ts';

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
/** Messages that one sensor may have on the way: each may hold dozens of readings, and forty sensors send at once. */
const IN_FLIGHT = 2;
/** What is kept is told in steps: forty whole days at once would be forty sensors' worth of waiting before the first word. */
const KEPT_STEP_MS = 4 * 3_600_000;
/** A pause of the whole machine (a laptop that slept) is made good from memory instead of at the live pace. */
const SLEPT_MS = 5 * 60_000;
/** What a real sensor's firmware waits before it tries again, and what a person can stand to watch. */
const RETRY_MS = 1000;

/** Lets all sensors speak: first what they kept since `sinceMs`, then live. Each goes at its own pace and waits for its own acknowledgements. */
export const runStreet = (speakers: readonly Speaker[], { clock, log, sinceMs }: { readonly clock: Clock; readonly log: Log; readonly sinceMs: number }): RunningStreet => {
  const tally = emptyTally();
  const stopping = new AbortController();
  const { signal } = stopping;
  const startMs = clock.now();
  const sentUpTo = new Map<Outbox, number>(speakers.map(({ box }) => [box, sinceMs]));

  const deliver = async (radio: Radio, transmissions: readonly Transmission[]): Promise<void> => {
    for (let next = 0; next < transmissions.length && !signal.aborted; ) {
      // What shares a window arrives in order: MQTT keeps it, and HTTP posts go one by one.
      const window = transmissions.slice(next, next + (kindOf(radio.sensor).door === 'mqtt' ? IN_FLIGHT : 1));
      try {
        const answers = await Promise.all(window.map((transmission) => untilStopped(radio.deliver(transmission), signal)));
        for (const [index, answer] of answers.entries()) {
          const transmission = window[index];
          if (transmission !== undefined && answer !== undefined) count(tally, transmission, answer.outcome, answer.copies);
        }
        next += window.length;
      } catch (error) {
        // A sensor keeps what it could not deliver; that some of the window may arrive twice is what "stored once" is for.
        if (tally.retried === 0) log.warn({ reason: 'demo-retry', err: error }, 'a simulated sensor could not deliver and tries again');
        tally.retried += 1;
        await sleep(RETRY_MS, signal);
      }
    }
  };

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
    for (let afterMs: number = startMs; !signal.aborted; ) {
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

/** Shorter than a timer's own grain would only spin. */
const GRAIN_MS = 20;

const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
  // An aborted pause rejects: that is its way to end, not a fault.
  await pause(Math.max(GRAIN_MS, ms), undefined, { signal }).catch(() => undefined);
};

/** The promise's answer, or undefined once everything is to stop: a message that nobody acknowledges must not hold up the end. */
const untilStopped = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const onAbort = (): void => resolve(undefined);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Where stopping won, the work's own failure is of no interest any more.
    work.catch(() => undefined);
  }
};
