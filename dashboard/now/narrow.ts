import { quantityIds, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { nameOf, type PlaceNow } from './overview.ts';
import { conditions, type Condition } from './rules.ts';

/** What a list, a map or a wall is narrowed to, as its address says it; undefined and empty: to nothing. */
export interface Narrowing {
  readonly borough?: string | undefined;
  readonly ward?: string | undefined;
  readonly quantity?: string | undefined;
  readonly state?: string | undefined;
  /** Words of a name, a street, an asset, a ward or a USRN. */
  readonly q?: string | undefined;
}

export const isCondition = (text: string | undefined): text is Condition => conditions.some((condition) => condition === text);
export const isQuantity = (text: string | undefined): text is QuantityId => quantityIds.some((id) => id === text);

/** The longest search that is looked at. */
const WORDS_AT_MOST = 80;

/** The places that are all of this. What is not a state or a quantity narrows to nothing, rather than to no place. */
export const narrow = (places: readonly PlaceNow[], { borough, ward, quantity, state, q }: Narrowing): readonly PlaceNow[] => {
  const words = (q ?? '').slice(0, WORDS_AT_MOST).toLowerCase().split(/\s+/).filter((word) => word !== '');
  return places.filter(
    (place) =>
      (empty(borough) || place.site?.borough === borough) &&
      (empty(ward) || place.site?.ward === ward) &&
      (!isCondition(state) || place.condition === state) &&
      (!isQuantity(quantity) || measures(place, quantity)) &&
      (words.length === 0 || says(place, words)),
  );
};

const empty = (text: string | undefined): text is '' | undefined => text === undefined || text === '';

const measures = ({ sensors }: PlaceNow, quantity: QuantityId): boolean =>
  sensors.some(({ values }) => values.some((value) => value.quantity === quantity));

const says = (place: PlaceNow, words: readonly string[]): boolean => {
  const { site } = place;
  const text = [nameOf(place), site?.id, site?.street, site?.asset, site?.ward, site?.usrn].filter((one) => one !== undefined).join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
};
