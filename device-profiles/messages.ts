import type { Sandbox } from './codec/sandbox.ts';
import { isMessage, type Message } from './decode/mapping.ts';
import { seenIn } from './decode/seen.ts';
import type { ProfileFolder } from './definition/folder.ts';
import type { DecodeInput } from './profile.ts';

/**
 * What a message says in the maker's words, before a profile maps it: one object for each reading. None where it cannot
 * be read at all.
 */
export const messagesOf = async (
  { definition, codec }: ProfileFolder,
  sandbox: Sandbox,
  input: DecodeInput,
): Promise<readonly Message[]> => {
  const { payload, receivedAt, fPort } = input;
  if (codec !== undefined) {
    const frame = { bytes: payload, recvTime: receivedAt, ...(fPort === undefined ? {} : { fPort }) };
    const [rows] = await sandbox.codec(codec).decodeUplink([frame]);
    return rows === undefined || 'reason' in rows ? [] : rows;
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return [];
  }
  const messages = (Array.isArray(value) ? value : [value]).filter(isMessage);
  const { pairs } = definition;
  return pairs === undefined ? messages : messages.map((message) => flattened(message, pairs));
};

/** A message with a list of pairs as one object, as the profile names its keys. */
const flattened = (
  message: Message,
  { list, name, value }: NonNullable<ProfileFolder['definition']['pairs']>,
): Message => {
  const { [list]: pairs, ...rest } = message;
  const named = (Array.isArray(pairs) ? pairs : [])
    .filter(isMessage)
    .map((pair) => [String(pair[name]), pair[value]] as const);
  return { ...rest, ...Object.fromEntries(named) };
};

/** The keys of messages that a profile neither maps nor ignores, each once. */
export const unmappedKeys = (
  { places, definition }: ProfileFolder,
  messages: readonly Message[],
): readonly string[] => {
  const { time } = definition;
  const known = new Set([
    ...places.fields.keys(),
    ...places.ignores,
    ...[time?.key, time?.hour].filter((key) => key !== undefined),
  ]);
  return seenIn(messages)
    .map(({ key }) => key)
    .filter((key) => !key.split('.').some((_, at, parts) => known.has(parts.slice(0, at + 1).join('.'))));
};
