import type { Site } from '../../infra/registry/contract.ts';
import { metresBetween } from '../../infra/registry/distance.ts';
import type { Overview } from '../now/overview.ts';
import type { Words } from '../words/index.ts';
import { placeCondition, siteHref, type ConditionView } from './models.ts';

/** A site that is near another. */
export interface NearbyView {
  readonly name: string;
  readonly href: string;
  /** `250 m`, `1.4 km`, as the crow flies. */
  readonly distance: string;
  readonly condition: ConditionView;
}

const NEARBY_AT_MOST = 5;
/** What is further away is not near. */
const NEAR_M = 5_000;

/** The sites that are nearest, nearest first; none where the site has no position. */
export const nearbyOf = (site: Site, { places }: Pick<Overview, 'places'>, words: Words): readonly NearbyView[] =>
  places
    .flatMap(({ site: other, condition, sensors }) => {
      const metres = metresBetween(site, other);
      return other === undefined || other.id === site.id || !(metres <= NEAR_M)
        ? []
        : [{ other, condition, sensors, metres }];
    })
    .toSorted((a, b) => a.metres - b.metres)
    .slice(0, NEARBY_AT_MOST)
    .map(({ other, condition, sensors, metres }) => ({
      name: other.name || other.id,
      href: siteHref(other),
      distance: distanceWords(metres),
      condition: placeCondition(condition, sensors, words),
    }));

/** Metres in words: to ten metres below a kilometre, to a hundred above. */
export const distanceWords = (metres: number): string => {
  const tens = Math.round(metres / 10) * 10;
  return tens < 1000 ? `${tens} m` : `${(metres / 1000).toFixed(1)} km`;
};
