import { restartedAt, strikes, within, type FaultKind } from './faults.ts';
import { kindOf, type Sensor } from './network.ts';
import { draw } from './random.ts';
import { reader, type Moment, type Words } from './readings.ts';

const MINUTE = 60_000;
/** A clock that was never set: what a board says after a brown-out. */
const NEVER_SET = Date.UTC(1970, 0, 1, 0, 2);
/** Readings in one message of what a sensor kept: some 5 kB, and well below the 1,000 that a profile takes. */
const BATCH = 48;

/** One message as a simulated sensor hands it to its radio. */
export interface Transmission {
  readonly sensor: Sensor;
  /** When it is sent. */
  readonly atMs: number;
  readonly body: Uint8Array;
  readonly readings: number;
  /** Sent twice, word for word: the acknowledgement got lost on the way back. */
  readonly twice: boolean;
  /** What is wrong with it on purpose. */
  readonly plays: readonly FaultKind[];
}

/** A span of time: after the one, up to and including the other. */
export interface Span {
  readonly afterMs: number;
  readonly untilMs: number;
}

/**
 * What one sensor sends. `live` is what it sends within the span, at the demo's pace; `kept` what it had in memory of the span when it was
 * switched on: coarser, and several readings to a message where its profile allows. Both are functions of the seed and the span alone.
 */
export interface Outbox {
  readonly sensor: Sensor;
  live(span: Span): readonly Transmission[];
  kept(span: Span): readonly Transmission[];
  /** When it sends next, after this time, if nothing is wrong. */
  nextAfter(timeMs: number): number;
}

interface Sample {
  readonly atMs: number;
  readonly words: Words;
  readonly plays: readonly FaultKind[];
}

