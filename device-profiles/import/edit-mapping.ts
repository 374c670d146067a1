import { isMap, isSeq, parseDocument, type Document } from 'yaml';
import { Conflict, Invalid } from '../vocabulary/errors.ts';
import { quantityId, quantityOf } from '../vocabulary/quantity.ts';
import { iso, type Instant } from '../vocabulary/time.ts';
import { conversionTo } from '../vocabulary/unit.ts';
import type { Mapped, MappedKey } from './map-keys.ts';

/** What a person says about a profile's keys. */
export interface Edits {
  /** `key=quantity`, `key=quantity:unit`, or `key` for what was suggested. */
  readonly set: readonly string[];
  readonly ignore: readonly string[];
  readonly confirm: boolean;
  readonly by?: string;
  readonly every?: string;
  readonly now: Instant;
}

/** An edited `profile.yaml`, and what is different in it. */
export interface Edited {
  readonly text: string;
  readonly changes: readonly string[];
}

/** What is to be measured under a key. */
interface Wanted {
  readonly key: string;
  readonly quantity: string;
  readonly unit: string;
  readonly known: MappedKey;
}

const keyNamed = (keys: readonly MappedKey[], key: string): MappedKey => {
  const known = keys.find((one) => one.key === key);
  if (known !== undefined) return known;
  throw new Invalid(
    'profile-key-unknown',
    `no vector has the key ${JSON.stringify(key.slice(0, 80))}; there are: ${keys
      .map((one) => one.key)
      .join(', ')
      .slice(0, 500)}`,
  );
};

/** @throws Invalid (`profile-key-unknown`, `quantity-unknown`, `unit-unknown`, `suggestion-missing`) */
const wantedOf = (keys: readonly MappedKey[], text: string): Wanted => {
  // A key may have `=` in it, a quantity has none.
  const equals = keys.some(({ key }) => key === text) ? -1 : text.lastIndexOf('=');
  const known = keyNamed(keys, equals === -1 ? text : text.slice(0, equals));
  const { key, suggestion } = known;
  const suggested = suggestion?.kind === 'measures' ? suggestion : undefined;
  if (equals === -1) {
    if (suggested !== undefined) return { key, quantity: suggested.quantity, unit: suggested.unit, known };
    throw new Invalid('suggestion-missing', `nothing is suggested for ${key}: say --set ${key}=quantity:unit`);
  }
  const [name = '', ...units] = text.slice(equals + 1).split(':');
  const quantity = quantityId(name);
  const unit =
    units.length > 0 ? units.join(':') : suggested?.quantity === quantity ? suggested.unit : quantityOf(quantity).unit;
  conversionTo(quantity, unit);
  return { key, quantity, unit, known };
};

/**
 * Writes what a person says into the text of a `profile.yaml`, of which everything else stays as it is, comments too.
 * @throws Invalid (as `wantedOf`, and `mapping-empty`), Conflict (`mapping-contradiction`)
 */
export const editMapping = (
  { profileText, keys, folder }: Pick<Mapped, 'profileText' | 'keys' | 'folder'>,
  edits: Edits,
): Edited => {
  const document = parseDocument(profileText);
  const changes: string[] = [];
  const wanted = edits.set.map((text) => wantedOf(keys, text));
  for (const key of edits.ignore) {
    keyNamed(keys, key);
    if (wanted.some((one) => one.key === key))
      throw new Conflict('mapping-contradiction', `${key} cannot be both set and ignored`);
  }
  for (const one of wanted) changes.push(...setField(document, one));
  for (const key of edits.ignore) changes.push(...ignoreKey(document, key));
  const twice = Object.entries(Object.groupBy(mappedIn(document), ({ quantity }) => quantity)).filter(
    ([quantity, all = []]) => all.length > 1 && wanted.some((one) => one.quantity === quantity),
  );
  for (const [quantity, all = []] of twice)
    changes.push(
      `note: ${all.map(({ key }) => key).join(' and ')} all give ${quantity}; in one message the first with a number counts`,
    );
  if (edits.every !== undefined && edits.every !== folder.definition.every) {
    changes.push(`every: ${folder.definition.every} -> ${edits.every}`);
    document.set('every', edits.every);
  }
  if (edits.confirm) changes.push(...confirmIn(document, edits));
  return { text: changes.length === 0 ? profileText : document.toString({ lineWidth: 0 }), changes };
};

