import type { Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { NetworkEvent } from '../../../infra/radio/contract.ts';
import { isObject, type Json } from '../json.ts';
import type { NetworkMessage, NetworkRefused } from '../message.ts';
import type { EventDefinition, When } from './definition.ts';
import type { Integration } from './folder.ts';
import { devEuiIn, holds, noDevEui, refused, type Find } from './look.ts';
import { valueAt, type Tried } from './path.ts';
import { readUplink } from './uplink.ts';
import { numberOf, textOf } from './values.ts';

/** What goes with a message: when it came in, and, for the linter, a note of each path that was of use. */
export interface Circumstances {
  readonly at: Instant;
  readonly tried?: Tried;
}

/** A sentence of an operator for people. */
const SAYS_AT_MOST = 300;
/** A word of an operator: a code, a name, an id. */
const WORD_AT_MOST = 80;

/**
 * What one message of an operator says: an uplink, where its gateways are, what else there is of the device. Pure, and
 * it never throws: what it cannot read is a refusal.
 */
export const readMessage = (
  { definition, paths }: Integration,
  message: Json,
  { at, tried }: Circumstances,
): readonly NetworkMessage[] => {
  const finderIn =
    (object: unknown): Find =>
    (text) => {
      const path = paths.get(text);
      return path === undefined ? undefined : valueAt(path, object, tried);
    };
  const find = finderIn(message);
  const inside = ({ in: within, when }: { readonly in?: string; readonly when?: When }): Json | undefined => {
    if (when !== undefined && !holdsOne(when, find)) return undefined;
    const object = within === undefined ? message : find(within);
    return isObject(object) ? object : undefined;
  };
  const refusal = definition.refuses?.find((one) => holdsOne(one.when, find));
  if (refusal !== undefined) return [refused(refusal.because, refusal.text)];

  const said: NetworkMessage[] = [];
  const uplink = inside(definition.uplink);
  if (uplink !== undefined) said.push(...readUplink(definition.uplink, { object: uplink, finderIn, at }));
  for (const one of definition.events ?? []) {
    const object = inside(one);
    if (object !== undefined) said.push(readEvent(one, finderIn(object), at));
  }
  if (said.length > 0) return said;
  return definition.ignores !== undefined && holdsOne(definition.ignores, find)
    ? [refused('event-unknown', `a message that ${definition.id} leaves alone`)]
    : [refused('wrong-shape', `none of the messages that ${definition.id} knows`)];
};

const holdsOne = (when: When, find: Find): boolean => when.some((condition) => holds(condition, find));

const readEvent = (one: EventDefinition, find: Find, at: Instant): NetworkEvent | NetworkRefused => {
  const device = devEuiIn(one.devEui, find);
  if (device === undefined) return noDevEui(one.devEui.path);
  const code = one.code === undefined ? undefined : textOf(find(one.code), WORD_AT_MOST);
  const says = one.says === undefined ? undefined : textOf(find(one.says), SAYS_AT_MOST);
  const downlink = one.downlink === undefined ? undefined : textOf(find(one.downlink), WORD_AT_MOST);
  const detail = new Map<string, string | number | boolean>();
  for (const [name, path] of Object.entries(one.detail ?? {})) {
    const value = find(path);
    const known = typeof value === 'boolean' ? value : (numberOf(value) ?? textOf(value, WORD_AT_MOST));
    if (known !== undefined) detail.set(name, known);
  }
  return {
    kind: one.is,
    devEui: device,
    connector: 'network-server',
    at,
    level: one.level ?? 'info',
    ...(code === undefined ? {} : { code }),
    text: says ?? one.text,
    detail: Object.fromEntries(detail),
    ...(downlink === undefined ? {} : { downlink }),
  };
};
