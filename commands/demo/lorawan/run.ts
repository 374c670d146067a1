import type { Clock } from '../../../device-profiles/vocabulary/index.ts';
import { sleep } from '../deliver.ts';
import { radioKindOf, radioSensors, type RadioDoor } from './network.ts';
import { radioOutbox, type Frame, type RadioOutbox } from './outbox.ts';
import type { RadioTally } from './tally.ts';
import type { DemoNetwork, World } from './world.ts';

/** The networks by the door at which they knock. */
export type Networks = Readonly<Record<RadioDoor, DemoNetwork>>;

/** The LoRaWAN sensors while they run. */
export interface RunningAir {
  readonly tally: RadioTally;
  /** Ends the sending after the frames in hand, and closes the networks. */
  stop(): Promise<void>;
}

/** A pause of the whole machine (a laptop that slept): nobody hears frames of an hour ago. */
const SLEPT_MS = 60_000;
/** How often gateways are asked whether they have something to say. */
const TICK_MS = 1_000;

/** The outbox of each LoRaWAN sensor. `pauseFromMs` is the time since which nobody listened. */
export const radioOutboxes = (
  { seed, begunMs }: Pick<World, 'seed' | 'begunMs'>,
  { pauseFromMs, startMs }: { readonly pauseFromMs: number; readonly startMs: number },
): readonly RadioOutbox[] =>
  radioSensors.map((sensor) =>
    radioOutbox(seed, sensor, { begunMs, pause: { afterMs: pauseFromMs, untilMs: startMs } }),
  );

/** Puts a frame on the air: whoever hears it passes it on. */
export const transmit = (frame: Frame, networks: Networks, tally: RadioTally): void => {
  const { door } = radioKindOf(frame.sensor);
  tally.sent[door] += 1;
  for (const fault of frame.plays) tally.plays.set(fault, (tally.plays.get(fault) ?? 0) + 1);
  if (frame.hearings.length === 0) return;
  tally.heard[door] += 1;
  tally.readings += frame.readings;
  networks[door].take(frame);
  // A gateway of ChirpStack's sends a copy of what it hears, whosever it is.
  if (door === 'chirpstack') networks['semtech-udp'].take(frame);
};

/** Lets the LoRaWAN sensors speak from now on, each frame when it is due. */
export const runAir = (
  outboxes: readonly RadioOutbox[],
  { networks, tally, clock }: { readonly networks: Networks; readonly tally: RadioTally; readonly clock: Clock },
): RunningAir => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const all = Object.values(networks);
  const tick = (): void => {
    for (const network of all) network.tick(clock.now());
  };
  tick();
  const ticking = setInterval(tick, TICK_MS);
  const go = async (): Promise<void> => {
    for (let afterMs: number = clock.now(); !signal.aborted;) {
      await sleep(Math.min(...outboxes.map((box) => box.nextAfter(afterMs))) - clock.now(), signal);
      if (signal.aborted) return;
      const untilMs = clock.now();
      const fromMs = untilMs - afterMs > SLEPT_MS ? untilMs - TICK_MS : afterMs;
      const due = outboxes.flatMap((box) => box.frames({ afterMs: fromMs, untilMs })).sort((a, b) => a.atMs - b.atMs);
      for (const frame of due) transmit(frame, networks, tally);
      afterMs = Math.max(afterMs, untilMs);
    }
  };
  const going = go();
  return {
    tally,
    stop: async () => {
      stopping.abort();
      clearInterval(ticking);
      await going;
      await Promise.all(all.map((network) => network.close()));
    },
  };
};
