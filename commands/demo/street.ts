import { episodesAt, strengthAt } from './episodes.ts';
import type { Place, Rhythm } from './network.ts';
import { arrivals, wander } from './random.ts';
import { localTime, weatherAt, type LocalTime, type Weather } from './weather.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How a place truly is at one moment; what a sensor makes of it is another matter (readings.ts). */
export interface Street {
  readonly weather: Weather;
  /** Vehicles a minute. */
  readonly traffic: number;
  /** ug/m3 */
  readonly no: number;
  readonly no2: number;
  readonly o3: number;
  readonly pm1: number;
  readonly pm25: number;
  readonly pm10: number;
  /** dB(A) */
  readonly laeq: number;
  readonly lamax: number;
}

/** A hump of height 1 about `at` o'clock, `width` hours to each side. */
const hump = (hour: number, at: number, width: number): number => Math.exp(-(((hour - at) / width) ** 2));

/** The share of the rush hour's traffic, 0 to about 1. */
export const trafficShare = ({ hour, workday }: LocalTime): number =>
  workday
    ? Math.min(
        1.05,
        0.04 +
          0.9 * hump(hour, 8.2, 1.3) +
          0.5 * hump(hour, 12.8, 3.2) +
          0.92 * hump(hour, 17.2, 1.7) +
          0.18 * hump(hour, 21, 2),
      )
    : 0.05 + 0.62 * hump(hour, 13.5, 4) + 0.22 * hump(hour, 20, 2.5) + 0.08 * hump(hour, 0.5, 1.5);

/** At night a street is nearly empty, and never quite. */
const LATE = 0.012;

/** The share of the busiest minute's people, 0 to about 1. */
export const peopleShare: Readonly<Record<Rhythm, (local: LocalTime) => number>> = {
  shops: ({ hour, workday }) => LATE + (workday ? 0.72 : 0.98) * hump(hour, 13.2, 3.1) + 0.12 * hump(hour, 8.6, 0.8),
  commuters: ({ hour, workday }) =>
    LATE +
    (workday
      ? hump(hour, 8.1, 0.9) + 0.3 * hump(hour, 13, 2.5) + 0.9 * hump(hour, 17.5, 1.2)
      : 0.45 * hump(hour, 14, 4)),
  evening: ({ hour, workday }) =>
    LATE + (workday ? 0.4 : 0.6) * hump(hour, 13, 2.6) + (workday ? 0.55 : 0.95) * hump(hour, 20.3, 2.2),
  village: ({ hour, workday }) => LATE + 0.25 * hump(hour, 8.7, 0.7) + (workday ? 0.6 : 0.75) * hump(hour, 12, 3.4),
};

/**
 * The place at that time: traffic makes nitrogen oxides, noise and dust, wind carries them off, sun makes ozone of
 * them, smoke comes on top.
 */
export const streetAt = (seed: number, place: Place, timeMs: number): Street => {
  const weather = weatherAt(seed, timeMs);
  const own = (what: string, periodMs: number): number => wander(seed, `${place.id}:${what}`, timeMs, periodMs);
  const episodes = episodesAt(seed, timeMs);
  const strength = (what: 'generator' | 'wood-smoke'): number => strengthAt(episodes, { what, place, timeMs });
  const traffic =
    place.vehicles * Math.max(0, trafficShare(localTime(timeMs)) * (1 + 0.15 * own('platoons', 4 * MINUTE)));
  // Still air keeps what a street makes; a gale leaves a fifth of it.
  const still = 1 / (0.55 + weather.windSpeed / 5);
  const generator = strength('generator');
  const smoke = strength('wood-smoke');
  const no2 =
    (9 + 1.05 * traffic) * still +
    1.6 * own('no2', 6 * MINUTE) +
    6 +
    generator * (228 + 14 * own('generator', 9 * MINUTE));
  const no = Math.max(0.4, 1.1 * traffic * still + 2 * own('no', 5 * MINUTE) + 2 + generator * 160);
  const o3 = Math.max(
    1,
    58 + 45 * weather.sun - 0.55 * Math.min(no2, 90) - 0.25 * Math.min(no, 60) + 4 * own('o3', HOUR),
  );
  const { hour } = localTime(timeMs);
  const hearths = weather.temperature < 12 ? 5 * (hump(hour, 20.5, 2.5) + 0.4 * hump(hour, 7, 1.2)) : 0;
  const regional = 5.5 + 3 * wander(seed, 'regional dust', timeMs, 30 * HOUR);
  const pm25 = Math.max(
    0.8,
    regional +
      (hearths + 0.12 * traffic) * still +
      0.6 * own('pm', 7 * MINUTE) +
      smoke * (52 + 6 * own('smoke', 8 * MINUTE)),
  );
  const coarse = Math.max(0.4, 3 + 0.16 * traffic * still + 0.8 * own('coarse', 10 * MINUTE));
  const people = place.people * peopleShare[place.rhythm](localTime(timeMs));
  const laeq = 10 * Math.log10(10 ** 4.1 + 10 ** 5.35 * traffic + 10 ** 4.6 * people) + 1.5 * own('noise', 2 * MINUTE);
  const lamax = laeq + 7 + 5 * Math.abs(own('passing', MINUTE / 2));
  return { weather, traffic, no, no2: Math.max(1, no2), o3, pm1: 0.68 * pm25, pm25, pm10: pm25 + coarse, laeq, lamax };
};

/** Who and what passed in one whole minute. */
export interface Passed {
  readonly footfallIn: number;
  readonly footfallOut: number;
  readonly vehicles: number;
  readonly cyclists: number;
}

/** The counts of the minute that begins at `minuteMs`: chance about the rhythm of the place. */
export const passedIn = (seed: number, place: Place, minuteMs: number): Passed => {
  const local = localTime(minuteMs);
  // A market fills from ten o'clock on and is over by eleven at night.
  const open = Math.max(0, Math.min(1, local.hour - 10, 23 - local.hour));
  const crowd = open * strengthAt(episodesAt(seed, minuteMs), { what: 'market', place, timeMs: minuteMs });
  const wet = weatherAt(seed, minuteMs).rain > 0 ? 0.7 : 1;
  const people =
    place.people *
      peopleShare[place.rhythm](local) *
      wet *
      (1 + 0.2 * wander(seed, `${place.id}:people`, minuteMs, 15 * MINUTE)) +
    crowd * 85;
  // In the morning more come in than go out; by the evening they have all gone home.
  const inwards = 0.5 + 0.12 * Math.cos((2 * Math.PI * (local.hour - 9)) / 24);
  const count = (what: string, mean: number): number => arrivals(seed, `${place.id}:${what}:${minuteMs}`, mean);
  return {
    footfallIn: count('in', 2 * people * inwards),
    footfallOut: count('out', 2 * people * (1 - inwards)),
    vehicles: count('vehicles', place.vehicles * trafficShare(local)),
    cyclists: count('cyclists', 0.8 * trafficShare(local) * wet),
  };
};
