import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../infra/logging/index.ts';
import { kindOf } from './network.ts';
import type { Transmission } from './outbox.ts';
import type { Radio } from './radio.ts';
import { count, type DemoTally } from './tally.ts';

/** Messages that one sensor may have on the way: each may hold dozens of readings, and forty sensors send at once. */
const IN_FLIGHT = 2;
/** What a real sensor's firmware waits before it tries again, and what a person can stand to watch. */
const RETRY_MS = 1000;

/** Delivers a sensor's messages in order; resolves when all are acknowledged or everything is to stop. */
export type Deliver = (radio: Radio, transmissions: readonly Transmission[]) => Promise<void>;

/** A sensor keeps what it could not deliver, and tries again until it could or `signal` says to stop. */
export const deliverer =
  (tally: DemoTally, { log, signal }: { readonly log: Log; readonly signal: AbortSignal }): Deliver =>
  async (radio, transmissions) => {
    // What is on the way together arrives in order over MQTT; HTTP posts go one by one.
    const atOnce = kindOf(radio.sensor).door === 'mqtt' ? IN_FLIGHT : 1;
    for (let next = 0; next < transmissions.length && !signal.aborted;) {
      const some = transmissions.slice(next, next + atOnce);
      try {
        await Promise.all(some.map((transmission) => deliverOne(radio, transmission, { tally, signal })));
        next += some.length;
      } catch (error) {
        // Some of them may have arrived and arrive again now: that is what "stored once" is for.
        if (tally.retried === 0) {
          log.warn({ reason: 'demo-retry', err: error }, 'a simulated sensor could not deliver and tries again');
        }
        tally.retried += 1;
        await sleep(RETRY_MS, signal);
      }
    }
  };

const deliverOne = async (
  radio: Radio,
  transmission: Transmission,
  { tally, signal }: { readonly tally: DemoTally; readonly signal: AbortSignal },
): Promise<void> => {
  const answer = await unlessStopped(radio.deliver(transmission), signal);
  if (answer !== undefined) count(tally, transmission, answer.outcome, answer.copies);
};

/** The work's answer, or undefined once everything is to stop: what nobody acknowledges must not hold up the end. */
const unlessStopped = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> => {
  // Where stopping wins, the work's own failure is of no interest any more.
  work.catch(() => undefined);
  if (signal.aborted) return undefined;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const onAbort = (): void => resolve(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

/** Waits, at least a timer's grain, until the time is over or everything is to stop. */
export const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
  // An aborted pause rejects: that is its way to end, not a fault.
  await pause(Math.max(GRAIN_MS, ms), undefined, { signal }).catch(() => undefined);
};
/** Shorter waits would only spin. */
const GRAIN_MS = 20;
