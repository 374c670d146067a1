import type { KeyObject } from 'node:crypto';
import { encrypted } from './cmac.ts';
import { blockOf } from './mic.ts';

/**
 * Takes the encryption off an FRMPayload, or puts it on: it is the same (LoRaWAN 1.0.4, 4.3.3.1). The key stream is the
 * blocks A1, A2, ... encrypted one by one.
 * @param key AppSKey, or NwkSKey for port 0
 */
export const decrypted = (
  { devAddr, frmPayload }: { readonly devAddr: string; readonly frmPayload: Uint8Array },
  fCnt: number,
  key: KeyObject,
): Uint8Array => {
  const blocks = Math.ceil(frmPayload.length / 16);
  const counters = new Uint8Array(blocks * 16);
  for (let i = 0; i < blocks; i += 1) counters.set(blockOf(0x01, devAddr, fCnt, i + 1), i * 16);
  const stream = encrypted(key, counters);
  return frmPayload.map((byte, i) => byte ^ (stream[i] ?? 0));
};
