import { hash } from 'node:crypto';
import { uplinkId, type Connector, type UplinkId } from '../device-profiles/vocabulary/index.ts';

/** What a message's identity begins with: the door and the device, ended by NUL, which no id contains. */
export const identityPrefix = (connector: Connector, device: string): Buffer =>
  Buffer.from(`${connector}\0${device}\0`);

/** Room for a prefix, two bytes and the largest payload of a door; grown when a larger one comes. */
let scratch = Buffer.allocUnsafe(262_144 + 1_024);

/**
 * The same 22 characters each time the same words come under the same number: 132 bits of SHA-256 over prefix,
 * number and
 * payload, so that two messages meet by chance in no lifetime. About 1 us: one hash over one buffer.
 * @param number the sender's own number of the message, 0 to 65535 (MQTT packet id), or 0.
 */
export const identityOf = (prefix: Uint8Array, number: number, payload: Uint8Array): UplinkId => {
  const length = prefix.length + 2 + payload.length;
  if (length > scratch.length) scratch = Buffer.allocUnsafe(length);
  scratch.set(prefix, 0);
  scratch[prefix.length] = number >> 8;
  scratch[prefix.length + 1] = number;
  scratch.set(payload, prefix.length + 2);
  return uplinkId(hash('sha256', scratch.subarray(0, length), 'base64url').slice(0, 22));
};