export const outbox = (seed: number, sensor: Sensor): Outbox => {
  const { everyMs, rememberedEveryMs } = kindOf(sensor);
  const read = reader(seed, sensor);
  // Not all at once: each sensor has its own second. A minute's count is sent after the minute, up to its second later.
  const phaseMs = Math.floor((draw(seed, `${sensor.id}:phase`) * everyMs) / 1000) * 1000;
  const counts = everyMs === MINUTE;
  const phenomenon = (atMs: number): number => (counts ? atMs - phaseMs - MINUTE : atMs);

  // In a batch, two readings without a time of their own could not be told apart: a board whose clock was lost sends one at a time.
  const sample = (atMs: number, alone: boolean): Sample | undefined => {
    const timeMs = phenomenon(atMs);
    const moment = { sensor, timeMs };
    if (within(seed, 'silent', moment) !== undefined) return undefined;
    const stuck = within(seed, 'stuck', moment);
    const spike = strikes(seed, 'spike', moment);
    const clock = alone && strikes(seed, 'clock', moment);
    const reading: Moment = { timeMs, valuesAt: stuck?.from ?? timeMs, told: clock ? NEVER_SET : timeMs, spike };
    const restarted = sensor.kind === 'counter' && restartedAt(seed, sensor, timeMs);
    const reset = restarted !== false && restarted.fault && restarted.at === timeMs;
    const faults: readonly (readonly [FaultKind, boolean])[] = [['stuck', stuck !== undefined], ['spike', spike], ['clock', clock], ['reset', reset]];
    return { atMs, words: read(reading), plays: faults.flatMap(([fault, is]) => (is ? [fault] : [])) };
  };
  const samples = ({ afterMs, untilMs }: Span, { stepMs, alone }: { readonly stepMs: number; readonly alone: boolean }): Sample[] => {
    const found: Sample[] = [];
    for (let atMs = firstAfter(afterMs, phaseMs, stepMs); atMs <= untilMs; atMs += stepMs) {
      const one = sample(atMs, alone);
      if (one !== undefined) found.push(one);
    }
    return found;
  };
  const repeated = (atMs: number, plays: readonly FaultKind[]): Pick<Transmission, 'twice' | 'plays'> => {
    const twice = strikes(seed, 'duplicate', { sensor, timeMs: atMs });
    return { twice, plays: twice ? [...plays, 'duplicate'] : plays };
  };
  const single = (one: Sample): Transmission => {
    const moment = { sensor, timeMs: one.atMs };
    const whole = { sensor, atMs: one.atMs, body: written(one.words), readings: 1 };
    if (!strikes(seed, 'garbled', moment)) return { ...whole, ...repeated(one.atMs, one.plays) };
    return { ...whole, body: garble(whole.body, draw(seed, `${sensor.id}:${one.atMs}:how`)), twice: false, plays: [...one.plays, 'garbled'] };
  };
  const batch = (atMs: number, many: readonly Sample[], plays: readonly FaultKind[]): Transmission => ({
    sensor,
    atMs,
    body: written(many.map(({ words }) => words)),
    readings: many.length,
    ...repeated(atMs, [...plays, ...many.flatMap((one) => one.plays)]),
  });

  return {
    sensor,
    live: (span) => {
      const sent: Transmission[] = [];
      for (const one of samples(span, { stepMs: everyMs, alone: true })) if (within(seed, 'late', { sensor, timeMs: one.atMs }) === undefined) sent.push(single(one));
      for (const window of lateWindowsEnding(seed, sensor, span)) {
        const held = samples({ afterMs: window.from - 1, untilMs: window.to - 1 }, { stepMs: everyMs, alone: false });
        if (held.length > 0) sent.push(batch(window.to, held, ['late']));
      }
      return sent.sort((a, b) => a.atMs - b.atMs);
    },
    kept: (span) => {
      if (rememberedEveryMs === undefined) return [];
      const all = samples(span, { stepMs: rememberedEveryMs, alone: false });
      const batches = Array.from({ length: Math.ceil(all.length / BATCH) }, (_, index) => all.slice(index * BATCH, (index + 1) * BATCH));
      return batches.flatMap((many) => {
        const whole = batch(many.at(-1)?.atMs ?? span.untilMs, many, []);
        // A batch that arrives broken is sent again, whole: what was kept is not lost.
        const moment = { sensor, timeMs: whole.atMs };
        return strikes(seed, 'garbled-batch', moment) ? [{ ...whole, body: garble(whole.body, draw(seed, `${sensor.id}:${whole.atMs}:how`)), readings: 0, twice: false, plays: ['garbled' as const] }, whole] : [whole];
      });
    },
    nextAfter: (timeMs) => firstAfter(timeMs, phaseMs, everyMs),
  };
};

const firstAfter = (timeMs: number, phaseMs: number, stepMs: number): number => (Math.floor((timeMs - phaseMs) / stepMs) + 1) * stepMs + phaseMs;

/** The times in which this sensor held its messages back, and that end within the span. Windows begin and end on whole minutes. */
const lateWindowsEnding = (seed: number, sensor: Sensor, { afterMs, untilMs }: Span): { readonly from: number; readonly to: number }[] => {
  const ending: { from: number; to: number }[] = [];
  for (let endMs = firstAfter(afterMs, 0, MINUTE); endMs <= untilMs; endMs += MINUTE) {
    const window = within(seed, 'late', { sensor, timeMs: endMs - 1 });
    if (window?.to === endMs) ending.push(window);
  }
  return ending;
};

const utf8 = new TextEncoder();
const written = (words: unknown): Uint8Array => utf8.encode(JSON.stringify(words));

/** What arrives when a radio, a buffer or a firmware fails: half a message, a start-up notice, or bytes that are no text. */
const garble = (whole: Uint8Array, chance: number): Uint8Array => {
  if (chance < 0.5) return whole.slice(0, Math.floor(whole.length * (0.3 + chance)));
  if (chance < 0.8) return written({ boot: 'brown-out', firmware: '2.1.7', uptime: 4 });
  return whole.map((byte, index) => (index % 3 === 0 ? byte | 0x80 : byte));
};
