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
  const doubled = doubledKey(text);
  if (doubled === 'too-deep') return refused('wrong-shape', `nested deeper than ${DEPTH_AT_MOST} levels`);
  try {
    value = JSON.parse(text);
  } catch {
    return refused('not-json', `${bytes.length} bytes that are not JSON`);
  }
  if (doubled !== undefined) return refused('doubled-key', 'an object says one key twice');
  if (!isObject(value)) return refused('wrong-shape', 'the message is not an object');
  return { kind: 'object', value };
};

const refused = (reason: NetworkRefused['reason'], detail: string): NetworkRefused => ({ kind: 'refused', reason, detail });

/** A string of JSON with its quotes, or a bracket, a comma or a colon; what lies between says nothing of keys. */
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"|[{}[\],:]/g;

/** Looks through text that may not be JSON, without building anything. */
const doubledKey = (text: string): 'too-deep' | 'doubled' | undefined => {
  // A set of keys for each open object, undefined for each open list.
  const open: (Set<string> | undefined)[] = [];
  let word = '';
  let doubled = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined);
      if (open.length > DEPTH_AT_MOST) return 'too-deep';
    } else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const keys = open.at(-1);
      if (keys?.has(word) === true) doubled = true;
      keys?.add(word);
    }
    // One key may be written in two ways, with escapes and without.
    word = token.startsWith('"') ? (token.includes('\\') ? unescaped(token) : token) : '';
  }
  return doubled ? 'doubled' : undefined;
};

const unescaped = (token: string): string => {
  try {
    return JSON.stringify(JSON.parse(token));
  } catch {
    return token;
  }
};
