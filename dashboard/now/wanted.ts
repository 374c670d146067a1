import { quantityIds, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { PlaceNow } from './overview.ts';
import { conditions, type Condition } from './rules.ts';
import { searching } from './search.ts';

/** Which places a list, a map or a wall is asked for; empty and undefined: all. Different ones must all fit. */
export interface Wanted {
  /** Words that must all be found in what is known of a place, or a postcode with or without its blank. */
  readonly q: string;
  readonly borough: string;
  readonly ward: string;
  readonly quantity: QuantityId | undefined;
  readonly condition: Condition | undefined;
}

/** What an address asks for. What is no state and no quantity is none. */
export const wantedOf = ({
  q,
  borough,
  ward,
  quantity,
  condition,
}: Partial<Readonly<Record<keyof Wanted, string | undefined>>>): Wanted => ({
  q: (q ?? '').trim().replaceAll(/\s+/g, ' '),
  borough: borough ?? '',
  ward: ward ?? '',
  quantity: isQuantity(quantity) ? quantity : undefined,
  condition: conditions.find((one) => one === condition),
});

export const isQuantity = (text: string | undefined): text is QuantityId => quantityIds.some((id) => id === text);

/** Whether a place fits, its state aside: how many are in each state is counted of those that fit otherwise. */
export const fits = ({ q, borough, ward, quantity }: Wanted): ((place: PlaceNow) => boolean) => {
  const isFound = searching(q);
  return ({ site, sensors }) =>
    (borough === '' || site?.borough === borough) &&
    (ward === '' || site?.ward === ward) &&
    (quantity === undefined || sensors.some(({ values }) => values.some((value) => value.quantity === quantity))) &&
    isFound({ site, sensors });
};

/** The places that fit in all, their state too. */
export const fitting = (places: readonly PlaceNow[], wanted: Wanted): readonly PlaceNow[] => {
  const { condition } = wanted;
  const found = places.filter(fits(wanted));
  return condition === undefined ? found : found.filter((place) => place.condition === condition);
};
