import { restartedAt, strikes, within, type FaultKind } from './faults.ts';
import { kindOf, type Sensor } from './network.ts';
import { draw } from './random.ts';
import { reader, type Moment, type Words } from './readings.ts';

const MINUTE = 60_000;
/** A clock that was never set: what a board says after a brown-out. */
const NEVER_SET = Date.UTC(1970, 0, 1, 0, 2);

/** A span of time: after the one, up to and including the other. Milliseconds. */
export interface Span {
  readonly afterMs: number;
  readonly untilMs: number;
}

/** What a sensor has to say at one time, and what is wrong with it on purpose. */
export interface Sample {
  /** When it is ready to be sent. */
  readonly atMs: number;
  readonly words: Words;
  readonly plays: readonly FaultKind[];
}

/** When a sensor reads, and what. */
export interface Sampler {
  /**
   * Every `stepMs` within the span, leaving out the time in which it is silent. `alone`: each is to be a message of
   * its own. In a batch, two readings without a time could not be told apart, so a lost clock shows only alone.
   */
  readonly samples: (span: Span, how: { readonly stepMs: number; readonly alone: boolean }) => readonly Sample[];
  /** When it is ready next, if nothing is wrong. */
  readonly nextAfter: (timeMs: number) => number;
}

/** The first time after `timeMs` on a grid of `stepMs` that is moved by `phaseMs`. */
export const firstAfter = (timeMs: number, phaseMs: number, stepMs: number): number =>
  (Math.floor((timeMs - phaseMs) / stepMs) + 1) * stepMs + phaseMs;

/** The sampler of one sensor. */
export const sampler = (seed: number, sensor: Sensor): Sampler => {
  const { everyMs } = kindOf(sensor);
  const read = reader(seed, sensor);
  // Not all at once: each sensor has its own second. What is counted by the minute is ready once the minute is over.
  const phaseMs = Math.floor((draw(seed, `${sensor.id}:phase`) * everyMs) / 1000) * 1000;
  const countsMinutes = everyMs === MINUTE;

  const sampleAt = (atMs: number, alone: boolean): Sample | undefined => {
    const timeMs = countsMinutes ? atMs - phaseMs - MINUTE : atMs;
    const moment = { sensor, timeMs };
    if (within(seed, 'silent', moment) !== undefined) return undefined;
    const stuck = within(seed, 'stuck', moment);
    const spike = strikes(seed, 'spike', moment);
    const clock = alone && strikes(seed, 'clock', moment);
    const reading: Moment = { timeMs, valuesAt: stuck?.from ?? timeMs, told: clock ? NEVER_SET : timeMs, spike };
    const faults: readonly (readonly [FaultKind, boolean])[] = [
      ['stuck', stuck !== undefined],
      ['spike', spike],
      ['clock', clock],
      ['reset', sensor.kind === 'counter' && isReset(restartedAt(seed, sensor, timeMs), timeMs)],
    ];
    return { atMs, words: read(reading), plays: faults.flatMap(([fault, is]) => (is ? [fault] : [])) };
  };

  return {
    samples: ({ afterMs, untilMs }, { stepMs, alone }) => {
      const found: Sample[] = [];
      for (let atMs = firstAfter(afterMs, phaseMs, stepMs); atMs <= untilMs; atMs += stepMs) {
        const one = sampleAt(atMs, alone);
        if (one !== undefined) found.push(one);
      }
      return found;
    },
    nextAfter: (timeMs) => firstAfter(timeMs, phaseMs, everyMs),
  };
};

const isReset = ({ at, fault }: ReturnType<typeof restartedAt>, timeMs: number): boolean => fault && at === timeMs;
