import type { NetworkRefused } from './message.ts';

/** Deeper than any message of a network server: ThingPark's and ChirpStack's have six levels. */
export const DEPTH_AT_MOST = 32;

export type Json = { readonly [key: string]: unknown };
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// A byte-order mark is taken off; ill-formed UTF-8 throws.
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The object that a message is. An object which says one key twice is refused: readers differ in which of the two
 * they believe (RFC 8259, 4), and a gateway's reader may not be the one that was checked.
 */
export const readObject = (bytes: Uint8Array): { readonly kind: 'object'; readonly value: Json } | NetworkRefused => {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refused('not-json', `${bytes.length} bytes that are not UTF-8`);
  }
  try {
    value = JSON.parse(text);
  } catch {
    return refused('not-json', `${bytes.length} bytes that are not JSON`);
  }
  const doubt = doubtIn(text, value);
  if (doubt === 'too-deep') return refused('wrong-shape', `nested deeper than ${DEPTH_AT_MOST} levels`);
  if (doubt === 'doubled') return refused('doubled-key', 'an object says one key twice');
  if (!isObject(value)) return refused('wrong-shape', 'the message is not an object');
  return { kind: 'object', value };
};

/** Of a key that stands twice the parser keeps one: then the text has more pairs than the value. */
const doubtIn = (text: string, value: unknown): 'doubled' | 'too-deep' | undefined => {
  // Nearly always: nothing is escaped, and what was kept of the text has all of its colons.
  if (!text.includes(ESCAPE) && colonsIn(value, DEPTH_AT_MOST) === countOf(text, ':')) return undefined;
  const pairs = pairsIn(text);
  if (pairs === 'too-deep') return pairs;
  return keysIn(value) < pairs ? 'doubled' : undefined;
};

const refused = (reason: NetworkRefused['reason'], detail: string): NetworkRefused => ({
  kind: 'refused',
  reason,
  detail,
});

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPE = '\\';

const countOf = (text: string, character: string): number => {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) count += 1;
  return count;
};

/** How many pairs of key and value a text has: its colons outside of strings. It may not be JSON; nothing is built. */
const pairsIn = (text: string): number | 'too-deep' => {
  let pairs = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case 0x3a: // :
        pairs += 1;
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth += 1;
        if (depth > DEPTH_AT_MOST) return 'too-deep';
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1;
        break;
      default:
    }
  }
  return pairs;
};

/** Where the string ends that begins at `from`: its closing quote, or the end of the text. */
const endOfString = (text: string, from: number): number => {
  let at = text.indexOf('"', from + 1);
  while (at > 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at < 0 ? text.length : at;
};

/** Whether an odd number of backslashes stands before it. */
const isEscaped = (text: string, quote: number): boolean => {
  let at = quote - 1;
  while (text.charCodeAt(at) === BACKSLASH) at -= 1;
  return (quote - at) % 2 === 0;
};

/** All keys of all objects in a value that was parsed, whose keys are all its own; it is no deeper than `DEPTH_AT_MOST`. */
const keysIn = (value: unknown): number => {
  let keys = 0;
  if (Array.isArray(value)) for (const inside of value) keys += keysIn(inside);
  else if (isObject(value)) for (const key in value) keys += 1 + keysIn(value[key]);
  return keys;
};

/**
 * The colons that the text of a value has where none of it was escaped and no key has one: one for each key, and those
 * in words. NaN, which equals nothing, where it is nested deeper than `levels`.
 */
const colonsIn = (value: unknown, levels: number): number => {
  if (typeof value === 'string') return countOf(value, ':');
  if (typeof value !== 'object') return 0;
  if (levels === 0) return Number.NaN;
  let colons = 0;
  if (Array.isArray(value)) for (const inside of value) colons += colonsIn(inside, levels - 1);
  else if (isObject(value)) for (const key in value) colons += 1 + colonsIn(value[key], levels - 1);
  return colons;
};
