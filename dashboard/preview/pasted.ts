import { Type, type Static } from 'typebox';
import {
  deviceId,
  Invalid,
  parseIso,
  uplinkId,
  type Instant,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';

/**
 * Characters of hex, with what people put between the bytes; a message as text is bounded by the request's own size.
 */
const HEX_AT_MOST = 262_144;

export const pastedShape = {
  hex: Type.Optional(
    Type.String({
      maxLength: HEX_AT_MOST,
      description: 'The bytes; spaces, colons and dashes between them do not matter',
    }),
  ),
  text: Type.Optional(Type.String({ description: 'The message to the letter' })),
  json: Type.Optional(Type.Unknown({ description: 'The message as JSON' })),
  fPort: Type.Optional(Type.Integer({ minimum: 0, maximum: 255, description: 'LoRaWAN only' })),
  recvTime: Type.Optional(Type.String({ maxLength: 40, description: 'When it came in, ISO 8601; now unless given' })),
};
const Pasted = Type.Object(pastedShape);
export type Pasted = Static<typeof Pasted>;

/** No door gave it: an explanation of what was pasted does not show it. */
const NO_ID = uplinkId('pasted'.padEnd(22, '-'));
const NOBODY = deviceId('nobody');

/**
 * A payload that somebody pasted, as if it had come in.
 * @throws Invalid (`payload-invalid`, `time-invalid`) saying what is wrong with it; `where` is put before.
 */
export const pastedUplink = ({ hex, text, json, fPort, recvTime }: Pasted, now: Instant, where = ''): Uplink => {
  const forms = [hex, text, json].filter((form) => form !== undefined);
  if (forms.length !== 1)
    throw new Invalid(
      'payload-invalid',
      `${where}give one of hex, text and json${forms.length === 0 ? '' : ', not several'}`,
    );
  const receivedAt = recvTime === undefined ? now : parseIso(recvTime);
  if (receivedAt === undefined)
    throw new Invalid(
      'time-invalid',
      `${where}recvTime: ${JSON.stringify(recvTime)} is not a time such as 2026-11-23T15:00:00Z`,
    );
  return {
    id: NO_ID,
    redelivered: false,
    connector: 'http',
    device: { by: 'id', value: NOBODY },
    receivedAt,
    payload: hex === undefined ? Buffer.from(text ?? JSON.stringify(json), 'utf8') : bytesOf(hex, where),
    ...(fPort === undefined ? {} : { lorawan: { fPort, fCnt: 0, session: '', receptions: [] } }),
  };
};

const bytesOf = (hex: string, where: string): Uint8Array => {
  const digits = hex.replaceAll(/[\s:-]|0x/gi, '');
  const strange = /[^0-9a-f]/i.exec(digits)?.[0];
  if (strange !== undefined)
    throw new Invalid('payload-invalid', `${where}hex: ${JSON.stringify(strange)} is no hexadecimal digit`);
  if (digits.length % 2 === 1)
    throw new Invalid('payload-invalid', `${where}hex: ${digits.length} digits; each byte has two`);
  return Buffer.from(digits, 'hex');
};
