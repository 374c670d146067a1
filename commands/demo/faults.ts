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

/**
 * How a lasting fault goes about: in each turn of `everyMs` one of these sensors has it, for `lastsMs` somewhere
 * within the turn.
 */
interface Round {
  readonly everyMs: number;
  /** By how much its turns begin later than the hour, so that two rounds do not change at once. */
  readonly shiftMs?: number;
  readonly lastsMs: number;
  readonly strikes: readonly Sensor[];
}

const ofKinds = (...names: readonly KindName[]): readonly Sensor[] =>
  sensors.filter(({ kind }) => names.includes(kind));

/**
 * Two sensors are silent at any time (their turns are all fault), one of them for at least an hour. One is stuck
 * for half of each hour, every quarter of an hour one sends late, and every two hours a counter restarts. The air
 * quality nodes on MQTT have none of these: by them the episodes are seen.
 */
const rounds: Readonly<Record<'silent' | 'stuck' | 'late' | 'reset', readonly [Round, ...Round[]]>> = {
  silent: [
    { everyMs: 2 * HOUR, lastsMs: 2 * HOUR, strikes: ofKinds('noise', 'road') },
    { everyMs: 2 * HOUR, lastsMs: 2 * HOUR, shiftMs: HOUR, strikes: ofKinds('airrohr') },
  ],
  stuck: [{ everyMs: HOUR, lastsMs: HOUR / 2, strikes: ofKinds('zephyr', 'noise', 'weather') }],
  late: [{ everyMs: 15 * MINUTE, lastsMs: 4 * MINUTE, strikes: ofKinds('counter', 'noise', 'weather', 'road') }],
  reset: [{ everyMs: 2 * HOUR, lastsMs: 0, strikes: ofKinds('counter') }],
};

type Lasting = keyof typeof rounds;

/** The windows of a lasting fault in the turns that hold this time, whether or not the time is inside them. */
const windowsAt = (seed: number, fault: Lasting, timeMs: number): readonly Window[] =>
  rounds[fault].flatMap(({ everyMs, lastsMs, shiftMs = 0, strikes }, round) => {
    const turn = Math.floor((timeMs - shiftMs) / everyMs);
    const chance = (what: string): number => draw(seed, `${fault}:${round}:${turn}:${what}`);
    const sensor = strikes[Math.floor(chance('who') * strikes.length)];
    const from = turn * everyMs + shiftMs + Math.floor((chance('when') * (everyMs - lastsMs)) / MINUTE) * MINUTE;
    return sensor === undefined ? [] : [{ sensor, from, to: from + lastsMs }];
  });

/** The window of that fault which this sensor is in at this time; the end is outside. */
export const within = (
  seed: number,
  fault: 'silent' | 'stuck' | 'late',
  { sensor, timeMs }: { readonly sensor: Sensor; readonly timeMs: number },
): Window | undefined =>
  windowsAt(seed, fault, timeMs).find(
    (window) => window.sensor.id === sensor.id && timeMs >= window.from && timeMs < window.to,
  );

/**
 * When this counter last restarted from 0: a power cut within the day, or midnight, when such counters restart by
 * themselves. UTC.
 */
export const restartedAt = (
  seed: number,
  sensor: Sensor,
  timeMs: number,
): { readonly at: number; readonly fault: boolean } => {
  const midnight = timeMs - (timeMs % (24 * HOUR));
  const [{ everyMs }] = rounds.reset;
  for (let at = timeMs; at >= midnight; at -= everyMs) {
    const window = windowsAt(seed, 'reset', at).find(
      (candidate) => candidate.sensor.id === sensor.id && candidate.from <= timeMs && candidate.from > midnight,
    );
    if (window !== undefined) return { at: window.from, fault: true };
  }
  return { at: midnight, fault: false };
};

/**
 * One in so many messages: enough that a quarter of an hour shows each, few enough that the page stays a picture of
 * a working network.
 */
const oneIn = { spike: 300, clock: 3000, garbled: 500, 'garbled-batch': 120, duplicate: 40 } as const;

/** Whether a message fault strikes this sensor's message of this time. */
export const strikes = (
  seed: number,
  fault: keyof typeof oneIn,
  { sensor, timeMs }: { readonly sensor: Sensor; readonly timeMs: number },
): boolean => {
  if (fault === 'clock' && kinds[sensor.kind].profile !== kinds.air.profile) return false;
  // An airRohr has no clock: a repeat of its message could not be told from a new reading.
  if (fault === 'duplicate' && sensor.kind === 'airrohr') return false;
  // People are counted, and a count has no spike beyond what a street can hold.
  if (fault === 'spike' && (sensor.kind === 'springboard' || sensor.kind === 'counter')) return false;
  return draw(seed, `${fault}:${sensor.id}:${timeMs}`) < 1 / oneIn[fault];
};
