import { cmac, type CmacKey } from './cmac.ts';
import type { DataUp } from './frame.ts';

/**
 * The 16 bytes that go before what is signed or make up the key stream (LoRaWAN 1.0.4, 4.4 and 4.3.3.1): a mark, four
 * zeros, the direction (0 is up), DevAddr and the 32-bit counter with their lowest bytes first, zero, and a last byte.
 * @param counter 0 to 2^32 - 1
 */
export const blockOf = (mark: 0x01 | 0x49, devAddr: string, counter: number, last: number): Uint8Array => {
  const block = new Uint8Array(16);
  const view = new DataView(block.buffer);
  block[0] = mark;
  view.setUint32(6, Number.parseInt(devAddr, 16), true);
  view.setUint32(10, counter, true);
  block[15] = last;
  return block;
};

/**
 * The MIC that a frame has if its counter is this one: the first four bytes of the AES-CMAC over B0 and the frame
 * (LoRaWAN 1.0.4, 4.4), first byte lowest. LoRaWAN 1.1 mixes two of them and is not reckoned here.
 */
export const micOf = ({ devAddr, signed }: Pick<DataUp, 'devAddr' | 'signed'>, fCnt: number, key: CmacKey): number => {
  const message = new Uint8Array(16 + signed.length);
  message.set(blockOf(0x49, devAddr, fCnt, signed.length));
  message.set(signed, 16);
  const mac = cmac(key, message);
  return new DataView(mac.buffer, mac.byteOffset).getUint32(0, true);
};
