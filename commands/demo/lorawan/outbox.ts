import { draw } from '../random.ts';
import type { Span } from '../sampler.ts';
import { radioKindOf, type RadioSensor } from './network.ts';
import { DEPTH_BYTES, KEPT_BYTES, type KeptDepth } from './payloads/milesight.ts';
import { channelOf, payloadAtMost, radioLinks } from './propagation.ts';
import type { Hearing, RadioChannel, RadioLinks } from './propagation.ts';
import { depthAt, radioReader } from './readings.ts';

const MINUTE = 60_000;

/** What is played on purpose, frame by frame. Nobody hearing a frame is chance, and counted as well. */
export const radioFaultKinds = [
  'unheard',
  'outage',
  'duplicate',
  'codec-error',
  'mic-error',
  'simulated',
  'stranger',
  'replay',
] as const;
export type RadioFault = (typeof radioFaultKinds)[number];

/** A frame as a device sends it, and as the air carries it to gateways. */
export interface Frame {
  readonly sensor: RadioSensor;
  readonly atMs: number;
  /** 32 bits */
  readonly fCnt: number;
  readonly fPort: number;
  readonly payload: Uint8Array;
  /** Readings in it: the present one, and those it kept. */
  readonly readings: number;
  /** The device waits for an acknowledgement: it does for what it kept. */
  readonly confirmed: boolean;
  readonly spreadingFactor: number;
  readonly channel: RadioChannel;
  /** The clearest first. Empty: nobody heard it. */
  readonly hearings: readonly Hearing[];
  readonly plays: readonly RadioFault[];
}

/** What one sensor sends: a function of the seed, of when its session began, and of the span. */
export interface RadioOutbox {
  readonly sensor: RadioSensor;
  frames(span: Span): readonly Frame[];
  /** When it sends next, after this time. */
  nextAfter(timeMs: number): number;
}

/** What a sensor's frames depend on besides its seed. */
export interface Session {
  /** When the session began: its frame counter was 0 then. Milliseconds. */
  readonly begunMs: number;
  /** The time before this start in which no network was there: what keeps readings has them. */
  readonly pause: Span;
}

/** One frame in so many. */
const oneIn = { duplicate: 40, 'codec-error': 150, 'mic-error': 150, simulated: 60, stranger: 40, replay: 80 } as const;
const faultsOf = {
  chirpstack: ['duplicate', 'codec-error', 'mic-error'],
  'things-stack': ['duplicate', 'simulated'],
  'semtech-udp': ['stranger', 'replay'],
} as const;

/** Everybody has spoken once within so long of the first start. */
const FIRST_WITHIN_MS = 8_000;

/** What waits for an acknowledgement is sent again, seconds later, as often as LoRaWAN's makers advise. */
const TRIES = 8;
const AGAIN_MS = 2_500;

const heardAt = (
  links: RadioLinks,
  { atMs, begunMs, tries }: { readonly atMs: number; readonly begunMs: number; readonly tries: number },
): readonly Hearing[] => {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const hearings = links.hearings(atMs + attempt * AGAIN_MS, atMs - begunMs);
    if (hearings.length > 0) return hearings;
  }
  return [];
};

