import { quantityIds, quantityOf, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { PlaceNow } from '../now/overview.ts';
import { conditions, type Condition } from '../now/rules.ts';
import type { Wanted } from '../now/wanted.ts';
import { conditionView, titled } from './models.ts';
import type { Words } from '../words/index.ts';
import { shortName } from './words.ts';

/** An address with what is asked for, in the order in which the form has it, and more; what is empty is left out. */
export const wantedHref = (
  path: string,
  { q, borough, ward, quantity, condition }: Wanted,
  more: Readonly<Record<string, string | undefined>> = {},
): string => {
  const query = new URLSearchParams();
  for (const [name, text] of Object.entries({ q, borough, ward, quantity, condition, ...more }))
    if (text !== undefined && text !== '') query.set(name, text);
  // Commas divide lists, and are nothing else in a query.
  return query.size === 0 ? path : `${path}?${query.toString().replaceAll('%2C', ',')}`;
};

/** The number of a page as an address has it: the first needs none. */
export const pageNumber = (page: number): string | undefined => (page === 1 ? undefined : String(page));

/** What there is, in all places. */
interface There {
  readonly boroughs: ReadonlySet<string>;
  /** By borough; those of sites in none under ''. */
  readonly wardsOf: ReadonlyMap<string, ReadonlySet<string>>;
  readonly measured: ReadonlySet<QuantityId>;
  readonly states: ReadonlySet<Condition>;
}
/** Worked out once for each overview, not for each page that is made of it. */
const known = new WeakMap<readonly PlaceNow[], There>();
const thereIs = (places: readonly PlaceNow[]): There => {
  const before = known.get(places);
  if (before !== undefined) return before;
  const boroughs = new Set<string>();
  const wardsOf = new Map<string, Set<string>>();
  const measured = new Set<QuantityId>();
  const states = new Set<Condition>();
  for (const { site, sensors, condition } of places) {
    states.add(condition);
    if (site?.borough !== undefined) boroughs.add(site.borough);
    if (site?.ward !== undefined) {
      const own = wardsOf.get(site.borough ?? '');
      if (own === undefined) wardsOf.set(site.borough ?? '', new Set([site.ward]));
      else own.add(site.ward);
    }
    for (const { values } of sensors) for (const { quantity } of values) measured.add(quantity);
  }
  const there = { boroughs, wardsOf, measured, states };
  known.set(places, there);
  return there;
};

/** What can be chosen, of the places that there are. */
export interface Choices {
  readonly boroughs: readonly Choice[];
  readonly wards: readonly Choice[];
  readonly quantities: readonly Choice[];
  readonly states: readonly Choice[];
}
/** As govuk-frontend's select takes it. */
interface Choice {
  readonly value: string;
  readonly text: string;
  readonly selected: boolean;
}

const inOrder = new Intl.Collator('en-GB', { numeric: true });

/** Boroughs, wards, quantities and states of all places, with what is chosen; a choice that nothing has is offered still, to be seen and undone. */
export const choicesOf = (places: readonly PlaceNow[], wanted: Wanted, words: Words): Choices => {
  const { boroughs, wardsOf, measured, states } = thereIs(places);
  const wards =
    wanted.borough === ''
      ? new Set([...wardsOf.values()].flatMap((own) => [...own]))
      : (wardsOf.get(wanted.borough) ?? new Set<string>());
  const choice = (all: ReadonlySet<string>, chosen: string, say: (value: string) => string): readonly Choice[] =>
    [...new Set([...all, ...(chosen === '' ? [] : [chosen])])]
      .sort(inOrder.compare)
      .map((value) => ({ value, text: say(value), selected: value === chosen }));
  return {
    boroughs: choice(boroughs, wanted.borough, titled),
    wards: choice(wards, wanted.ward, (ward) => ward),
    quantities: quantityIds
      .filter((id) => (measured.has(id) && quantityOf(id).family !== 'device') || id === wanted.quantity)
      .map((id) => ({ value: id, text: shortName(id), selected: id === wanted.quantity })),
    states: conditions
      .filter((id) => states.has(id) || id === wanted.condition)
      .map((id) => ({ value: id, text: conditionView(id, words).word, selected: id === wanted.condition })),
  };
};

/** What is asked for, in words, after `sites`: ` with “Castle” in Stockport that measure NO₂`. Empty where it is everything. */
const wantedWords = ({ q, borough, ward, quantity }: Wanted, words: Words): string => {
  const where =
    ward === ''
      ? titled(borough)
      : borough === ''
        ? ward
        : words.say('search.ward-of', { ward, borough: titled(borough) });
  return [
    q === '' ? '' : ` ${words.say('search.with', { words: q })}`,
    where === '' ? '' : ` ${words.say('search.in', { where })}`,
    quantity === undefined ? '' : ` ${words.say('search.measuring', { quantity: shortName(quantity) })}`,
  ].join('');
};

/** How many sites fit what is asked for: `3 sites with “Castle” in Stockport.` Empty where it is everything. */
export const searchedWords = (wanted: Wanted, count: number, words: Words): string => {
  const asked = wantedWords(wanted, words);
  return asked === '' ? '' : words.say('search.found', { count, asked });
};

/** That none does: `No site with “Castle” is in the state “Late”.` */
export const noneWords = (wanted: Wanted, words: Words): string => {
  const asked = wantedWords(wanted, words);
  return wanted.condition === undefined
    ? words.say('search.none', { asked })
    : words.say('search.none-in-state', { asked, state: conditionView(wanted.condition, words).word });
};
