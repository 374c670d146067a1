import type { Decoded, DecodeInput, Notes, Profile } from '../profile.ts';
import type { Unusable } from '../vocabulary/refusal.ts';
import { DEPTH_AT_MOST, tooDeep } from './depth.ts';
import { each } from './each.ts';
import { decodeKeys, decodePairs, isMessage, type Mapping, type Message, type Pairs } from './mapping.ts';

/**
 * Objects in one message: a day of minutes is 1,440 and should come as several; more would hold the pipeline up for
 * everybody.
 */
export const OBJECTS_AT_MOST = 1000;

/** How a JSON message is built: one object, one or a list of them, or one with a list of pairs. */
export type Shape =
  { readonly kind: 'object' } | { readonly kind: 'objects' } | { readonly kind: 'pairs'; readonly pairs: Pairs };

// A byte-order mark is taken off; ill-formed UTF-8 throws.
const utf8 = new TextDecoder('utf-8', { fatal: true });

const refuse = (reason: Unusable['reason'], detail: string): Unusable => ({ reason, detail });
const named = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;

const parse = (payload: Uint8Array): { readonly value: unknown } | Unusable => {
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch {
    return refuse('not-utf8', 'the payload is not UTF-8');
  }
  if (tooDeep(text)) return refuse('json-too-deep', `nested deeper than ${DEPTH_AT_MOST} levels`);
  try {
    return { value: JSON.parse(text) };
  } catch {
    return refuse('not-json', `the payload, ${payload.length} bytes, is not JSON`);
  }
};

const decodeList = (mapping: Mapping, list: readonly unknown[], names?: string[]): readonly Decoded[] | Unusable => {
  if (list.length === 0) return refuse('no-quantity', 'the list is empty');
  if (list.length > OBJECTS_AT_MOST)
    return refuse('wrong-shape', `${list.length} objects in one message; at most ${OBJECTS_AT_MOST} are taken`);
  const decoded: Decoded[] = [];
  for (const [index, item] of list.entries()) {
    const one = isMessage(item)
      ? decodeKeys(mapping, item, names)
      : refuse('wrong-shape', `${named(item)}, not an object`);
    // A message is used whole or not at all: half of it stored would hide that the other half is missing.
    if ('reason' in one) return refuse(one.reason, `object ${index + 1} of ${list.length}: ${one.detail}`);
    decoded.push(one);
  }
  return decoded;
};

const decodeOne = (
  mapping: Mapping,
  message: Message,
  shape: Shape,
  names?: string[],
): readonly Decoded[] | Unusable => {
  const one =
    shape.kind === 'pairs' ? decodePairs(mapping, message, shape.pairs, names) : decodeKeys(mapping, message, names);
  return 'reason' in one ? one : [one];
};

/** The decode of a profile whose devices send JSON. */
export const jsonDecoder = (mapping: Mapping, shape: Shape): Profile['decode'] => {
  const decode = ({ payload }: DecodeInput, notes: Notes | undefined): readonly Decoded[] | Unusable => {
    const parsed = parse(payload);
    if ('reason' in parsed) return parsed;
    const { value } = parsed;
    const list: readonly unknown[] | undefined = shape.kind === 'objects' && Array.isArray(value) ? value : undefined;
    if (notes !== undefined) notes.said = list ?? [value];
    if (list !== undefined) return decodeList(mapping, list, notes?.unmapped);
    if (!isMessage(value)) return refuse('wrong-shape', `the message is ${named(value)}, not an object`);
    return decodeOne(mapping, value, shape, notes?.unmapped);
  };
  return async (inputs, notes) => each(inputs, (input, index) => decode(input, notes?.[index]));
};
