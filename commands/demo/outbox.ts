import { strikes, within, type FaultKind } from './faults.ts';
import { kindOf, type Sensor } from './network.ts';
import { draw } from './random.ts';
import { firstAfter, sampler, type Sample, type Span } from './sampler.ts';

const MINUTE = 60_000;
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

/**
 * What one sensor sends. `live` is what it sends within the span, at the demo's pace; `kept` what it remembers of the
 * span: coarser, many readings to a message. Both are functions of the seed and the span alone.
 */
export interface Outbox {
  readonly sensor: Sensor;
  live(span: Span): readonly Transmission[];
  kept(span: Span): readonly Transmission[];
  /** When it sends next, after this time, if nothing is wrong. */
  nextAfter(timeMs: number): number;
}

/** The outbox of one sensor. */
export const outbox = (seed: number, sensor: Sensor): Outbox => {
  const { everyMs, rememberedEveryMs } = kindOf(sensor);
  const { samples, nextAfter } = sampler(seed, sensor);
  const late = (timeMs: number): boolean => within(seed, 'late', { sensor, timeMs }) !== undefined;
  return {
    sensor,
    live: (span) => {
      const sent = samples(span, { stepMs: everyMs, alone: true }).filter(({ atMs }) => !late(atMs));
      const heldBack = lateWindowsEnding(seed, sensor, span).flatMap(({ from, to }) => {
        const held = samples({ afterMs: from - 1, untilMs: to - 1 }, { stepMs: everyMs, alone: false });
        return held.length === 0 ? [] : [batch(seed, sensor, { atMs: to, samples: held, plays: ['late'] })];
      });
      return [...sent.map((sample) => single(seed, sensor, sample)), ...heldBack].sort((a, b) => a.atMs - b.atMs);
    },
    kept: (span) => {
      if (rememberedEveryMs === undefined) return [];
      const all = samples(span, { stepMs: rememberedEveryMs, alone: false });
      return inBatches(all).flatMap((some) => {
        const whole = batch(seed, sensor, { atMs: some.at(-1)?.atMs ?? span.untilMs, samples: some, plays: [] });
        if (!strikes(seed, 'garbled-batch', { sensor, timeMs: whole.atMs })) return [whole];
        // What arrives broken is sent again, whole: what was kept is not lost.
        return [{ ...garbled(seed, whole), readings: 0 }, whole];
      });
    },
    nextAfter,
  };
};

const inBatches = (samples: readonly Sample[]): readonly (readonly Sample[])[] =>
  Array.from({ length: Math.ceil(samples.length / BATCH) }, (_, index) =>
    samples.slice(index * BATCH, (index + 1) * BATCH),
  );

/** When this sensor held its messages back, where that ends within the span. Such windows keep to whole minutes. */
const lateWindowsEnding = (
  seed: number,
  sensor: Sensor,
  { afterMs, untilMs }: Span,
): readonly { readonly from: number; readonly to: number }[] => {
  const ending: { from: number; to: number }[] = [];
  for (let endMs = firstAfter(afterMs, 0, MINUTE); endMs <= untilMs; endMs += MINUTE) {
    const window = within(seed, 'late', { sensor, timeMs: endMs - 1 });
    if (window?.to === endMs) ending.push(window);
  }
  return ending;
};

const single = (seed: number, sensor: Sensor, { atMs, words, plays }: Sample): Transmission => {
  const whole = { sensor, atMs, body: written(words), readings: 1, twice: false, plays };
  return strikes(seed, 'garbled', { sensor, timeMs: atMs }) ? garbled(seed, whole) : perhapsTwice(seed, whole);
};

const batch = (
  seed: number,
  sensor: Sensor,
  { atMs, samples, plays }: Pick<Sample, 'atMs' | 'plays'> & { readonly samples: readonly Sample[] },
): Transmission =>
  perhapsTwice(seed, {
    sensor,
    atMs,
    body: written(samples.map(({ words }) => words)),
    readings: samples.length,
    twice: false,
    plays: [...plays, ...samples.flatMap((sample) => sample.plays)],
  });

const perhapsTwice = (seed: number, whole: Transmission): Transmission =>
  strikes(seed, 'duplicate', { sensor: whole.sensor, timeMs: whole.atMs })
    ? { ...whole, twice: true, plays: [...whole.plays, 'duplicate'] }
    : whole;

/** What arrives when a radio or a firmware fails: half a message, a start-up notice, or bytes that are no text. */
const garbled = (seed: number, { sensor, atMs, body, readings, plays }: Transmission): Transmission => {
  const chance = draw(seed, `${sensor.id}:${atMs}:how`);
  const ruin = (): Uint8Array => {
    if (chance < 0.5) return body.slice(0, Math.floor(body.length * (0.3 + chance)));
    if (chance < 0.8) return written({ boot: 'brown-out', firmware: '2.1.7', uptime: 4 });
    return body.map((byte, index) => (index % 3 === 0 ? byte | 0x80 : byte));
  };
  return { sensor, atMs, body: ruin(), readings, twice: false, plays: [...plays, 'garbled'] };
};

const utf8 = new TextEncoder();
const written = (words: unknown): Uint8Array => utf8.encode(JSON.stringify(words));
