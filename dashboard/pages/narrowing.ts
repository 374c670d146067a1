import { quantityIds, quantityOf } from '../../device-profiles/vocabulary/index.ts';
import { isCondition, isQuantity, type Narrowing } from '../now/narrow.ts';
import type { PlaceNow } from '../now/overview.ts';
import { conditions } from '../now/rules.ts';
import { titled } from './models.ts';
import { conditionWord } from './words.ts';

/** The words of an address that narrow a list; the same on each page that has one. */
export const narrowingKeys = ['borough', 'ward', 'quantity', 'condition', 'q'] as const satisfies readonly (keyof Narrowing)[];

/** An address with what it is narrowed to, and more; what is empty is left out. */
export const narrowedHref = (path: string, narrowing: Narrowing, more: Readonly<Record<string, string | undefined>> = {}): string => {
  const query = new URLSearchParams();
  for (const key of narrowingKeys) {
    const value = narrowing[key];
    if (value !== undefined && value !== '') query.set(key, value);
  }
  for (const [key, value] of Object.entries(more)) if (value !== undefined && value !== '') query.set(key, value);
  // Commas divide lists, and are nothing else in a query.
  return query.size === 0 ? path : `${path}?${query.toString().replaceAll('%2C', ',')}`;
};

interface Choice {
  readonly value: string;
  readonly text: string;
  readonly selected: boolean;
}

/** What a form that narrows offers: of what there is, each once and in order. */
export interface NarrowingForm {
  readonly borough: readonly Choice[];
  readonly ward: readonly Choice[];
  readonly quantity: readonly Choice[];
  readonly condition: readonly Choice[];
  readonly q: string;
  /** Whether anything is narrowed. */
  readonly any: boolean;
}

const inOrder = new Intl.Collator('en-GB', { numeric: true });

export const narrowingForm = (places: readonly PlaceNow[], narrowing: Narrowing): NarrowingForm => {
  const measured = new Set(places.flatMap(({ sensors }) => sensors.flatMap(({ values }) => values.map(({ quantity }) => quantity))));
  const present = new Set(places.map(({ condition }) => condition));
  const choices = (all: readonly string[], chosen: string | undefined, words: (one: string) => string): readonly Choice[] =>
    all.map((value) => ({ value, text: words(value), selected: value === chosen }));
  const named = (of: (place: PlaceNow) => string | undefined): readonly string[] =>
    [...new Set(places.flatMap((place) => of(place) ?? []))].sort((a, b) => inOrder.compare(a, b));
  return {
    borough: choices(named(({ site }) => site?.borough), narrowing.borough, titled),
    ward: choices(named(({ site }) => site?.ward), narrowing.ward, (ward) => ward),
    quantity: quantityIds.filter((id) => measured.has(id) || id === narrowing.quantity).map((id) => ({ value: id, text: quantityOf(id).name, selected: id === narrowing.quantity })),
    condition: conditions.filter((id) => present.has(id) || id === narrowing.condition).map((id) => ({ value: id, text: conditionWord(id), selected: id === narrowing.condition })),
    q: narrowing.q ?? '',
    any: narrowedTo(narrowing),
  };
};

const narrowedTo = ({ borough, ward, quantity, condition, q }: Narrowing): boolean =>
  [borough, ward, q].some((text) => text !== undefined && text !== '') || isCondition(condition) || isQuantity(quantity);
