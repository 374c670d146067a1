import { quantityIds, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { PlaceNow } from './overview.ts';
import { conditions, type Condition } from './rules.ts';
import { searching } from './search.ts';

/** What a list, a map or a wall is narrowed to, as its address says it; undefined and empty: to nothing. */
export interface Narrowing {
  readonly borough?: string | undefined;
  readonly ward?: string | undefined;
  readonly quantity?: string | undefined;
  readonly condition?: string | undefined;
  /** What `searching` finds places by. */
  readonly q?: string | undefined;
}

export const isCondition = (text: string | undefined): text is Condition => conditions.some((condition) => condition === text);
export const isQuantity = (text: string | undefined): text is QuantityId => quantityIds.some((id) => id === text);

/** The places that are all of this. What is not a state or a quantity narrows to nothing, rather than to no place. */
export const narrow = (places: readonly PlaceNow[], { borough, ward, quantity, condition, q }: Narrowing): readonly PlaceNow[] => {
  const isFound = searching(q ?? '');
  return places.filter(
    (place) =>
      (empty(borough) || place.site?.borough === borough) &&
      (empty(ward) || place.site?.ward === ward) &&
      (!isCondition(condition) || place.condition === condition) &&
      (!isQuantity(quantity) || measures(place, quantity)) &&
      isFound(place),
  );
};

const empty = (text: string | undefined): text is '' | undefined => text === undefined || text === '';

const measures = ({ sensors }: PlaceNow, quantity: QuantityId): boolean =>
  sensors.some(({ values }) => values.some((value) => value.quantity === quantity));
