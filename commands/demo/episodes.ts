import { draw, pick } from './random.ts';
import { sensors, type Place } from './network.ts';

const HOUR = 3_600_000;

/** Something out of the ordinary at one place for a few hours: what alert rules are for. */
export interface Episode {
  readonly what: 'generator' | 'wood-smoke' | 'market';
  readonly place: Place;
  readonly from: number;
  readonly to: number;
}

/** Long enough to be watched, short enough that by tomorrow it is elsewhere. */
const LASTS_MS = 4 * HOUR;

const placesWith = (...carried: readonly string[]): readonly Place[] => [
  ...new Set(sensors.filter(({ kind }) => carried.includes(kind)).map(({ place }) => place)),
];
/**
 * Where each may happen, and how the tracks are shifted against each other: while the generator moves to the next
 * roadworks, the smoke hangs elsewhere, so that at any time at least one rule has reason to fire.
 */
const tracks = [
  { what: 'generator', where: placesWith('zephyr', 'air'), shiftMs: 0 },
  { what: 'wood-smoke', where: placesWith('air'), shiftMs: LASTS_MS / 2 },
  {
    what: 'market',
    where: placesWith('springboard', 'counter').filter(({ rhythm }) => rhythm === 'evening' || rhythm === 'shops'),
    shiftMs: LASTS_MS / 4,
  },
] as const;

/** The episodes of this moment: one of each kind, each at a place of its own choosing. */
export const episodesAt = (seed: number, timeMs: number): readonly Episode[] =>
  tracks.flatMap(({ what, where, shiftMs }) => {
    const [first, ...others] = where;
    if (first === undefined) return [];
    const turn = Math.floor((timeMs - shiftMs) / LASTS_MS);
    const from = turn * LASTS_MS + shiftMs;
    return [{ what, place: pick([first, ...others], draw(seed, `${what}:${turn}`)), from, to: from + LASTS_MS }];
  });

/**
 * How strong an episode of that kind is here and now: 0 elsewhere, rising to 1 within its first tenth, and falling
 * so at its end.
 */
export const strengthAt = (
  episodes: readonly Episode[],
  { what, place, timeMs }: { readonly what: Episode['what']; readonly place: Place; readonly timeMs: number },
): number => {
  const episode = episodes.find((candidate) => candidate.what === what && candidate.place.id === place.id);
  if (episode === undefined) return 0;
  const edge = (episode.to - episode.from) / 10;
  return Math.max(0, Math.min(1, (timeMs - episode.from) / edge, (episode.to - timeMs) / edge));
};
