import { kinds, sensors, type KindName, type Sensor } from './network.ts';
import { draw } from './random.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What goes wrong in a street network, and what this one plays on purpose. */
export const faultKinds = ['silent', 'stuck', 'late', 'reset', 'spike', 'clock', 'garbled', 'duplicate'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A fault that lasts: who has it, and from when to when. */
interface Window {
  readonly sensor: Sensor;
  readonly from: number;
  readonly to: number;
}

/** How a lasting fault goes about: in each turn of `everyMs` one sensor of these kinds has it, for `lastsMs` somewhere within the turn. */
interface Round {
  readonly everyMs: number;
  readonly lastsMs: number;
  readonly strikes: readonly Sensor[];
}

const ofKinds = (...names: readonly KindName[]): readonly Sensor[] => sensors.filter(({ kind }) => names.includes(kind));

/**
 * One sensor is silent at any time (its turn is all fault), one is stuck for half of each hour, every quarter of an hour one sends
 * late, and every two hours a counter restarts. Stuck and silent leave out the air quality nodes on MQTT, which the episodes need to be seen by.
 */
const rounds = {
  silent: { everyMs: 2 * HOUR, lastsMs: 2 * HOUR, strikes: ofKinds('airrohr', 'springboard', 'noise') },
  stuck: { everyMs: HOUR, lastsMs: HOUR / 2, strikes: ofKinds('zephyr', 'noise', 'weather') },
  late: { everyMs: 15 * MINUTE, lastsMs: 4 * MINUTE, strikes: ofKinds('counter', 'noise', 'weather', 'road') },
  reset: { everyMs: 2 * HOUR, lastsMs: 0, strikes: ofKinds('counter') },
} as const satisfies Partial<Record<FaultKind, Round>>;

type Lasting = keyof typeof rounds;

/** The window of a lasting fault in the turn that holds this time, whether or not the time is inside it. */
const windowAt = (seed: number, fault: Lasting, timeMs: number): Window | undefined => {
  const { everyMs, lastsMs, strikes } = rounds[fault];
  const turn = Math.floor(timeMs / everyMs);
  const sensor = strikes[Math.floor(draw(seed, `${fault}:${turn}:who`) * strikes.length)];
  if (sensor === undefined) return undefined;
  const from = turn * everyMs + Math.floor((draw(seed, `${fault}:${turn}:when`) * (everyMs - lastsMs)) / MINUTE) * MINUTE;
  return { sensor, from, to: from + lastsMs };
};

/** The window of that fault which this sensor is in at this time; the end is outside. */
export const within = (seed: number, fault: 'silent' | 'stuck' | 'late', { sensor, timeMs }: { readonly sensor: Sensor; readonly timeMs: number }): Window | undefined => {
  const window = windowAt(seed, fault, timeMs);
  return window !== undefined && window.sensor.id === sensor.id && timeMs >= window.from && timeMs < window.to ? window : undefined;
};

/** When this counter last restarted from 0: a power cut within the day, or midnight, when such counters restart by themselves. UTC. */
export const restartedAt = (seed: number, sensor: Sensor, timeMs: number): { readonly at: number; readonly fault: boolean } => {
  const midnight = timeMs - (timeMs % (24 * HOUR));
  for (let at = timeMs; at >= midnight; at -= rounds.reset.everyMs) {
    const window = windowAt(seed, 'reset', at);
    if (window !== undefined && window.sensor.id === sensor.id && window.from <= timeMs && window.from > midnight) return { at: window.from, fault: true };
  }
  return { at: midnight, fault: false };
};

/** One in so many messages: enough that a quarter of an hour shows each, few enough that the page stays a picture of a working network. */
const oneIn = { spike: 300, clock: 3000, garbled: 500, 'garbled-batch': 60, duplicate: 40 } as const;

/** Whether a message fault strikes this sensor's message of this time. */
export const strikes = (seed: number, fault: keyof typeof oneIn, { sensor, timeMs }: { readonly sensor: Sensor; readonly timeMs: number }): boolean => {
  if (fault === 'clock' && kinds[sensor.kind].profile !== kinds.air.profile) return false;
  // An airRohr has no clock: a repeat of its message could not be told from a new reading.
  if (fault === 'duplicate' && sensor.kind === 'airrohr') return false;
  // People are counted, and a count has no spike beyond what a street can hold.
  if (fault === 'spike' && (sensor.kind === 'springboard' || sensor.kind === 'counter')) return false;
  return draw(seed, `${fault}:${sensor.id}:${timeMs}`) < 1 / oneIn[fault];
};
