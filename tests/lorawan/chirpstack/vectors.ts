import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { instant, iso, parseIso } from '../../../device-profiles/vocabulary/index.ts';
import { isMessageKind, type MessageKind } from '../../../gateway/lorawan/chirpstack/shapes.ts';
import type { Envelope } from '../../../gateway/lorawan/chirpstack/values.ts';
import { isObject, type Json } from '../../../gateway/lorawan/json.ts';
import type { NetworkMessage } from '../../../gateway/lorawan/message.ts';

/** An event as ChirpStack publishes it, and what it is taken to say. */
export interface Vector {
  readonly name: string;
  readonly kind: MessageKind;
  readonly event: Json;
  readonly envelope: Envelope;
  /** Times as text, payloads in hexadecimal. */
  readonly messages: unknown;
}

const folder = join(import.meta.dirname, 'vectors');
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const vectors: readonly Vector[] = globSync('*.json', { cwd: folder })
  .toSorted()
  .map((file) => {
    const vector: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const kind = isObject(vector) ? text(vector['kind']) : undefined;
    if (!isObject(vector) || kind === undefined || !isMessageKind(kind) || !isObject(vector['event']))
      throw new Error(`${file} is no vector`);
    const at = parseIso(text(vector['at']) ?? '') ?? instant(0);
    const envelope = {
      connector: 'chirpstack-mqtt',
      at,
      devEui: text(vector['devEui']),
      gateway: text(vector['gateway']),
    } as const;
    return { name: basename(file, '.json'), kind, event: vector['event'], envelope, messages: vector['messages'] };
  });

/** Messages in the form of the vectors. */
export const shown = (messages: readonly NetworkMessage[]): unknown =>
  messages.map((message) => {
    if (message.kind === 'refused') return message;
    if (message.kind !== 'uplink') return { ...message, at: iso(message.at) };
    const { payload, sentAt, frame, ...rest } = message;
    const receptions = frame.receptions.map(({ time, ...reception }) => ({
      ...reception,
      ...(time === undefined ? {} : { time: iso(time) }),
    }));
    return {
      ...rest,
      frame: { ...frame, receptions },
      payload: Buffer.from(payload).toString('hex'),
      ...(sentAt === undefined ? {} : { sentAt: iso(sentAt) }),
    };
  });

export const jsonOf = (event: Json): Buffer => Buffer.from(JSON.stringify(event));
