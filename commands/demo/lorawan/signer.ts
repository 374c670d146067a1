import { createCipheriv } from 'node:crypto';

/** What a device that was activated by personalisation holds (LoRaWAN 1.0.4, 6.3). */
export interface DeviceSession {
  /** Eight hexadecimal digits in lower case. */
  readonly devAddr: string;
  /** 32 hexadecimal digits each. */
  readonly nwkSKey: string;
  readonly appSKey: string;
}

/** A data message up, before it is encrypted and signed. */
export interface DataMessage {
  /** 32 bits, of which 16 go on the air. */
  readonly fCnt: number;
  readonly fPort: number;
  readonly payload: Uint8Array;
  readonly confirmed: boolean;
}

const BLOCK = 16;
const aes = (mode: 'ecb' | 'cbc', key: Buffer, bytes: Uint8Array): Buffer => {
  const iv = mode === 'ecb' ? null : Buffer.alloc(BLOCK);
  const cipher = createCipheriv(`aes-128-${mode}`, key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
};

/**
 * As a device's radio sends it: PHYPayload (LoRaWAN 1.0.4, chapter 4). This is the device's side; it shares no code
 * with the receiver's, so that one checks the other.
 */
export const phyPayload = (
  { devAddr, nwkSKey, appSKey }: DeviceSession,
  { fCnt, fPort, payload, confirmed }: DataMessage,
): Buffer => {
  // Least significant byte first (4.3.1.1).
  const address = Buffer.from(devAddr, 'hex').reverse();
  const head = Buffer.alloc(9);
  head[0] = confirmed ? 0x80 : 0x40;
  address.copy(head, 1);
  // FCtrl: adaptive data rate, no options.
  head[5] = 0x80;
  head.writeUInt16LE(fCnt % 0x10000, 6);
  head[8] = fPort;
  const encrypted = crypted(Buffer.from(appSKey, 'hex'), { address, fCnt, payload });
  const message = Buffer.concat([head, encrypted]);
  // B0 (4.4): 0x49, the direction 0 for up, address, counter, length.
  const b0 = block(0x49, { address, fCnt, last: message.length });
  const mic = cmac(Buffer.from(nwkSKey, 'hex'), Buffer.concat([b0, message])).subarray(0, 4);
  return Buffer.concat([message, mic]);
};

const block = (
  first: number,
  { address, fCnt, last }: { readonly address: Buffer; readonly fCnt: number; readonly last: number },
): Buffer => {
  const bytes = Buffer.alloc(BLOCK);
  bytes[0] = first;
  address.copy(bytes, 6);
  bytes.writeUInt32LE(fCnt, 10);
  bytes[15] = last;
  return bytes;
};

/** Counter mode with the blocks A_1, A_2 ... (4.3.3). */
const crypted = (
  key: Buffer,
  { address, fCnt, payload }: { readonly address: Buffer; readonly fCnt: number; readonly payload: Uint8Array },
): Buffer => {
  const blocks = Array.from({ length: Math.ceil(payload.length / BLOCK) }, (_, index) =>
    block(0x01, { address, fCnt, last: index + 1 }),
  );
  const stream = aes('ecb', key, Buffer.concat(blocks));
  return Buffer.from(payload.map((byte, index) => byte ^ (stream[index] ?? 0)));
};

/** AES-CMAC (RFC 4493): CBC of the message whose last block is crossed with a subkey. */
const cmac = (key: Buffer, message: Buffer): Buffer => {
  const whole = message.length > 0 && message.length % BLOCK === 0;
  const k1 = doubled(aes('ecb', key, Buffer.alloc(BLOCK)));
  const subkey = whole ? k1 : doubled(k1);
  const padded = Buffer.alloc(Math.max(1, Math.ceil(message.length / BLOCK)) * BLOCK);
  message.copy(padded);
  if (!whole) padded[message.length] = 0x80;
  const last = padded.length - BLOCK;
  for (const [index, byte] of subkey.entries()) padded[last + index] = (padded[last + index] ?? 0) ^ byte;
  return aes('cbc', key, padded).subarray(last);
};

/** Times x in GF(2^128) (RFC 4493, 2.3). */
const doubled = (bytes: Buffer): Buffer => {
  const number = BigInt(`0x${bytes.toString('hex')}`);
  const shifted = BigInt.asUintN(128, number << 1n) ^ (number >> 127n === 1n ? 0x87n : 0n);
  return Buffer.from(shifted.toString(16).padStart(32, '0'), 'hex');
};
