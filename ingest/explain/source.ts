import { iso, type Observation } from '../../device-profiles/vocabulary/index.ts';
import type { Message, MessageAbsence, RefusedToday } from '../../infra/explain/contract.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import { makeOf, messagesNear, messagesLater, placeIn, type Made, type Reader } from './messages.ts';

/** Why there is no message to show, where there is none. */
export const absence = (
  messages: readonly Message[],
  { receivedAt }: Observation,
  journal: Pick<Journal, 'stats'>,
): { readonly messagesAbsent?: MessageAbsence } => {
  if (messages.length > 0) return {};
  const { oldest } = journal.stats();
  return { messagesAbsent: oldest === undefined || receivedAt < oldest ? 'retention' : 'not-found' };
};

interface Sourced {
  readonly source?: Made;
  readonly messages: readonly Message[];
  /** The message that came in then gives no such value today. */
  readonly refused?: RefusedToday;
}

/** The message that a stored value is from, and what else was said of the same time. */
export const sourceOf = async (
  stored: Observation,
  { journal, ...reader }: Reader & { readonly journal: Pick<Journal, 'read'> },
): Promise<Sourced> => {
  const { receivedAt, raw } = stored;
  const first = await makeOf(await messagesNear(journal, reader.device, receivedAt), reader);
  const found = first.filter((made) => placeIn(made, stored) !== undefined);
  // Another message may have added the quantity to a time that was there, or put another number in its place, hours later.
  const isComplete = found.some((made) => rawIn(made, stored) === raw);
  const later =
    isComplete || first.length === 0
      ? []
      : await makeOf(await messagesLater(journal, reader.device, receivedAt), reader);
  const all = [...found, ...later.filter((made) => placeIn(made, stored) !== undefined)];
  const source = all.find((made) => rawIn(made, stored) === raw) ?? all.at(-1);
  const messages = all.map((made): Message => ({
    part: made === source ? 'source' : rawIn(made, stored) === raw ? 'repeat' : 'outdone',
    entry: made.entry,
  }));
  if (source !== undefined) return { source, messages };
  const then = first.find(({ entry }) => entry.uplink.receivedAt === receivedAt);
  if (then === undefined) return { messages };
  const { refused } = then;
  const detail = `${reader.profile.id} finds no ${stored.quantity} for ${iso(stored.time)} in it`;
  return {
    messages: [{ part: 'source', entry: then.entry }],
    refused:
      refused === undefined
        ? { kind: 'refused', step: 'normalise', reason: 'no-such-value', detail }
        : { kind: 'refused', step: refused.step, reason: refused.refusal.reason, detail: refused.refusal.detail },
  };
};

const rawIn = (made: Made, stored: Observation): number | null | undefined => {
  const place = placeIn(made, stored);
  return place === undefined ? undefined : made.normalised[place.reading]?.observations[place.value]?.raw;
};