const mappedIn = (document: Document): readonly { readonly key: string; readonly quantity: string }[] => {
  const fields = document.get('fields');
  if (!isMap(fields)) return [];
  return fields.items.map(({ key }) => {
    const name = String(key);
    return { key: name, quantity: String(document.getIn(['fields', name, 'quantity'])) };
  });
};

const ignoredIn = (document: Document): readonly string[] => {
  const ignores = document.get('ignores');
  return isSeq(ignores) ? ignores.items.map(String) : [];
};

const setField = (document: Document, { key, quantity, unit, known }: Wanted): readonly string[] => {
  const { suggestion, now } = known;
  const same = suggestion?.kind === 'measures' && suggestion.quantity === quantity ? suggestion : undefined;
  const before = now.is === 'mapped' ? `${now.quantity} in ${now.unit}` : now.is;
  const after = `${quantity} in ${unit}`;
  if (before === after) return [];
  const field = document.createNode(
    {
      quantity,
      unit,
      ...(same?.absentAt === undefined || same.unit !== unit ? {} : { absentAt: same.absentAt }),
      ...(same?.words === undefined ? {} : { words: same.words }),
      ...(same?.suffix === undefined ? {} : { suffix: same.suffix }),
    },
    { flow: true },
  );
  // `fields: {}` of a draft that maps nothing is in the other style.
  if (mappedIn(document).length === 0) document.set('fields', document.createNode({ [key]: field }, { flow: false }));
  else document.setIn(['fields', key], field);
  if (same?.numericText === true) document.set('numericText', true);
  dropFrom(document, key);
  return [`${key}: ${before} -> ${after}`];
};

const dropFrom = (document: Document, key: string): void => {
  const at = ignoredIn(document).indexOf(key);
  if (at === -1) return;
  document.deleteIn(['ignores', at]);
  if (ignoredIn(document).length === 0) document.delete('ignores');
};

const ignoreKey = (document: Document, key: string): readonly string[] => {
  if (ignoredIn(document).includes(key)) return [];
  const field = mappedIn(document).find((one) => one.key === key);
  if (field !== undefined) document.deleteIn(['fields', key]);
  if (isSeq(document.get('ignores'))) document.addIn(['ignores'], key);
  else document.set('ignores', document.createNode([key]));
  return [`${key}: ${field === undefined ? 'unmapped' : field.quantity} -> ignored`];
};

/** @throws Invalid (`mapping-empty`) when there is nothing to confirm. */
const confirmIn = (document: Document, { now, by }: Edits): readonly string[] => {
  if (mappedIn(document).length === 0 && document.get('everyQuantity') !== true)
    throw new Invalid('mapping-empty', 'no key is mapped, so there is nothing to confirm: --set one first');
  if (document.get('mapping') === undefined) return [];
  const draftComment = document.commentBefore;
  document.delete('mapping');
  document.set('confirmed', document.createNode({ at: iso(now), ...(by === undefined ? {} : { by }) }, { flow: true }));
  // What was said at the top of the draft is true no longer.
  if (draftComment?.includes('A draft') === true) document.commentBefore = null;
  if (document.comment?.includes('Left for a person') === true) document.comment = null;
  const { contents } = document;
  if (isMap(contents) && contents.commentBefore?.includes('A draft') === true) contents.commentBefore = null;
  return [`mapping: suggested -> confirmed${by === undefined ? '' : ` by ${by}`}`];
};
