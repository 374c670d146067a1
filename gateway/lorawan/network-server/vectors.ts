import { Type, type Static } from 'typebox';
import { iso, parseIso, instant, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { networkEventKinds } from '../../../infra/radio/contract.ts';
import { readObject } from '../json.ts';
import { networkRefusals, type NetworkMessage } from '../message.ts';
import type { Integration } from './folder.ts';
import type { Tried } from './path.ts';
import { readMessage } from './read.ts';
import { hexOf } from './values.ts';

const strict = { additionalProperties: false };
const time = Type.String({ description: 'ISO 8601, UTC.' });
const word = Type.String();

const uplink = Type.Object(
  {
    devEui: Type.String({ pattern: '^[0-9a-f]{16}$' }),
    session: Type.Optional(
      Type.String({ description: 'DevAddr, or what stands for it; left out, the operator says neither.' }),
    ),
    fCnt: Type.Integer({ minimum: 0 }),
    fPort: Type.Integer({ minimum: 0 }),
    hex: Type.String({
      pattern: '^([0-9a-f]{2})*$',
      description: 'The payload. Quoted, lest YAML takes it for a number.',
    }),
    at: Type.Optional(time),
    frequency: Type.Optional(Type.Integer({ description: 'Hz' })),
    dataRate: Type.Optional(word),
    codingRate: Type.Optional(word),
    confirmed: Type.Optional(Type.Boolean()),
    heardBy: Type.Optional(
      Type.Array(
        Type.Object(
          {
            gateway: word,
            rssi: Type.Optional(Type.Number()),
            snr: Type.Optional(Type.Number()),
            at: Type.Optional(time),
          },
          strict,
        ),
        { minItems: 1 },
      ),
    ),
  },
  strict,
);
const gateway = Type.Object(
  {
    gateway: word,
    name: Type.Optional(word),
    latitude: Type.Optional(Type.Number()),
    longitude: Type.Optional(Type.Number()),
    altitude: Type.Optional(Type.Number()),
  },
  strict,
);
const event = Type.Object(
  {
    is: Type.Enum([...networkEventKinds]),
    devEui: Type.String({ pattern: '^[0-9a-f]{16}$' }),
    level: Type.Optional(Type.Enum(['info', 'warning', 'error'])),
    code: Type.Optional(word),
    text: word,
    detail: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]))),
    downlink: Type.Optional(word),
  },
  strict,
);

/** One entry of `vectors.yaml`: a message of the operator, where it is from, and what it comes to. */
const vectorSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 120, description: 'What is so about it, for people.' }),
    from: Type.String({
      minLength: 1,
      maxLength: 300,
      description: 'captured, constructed, or the document it is from.',
    }),
    message: Type.Optional(Type.Unknown({ description: 'The message, written as YAML.' })),
    text: Type.Optional(Type.String({ description: 'Or the message to the letter.' })),
    uplink: Type.Optional(uplink),
    gateways: Type.Optional(Type.Array(gateway, { description: 'Those of which it says a name or a place.' })),
    events: Type.Optional(Type.Array(event)),
    refused: Type.Optional(
      Type.Enum([...networkRefusals], { description: 'Why, where it is turned away or left alone.' }),
    ),
  },
  strict,
);
export const vectorsSchema = Type.Array(vectorSchema);
export type Vector = Static<typeof vectorSchema>;

/** What a message comes to, in the words of `vectors.yaml`; also what `integrations try` prints. */
export interface Told {
  readonly uplink?: Vector['uplink'];
  readonly gateways?: Vector['gateways'];
  readonly events?: Vector['events'];
  readonly refused?: Vector['refused'];
  /** What was wrong, for a person. */
  readonly detail?: string;
}

/** Vectors were all received then: no reading hangs on it. */
const RECEIVED: Instant = instant(Date.UTC(2026, 0, 15, 8));

/** What the bytes of a message come to. */
export const tell = (integration: Integration, body: Uint8Array, tried?: Tried): Told => {
  const read = readObject(body);
  return toldOf(
    read.kind === 'refused'
      ? [read]
      : readMessage(integration, read.value, { at: RECEIVED, ...(tried === undefined ? {} : { tried }) }),
  );
};

