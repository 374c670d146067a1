import { hash } from 'node:crypto';
import { uplinkId, type Connector, type UplinkId } from '../device-profiles/vocabulary/index.ts';

/** What a message's identity begins with: the door and the device, ended by NUL, which no id contains. */
export const identityPrefix = (connector: Connector, device: string): Buffer =>
  Buffer.from(`${connector}\0${device}\0`);

/**
 * The same for a message that a gateway forwards: the number is the gateway's, and two gateways may use the same one
 * for the same device. It is none of `identityPrefix`, which has one name fewer.
 */
export const forwardedPrefix = (connector: Connector, gateway: string, device: string): Buffer =>
  Buffer.from(`${connector}\0${gateway}\0${device}\0`);

/**
 * An id in two halves: under which number of which device the message came, and its words. The same number with other
 * words means that the sender has let go of the earlier message (see `UplinkId`). 66 bits of SHA-256 each: two messages
 * meet by chance in no lifetime. About 2 us.
 * @param number the sender's own number of the message, 0 to 65535 (MQTT packet id), or 0.
 */
export const identityOf = (prefix: Uint8Array, number: number, payload: Uint8Array): UplinkId =>
  uplinkId(half(Buffer.concat([prefix, Uint8Array.of(number >> 8, number & 0xff)])) + half(payload));

/** The same for a message whose number is a text of its own, such as device, session and counter of a LoRaWAN frame. */
export const identityOfNumbered = (number: string, payload: Uint8Array): UplinkId =>
  uplinkId(half(number) + half(payload));

const half = (words: Uint8Array | string): string => hash('sha256', words, 'base64url').slice(0, 11);