export const radioOutbox = (seed: number, sensor: RadioSensor, { begunMs, pause }: Session): RadioOutbox => {
  const { everyMs, door, keeps } = radioKindOf(sensor);
  const firstMs = begunMs + 1000 + Math.floor(draw(seed, `${sensor.id}:phase`) * Math.min(FIRST_WITHIN_MS, everyMs));
  const links = radioLinks(seed, sensor);
  const read = radioReader(seed, sensor);
  const memory = keeps === true ? keeper(seed, sensor, { pause, spreadingFactor: links.spreadingFactor }) : undefined;
  const tickAfter = (timeMs: number): number => Math.max(0, Math.floor((timeMs - firstMs) / everyMs) + 1);

  const frame = (fCnt: number): Frame => {
    const atMs = firstMs + fCnt * everyMs;
    const away = memory?.isAway(atMs) === true;
    const kept = away ? [] : (memory?.handedOver(atMs, everyMs) ?? []);
    const content = read(atMs, kept);
    const hearings = away ? [] : heardAt(links, { atMs, begunMs, tries: kept.length > 0 ? TRIES : 1 });
    const struck = faultsOf[door].filter(
      (fault) => kept.length === 0 && draw(seed, `${fault}:${sensor.id}:${fCnt}`) < 1 / oneIn[fault],
    );
    return {
      sensor,
      atMs,
      fCnt,
      ...content,
      readings: 1 + kept.length,
      confirmed: kept.length > 0,
      spreadingFactor: links.spreadingFactor,
      channel: channelOf(seed, sensor, atMs),
      hearings,
      plays: hearings.length > 0 ? struck : [away ? 'outage' : 'unheard'],
    };
  };
  return {
    sensor,
    frames: ({ afterMs, untilMs }) => {
      const found: Frame[] = [];
      for (let fCnt = tickAfter(afterMs); firstMs + fCnt * everyMs <= untilMs; fCnt += 1) found.push(frame(fCnt));
      return found;
    },
    nextAfter: (timeMs) => firstMs + tickAfter(timeMs) * everyMs,
  };
};

/** Each hour a device that keeps is out of reach for so long, somewhere within the hour. */
const AWAY_FOR_MS = 5 * MINUTE;
/** Not soon after a start: then it first hands over what it kept before. */
const SPARED_MS = 20 * MINUTE;
const AWAY_EVERY_MS = 60 * MINUTE;
/** The interval of its log. For a long pause a coarser one, as its memory is small. */
const LOG_MS = MINUTE;
const COARSE_LOG_MS = 10 * MINUTE;
const LONG_MS = 60 * MINUTE;

/** A device's memory of the times in which no network took its frames. */
const keeper = (
  seed: number,
  sensor: RadioSensor,
  { pause, spreadingFactor }: { readonly pause: Span; readonly spreadingFactor: number },
) => {
  const perFrame = Math.floor((payloadAtMost(spreadingFactor) - DEPTH_BYTES) / KEPT_BYTES);
  const awayIn = (round: number): Span => {
    const room = AWAY_EVERY_MS - 3 * AWAY_FOR_MS;
    const from = round * AWAY_EVERY_MS + Math.floor(draw(seed, `away:${sensor.id}:${round}`) * room);
    return { afterMs: from, untilMs: from + AWAY_FOR_MS };
  };
  const round = (timeMs: number): number => Math.floor(timeMs / AWAY_EVERY_MS);
  const isPlayed = ({ afterMs }: Span): boolean => afterMs >= pause.untilMs + SPARED_MS;
  /** The newest time without a network that was over at `timeMs`. */
  const lastBefore = (timeMs: number): Span => {
    const thisRound = awayIn(round(timeMs));
    const away = thisRound.untilMs <= timeMs ? thisRound : awayIn(round(timeMs) - 1);
    return isPlayed(away) ? away : pause;
  };
  return {
    isAway: (timeMs: number): boolean => {
      const away = awayIn(round(timeMs));
      return isPlayed(away) && timeMs > away.afterMs && timeMs <= away.untilMs;
    },
    /** What it hands over in the frame of this time: one frame after the other, the oldest first. */
    handedOver: (timeMs: number, everyMs: number): readonly KeptDepth[] => {
      const { afterMs, untilMs } = lastBefore(timeMs);
      const stepMs = untilMs - afterMs > LONG_MS ? COARSE_LOG_MS : LOG_MS;
      const first = Math.floor(afterMs / stepMs) + 1;
      const count = Math.max(0, Math.floor(untilMs / stepMs) - first + 1);
      const turn = Math.ceil((timeMs - untilMs) / everyMs) - 1;
      const from = Math.max(0, turn) * perFrame;
      if (timeMs <= untilMs || from >= count) return [];
      return Array.from({ length: Math.min(perFrame, count - from) }, (_, index) => {
        const thenMs = (first + from + index) * stepMs;
        return { timestamp: thenMs / 1000, depth: depthAt(seed, sensor, thenMs) };
      });
    },
  };
};
