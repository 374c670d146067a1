import { quantityIds, quantityOf, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { PlaceNow } from '../now/overview.ts';
import { conditions, type Condition } from '../now/rules.ts';
import { searching } from '../now/search.ts';
import { titled } from './models.ts';
import type { Asked } from './page.ts';
import { shortName } from './words.ts';

/** Which places a list is asked for; empty and undefined: all. Different ones must all fit. */
export interface Wanted {
  /** Words that must all be found in what is known of a place, or a postcode with or without its blank. */
  readonly q: string;
  readonly borough: string;
  readonly ward: string;
  readonly quantity: QuantityId | undefined;
  readonly condition: Condition | undefined;
}

/** What an address asks for. What is no state and no quantity is none. */
export const wantedOf = ({ q, borough, ward, quantity, condition }: Pick<Asked, 'q' | 'borough' | 'ward' | 'quantity' | 'condition'>): Wanted => ({
  q: (q ?? '').trim().replaceAll(/\s+/g, ' '),
  borough: borough ?? '',
  ward: ward ?? '',
  quantity: quantityIds.find((id) => id === quantity),
  condition: conditions.find((one) => one === condition),
});

/** The same as parameters of an address: in the order in which the form has them, and only those that are set. */
export const wantedQuery = ({ q, borough, ward, quantity, condition }: Wanted, page = 1): URLSearchParams => {
  const query = new URLSearchParams();
  const parts = { q, borough, ward, quantity: quantity ?? '', condition: condition ?? '', page: page > 1 ? String(page) : '' };
  for (const [name, text] of Object.entries(parts)) if (text !== '') query.set(name, text);
  return query;
};

/** An address with these parameters. */
export const wantedHref = (path: string, wanted: Wanted, page = 1): string => {
  const query = wantedQuery(wanted, page);
  return query.size === 0 ? path : `${path}?${query.toString()}`;
};

/** Whether a place fits, its state aside: how many are in each state is counted of those that fit otherwise. */
export const fits = ({ q, borough, ward, quantity }: Wanted): ((place: PlaceNow) => boolean) => {
  const isFound = searching(q);
  return ({ site, sensors }) =>
    (borough === '' || site?.borough === borough) &&
    (ward === '' || site?.ward === ward) &&
    (quantity === undefined || sensors.some(({ values }) => values.some((value) => value.quantity === quantity))) &&
    isFound({ site, sensors });
};

/** What there is, in all places. */
interface There {
  readonly boroughs: ReadonlySet<string>;
  /** By borough; those of sites in none under ''. */
  readonly wardsOf: ReadonlyMap<string, ReadonlySet<string>>;
  readonly measured: ReadonlySet<QuantityId>;
}
/** Worked out once for each overview, not for each page that is made of it. */
const known = new WeakMap<readonly PlaceNow[], There>();
const thereIs = (places: readonly PlaceNow[]): There => {
  const before = known.get(places);
  if (before !== undefined) return before;
  const boroughs = new Set<string>();
  const wardsOf = new Map<string, Set<string>>();
  const measured = new Set<QuantityId>();
  for (const { site, sensors } of places) {
    if (site?.borough !== undefined) boroughs.add(site.borough);
    if (site?.ward !== undefined) {
      const own = wardsOf.get(site.borough ?? '');
      if (own === undefined) wardsOf.set(site.borough ?? '', new Set([site.ward]));
      else own.add(site.ward);
    }
    for (const { values } of sensors) for (const { quantity } of values) measured.add(quantity);
  }
  const there = { boroughs, wardsOf, measured };
  known.set(places, there);
  return there;
};

/** What can be chosen, of the places that there are. */
export interface Choices {
  readonly boroughs: readonly Choice[];
  readonly wards: readonly Choice[];
  readonly quantities: readonly Choice[];
}
/** As govuk-frontend's select takes it. */
interface Choice {
  readonly value: string;
  readonly text: string;
  readonly selected: boolean;
}

const inOrder = new Intl.Collator('en-GB', { numeric: true });

/** Boroughs, wards and quantities of all places, with what is chosen; a choice that nothing has is offered still, to be seen and undone. */
export const choicesOf = (places: readonly PlaceNow[], wanted: Wanted): Choices => {
  const { boroughs, wardsOf, measured } = thereIs(places);
  const wards = wanted.borough === '' ? new Set([...wardsOf.values()].flatMap((own) => [...own])) : (wardsOf.get(wanted.borough) ?? new Set<string>());
  const choice = (all: ReadonlySet<string>, chosen: string, say: (value: string) => string): readonly Choice[] =>
    [...new Set([...all, ...(chosen === '' ? [] : [chosen])])].sort(inOrder.compare).map((value) => ({ value, text: say(value), selected: value === chosen }));
  return {
    boroughs: choice(boroughs, wanted.borough, titled),
    wards: choice(wards, wanted.ward, (ward) => ward),
    quantities: quantityIds
      .filter((id) => (measured.has(id) && quantityOf(id).family !== 'device') || id === wanted.quantity)
      .map((id) => ({ value: id, text: shortName(id), selected: id === wanted.quantity })),
  };
};

/** What is asked for, in words, after `sites`: ` with “Castle” in Stockport that measure NO₂`. */
export const wantedWords = ({ q, borough, ward, quantity }: Wanted): string =>
  [
    q === '' ? '' : ` with “${q}”`,
    ward === '' ? '' : ` in ${ward}`,
    borough === '' ? '' : `${ward === '' ? ' in' : ','} ${titled(borough)}`,
    quantity === undefined ? '' : ` that measure ${shortName(quantity)}`,
  ].join('');
