import type { Decoded, Field } from '../profile.ts';
import type { Unusable } from '../vocabulary/refusal.ts';
import { noTime, readTime, type TimeFormat } from './times.ts';

/** Where a profile says that things are in a message. */
export interface Places {
  readonly fields: ReadonlyMap<string, Field>;
  readonly time?: { readonly key: string; readonly hour?: string; readonly as: TimeFormat };
  /** Keys that are known to be no measurement. */
  readonly ignores: readonly string[];
  /** Numbers may come as text: `"12.30"`. */
  readonly numericText: boolean;
  /** What may stand behind such a number: `-65dBm`. */
  readonly suffixes: ReadonlyMap<string, string>;
  /** Of a key: words, or true and false, that stand for numbers. */
  readonly words: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

type Role = 'field' | 'time' | 'hour' | 'ignored';

/** `Places`, made ready for many messages. */
export interface Mapping {
  readonly roles: ReadonlyMap<string, Role>;
  readonly time: TimeFormat;
  readonly timeKeys: string;
  readonly numericText: boolean;
  readonly suffixes: ReadonlyMap<string, string>;
  readonly words: Places['words'];
  /** Fields that give the same quantity, in the profile's order: the first that has a number counts. */
  readonly rivals: readonly (readonly string[])[];
}

/** A message as JSON or a codec gives it. */
export type Message = Readonly<Record<string, unknown>>;
export const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const mappingOf = ({ fields, time, ignores, numericText, suffixes, words }: Places): Mapping => {
  const roles = new Map<string, Role>(ignores.map((key) => [key, 'ignored']));
  if (time !== undefined) roles.set(time.key, 'time');
  if (time?.hour !== undefined) roles.set(time.hour, 'hour');
  for (const key of fields.keys()) roles.set(key, 'field');
  const byQuantity = Map.groupBy(fields.keys(), (key) => fields.get(key)?.quantity);
  const rivals = [...byQuantity.values()].filter((keys) => keys.length > 1);
  const timeKeys = [time?.key, time?.hour].filter((key) => key !== undefined).join(' and ');
  return { roles, time: time?.as ?? 'iso', timeKeys, numericText, suffixes, words, rivals };
};

/** What has been found in a message so far. */
interface Found {
  readonly fields: Map<string, number | null>;
  unmapped: number;
  time: unknown;
  hour: unknown;
  /** The names of what `unmapped` counts, where somebody wants to know them. */
  readonly names: string[] | undefined;
}

const leave = (found: Found, key: string): void => {
  found.unmapped += 1;
  found.names?.push(key);
};

const refuse = (reason: Unusable['reason'], detail: string): Unusable => ({ reason, detail });

/**
 * Decimal digits as a device prints them: no hexadecimal, no blanks, no `Infinity`, all of which `Number` would take.
 */
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

const fromText = (text: string, suffix: string | undefined): number => {
  const digits = suffix !== undefined && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  return decimal.test(digits) ? Number(digits) : Number.NaN;
};

/**
 * Takes one key of a message in, by its role; a nested object that nobody mapped is taken in key by key, as
 * `outer.inner`.
 */
const take = (mapping: Mapping, found: Found, key: string, value: unknown): Unusable | undefined => {
  const role = mapping.roles.get(key);
  if (role === 'field') return takeNumber(mapping, found, key, value);
  if (role === 'time') found.time = value;
  else if (role === 'hour') found.hour = value;
  else if (role === undefined) return takeUnmapped(mapping, found, key, value);
  return undefined;
};

const takeNumber = (mapping: Mapping, found: Found, key: string, value: unknown): Unusable | undefined => {
  const worded =
    typeof value === 'string' || typeof value === 'boolean' ? mapping.words.get(key)?.get(String(value)) : undefined;
  const number =
    worded ?? (typeof value === 'string' && mapping.numericText ? fromText(value, mapping.suffixes.get(key)) : value);
  if (number !== null && !(typeof number === 'number' && Number.isFinite(number)))
    return refuse('not-a-number', `${key} is not a number`);
  if (found.fields.has(key)) leave(found, key);
  else found.fields.set(key, number);
  return undefined;
};

const takeUnmapped = (mapping: Mapping, found: Found, key: string, value: unknown): Unusable | undefined => {
  if (typeof value !== 'object' || value === null) {
    leave(found, key);
    return undefined;
  }
  for (const [inner, below] of Object.entries(value)) {
    const unusable = take(mapping, found, `${key}.${inner}`, below);
    if (unusable !== undefined) return unusable;
  }
  return undefined;
};

/** Of several keys that give one quantity, the first with a number stays; the others are counted. */
const settle = (rivals: readonly string[], found: Found): void => {
  const present = rivals.filter((key) => found.fields.has(key));
  const winner = present.find((key) => found.fields.get(key) !== null) ?? present[0];
  for (const key of present) {
    if (key === winner) continue;
    found.fields.delete(key);
    leave(found, key);
  }
};

const finish = (mapping: Mapping, found: Found): Decoded | Unusable => {
  const { fields, unmapped } = found;
  if (fields.size === 0) return refuse('no-quantity', `none of the ${unmapped} keys is one that the profile maps`);
  for (const rivals of mapping.rivals) settle(rivals, found);
  const time = readTime(mapping.time, found.time, found.hour);
  if (time === noTime) return refuse('wrong-shape', `${mapping.timeKeys} is not a time (${mapping.time})`);
  return time === undefined ? { fields, unmapped: found.unmapped } : { time, fields, unmapped: found.unmapped };
};

const nothing = (names: string[] | undefined): Found => ({
  fields: new Map(),
  unmapped: 0,
  time: undefined,
  hour: undefined,
  names,
});

/** A message whose keys are the maker's words. `names` is given those that became no field. */
export const decodeKeys = (mapping: Mapping, message: Message, names?: string[]): Decoded | Unusable => {
  const found = nothing(names);
  for (const key of Object.keys(message)) {
    const unusable = take(mapping, found, key, message[key]);
    if (unusable !== undefined) return unusable;
  }
  return finish(mapping, found);
};

/** Where a list of pairs is in a message, and what its two keys are called. */
export interface Pairs {
  readonly list: string;
  readonly name: string;
  readonly value: string;
}

/**
 * A message whose measurements are a list of pairs: `"sensordatavalues": [{ "value_type": "SDS_P1", "value": "9.98"
 * }]`.
 */
export const decodePairs = (
  mapping: Mapping,
  message: Message,
  { list, name, value }: Pairs,
  names?: string[],
): Decoded | Unusable => {
  const found = nothing(names);
  const pairs = message[list];
  if (!Array.isArray(pairs)) return refuse('wrong-shape', `${list} is not a list`);
  for (const pair of pairs) {
    const key: unknown = isMessage(pair) ? pair[name] : undefined;
    if (!isMessage(pair) || typeof key !== 'string')
      return refuse('wrong-shape', `${list} has an entry without ${name}`);
    const unusable = take(mapping, found, key, pair[value] ?? null);
    if (unusable !== undefined) return unusable;
  }
  for (const key of Object.keys(message)) {
    const unusable = key === list ? undefined : take(mapping, found, key, message[key]);
    if (unusable !== undefined) return unusable;
  }
  return finish(mapping, found);
};