const toldOf = (messages: readonly NetworkMessage[]): Told => {
  const told: { -readonly [Key in keyof Told]: Told[Key] } = {};
  const gateways: NonNullable<Told['gateways']> = [];
  const events: NonNullable<Told['events']> = [];
  for (const message of messages) {
    switch (message.kind) {
      case 'uplink':
        told.uplink = uplinkTold(message);
        break;
      case 'refused':
        told.refused = message.reason;
        told.detail = message.detail;
        break;
      case 'gateway': {
        const { gateway: id, name, position = {} } = message;
        gateways.push({ gateway: id, ...(name === undefined ? {} : { name }), ...position });
        break;
      }
      case 'stats':
      case 'connection':
      case 'frame':
        // No definition can say these.
        break;
      case 'join':
      case 'status':
      case 'log':
      case 'ack':
      case 'txack':
      case 'location':
      case 'downlink':
      case 'described': {
        const { kind, devEui, level, code, text, detail, downlink } = message;
        events.push({
          is: kind,
          devEui,
          ...(level === 'info' ? {} : { level }),
          ...(code === undefined ? {} : { code }),
          text,
          ...(Object.keys(detail).length === 0 ? {} : { detail: { ...detail } }),
          ...(downlink === undefined ? {} : { downlink }),
        });
      }
    }
  }
  if (gateways.length > 0) told.gateways = gateways;
  if (events.length > 0) told.events = events;
  return told;
};

const uplinkTold = ({
  devEui,
  frame: { session, fCnt, fPort, receptions, ...radio },
  payload,
  sentAt,
}: Extract<NetworkMessage, { kind: 'uplink' }>): NonNullable<Told['uplink']> => ({
  devEui,
  ...(session === '' ? {} : { session }),
  fCnt,
  fPort,
  hex: hexOf(payload),
  ...(sentAt === undefined ? {} : { at: iso(sentAt) }),
  ...radio,
  ...(receptions.length === 0
    ? {}
    : {
        heardBy: receptions.map(({ time: at, ...heard }) => ({
          ...heard,
          ...(at === undefined ? {} : { at: iso(at) }),
        })),
      }),
});

/** The bytes of a vector's message, or what is wrong with it. */
export const bodyOf = ({ message, text }: Vector): Uint8Array | string => {
  if ((message === undefined) === (text === undefined)) return 'one of message and text is needed, and not both';
  return Buffer.from(text ?? JSON.stringify(message), 'utf8');
};

/** How what a vector's message comes to differs from what the vector says: nothing, when it is right. */
export const runVector = (integration: Integration, vector: Vector, tried?: Tried): readonly string[] => {
  const body = bodyOf(vector);
  if (typeof body === 'string') return [body];
  const { uplink: frame, gateways, events, refused } = vector;
  if ([frame, gateways, events, refused].every((part) => part === undefined))
    return ['says none of uplink, gateways, events and refused'];
  const { detail, ...told } = tell(integration, body, tried);
  const wanted = {
    ...(frame === undefined ? {} : { uplink: inMilliseconds(frame) }),
    ...(gateways === undefined ? {} : { gateways }),
    ...(events === undefined ? {} : { events }),
    ...(refused === undefined ? {} : { refused }),
  };
  if (told.refused !== undefined && refused === undefined) return [`is refused as ${told.refused} (${detail ?? ''})`];
  return differences('', wanted, told);
};

/** Times as we print them: a vector may write `2026-01-15T08:00Z`. */
const inMilliseconds = (frame: NonNullable<Vector['uplink']>): NonNullable<Vector['uplink']> => {
  const printed = (text: string): string => {
    const read = parseIso(text);
    return read === undefined ? text : iso(read);
  };
  return {
    ...frame,
    ...(frame.at === undefined ? {} : { at: printed(frame.at) }),
    ...(frame.heardBy === undefined
      ? {}
      : {
          heardBy: frame.heardBy.map((heard) => (heard.at === undefined ? heard : { ...heard, at: printed(heard.at) })),
        }),
  };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const differences = (where: string, wanted: unknown, given: unknown): readonly string[] => {
  if (!isRecord(wanted) || !isRecord(given) || Array.isArray(wanted) !== Array.isArray(given))
    return Object.is(wanted, given) ? [] : [`${where.slice(1)} is ${shown(given)}, not ${shown(wanted)}`];
  return [...new Set([...Object.keys(wanted), ...Object.keys(given)])].flatMap((key) =>
    differences(`${where}.${key}`, wanted[key], given[key]),
  );
};

const shown = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value).slice(0, 120));
