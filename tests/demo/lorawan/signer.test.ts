import { assert, boolean, integer, nat, property, record, uint8Array } from 'fast-check';
import library from 'lora-packet';
import { describe, expect, it } from 'vitest';
import { phyPayload } from '../../../commands/demo/lorawan/signer.ts';
import { aesKey, cmacKey } from '../../../gateway/lorawan/phy/cmac.ts';
import { decrypted } from '../../../gateway/lorawan/phy/decrypt.ts';
import { parseFrame } from '../../../gateway/lorawan/phy/frame.ts';
import { micOf } from '../../../gateway/lorawan/phy/mic.ts';

// Its types have one level more than it has itself.
const lorapacket = 'default' in library ? library.default : library;
const hexOf = (length: number) =>
  uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('hex'));
const session = record({ devAddr: hexOf(4), nwkSKey: hexOf(16), appSKey: hexOf(16) });
const message = record({
  fCnt: nat(0xffffffff),
  fPort: integer({ min: 1, max: 223 }),
  payload: uint8Array({ minLength: 1, maxLength: 222 }),
  confirmed: boolean(),
});

describe('a frame that a simulated device signs', () => {
  it('is, bit for bit, the one that lora-packet makes', () => {
    let compared = 0;
    assert(
      property(session, message, (keys, said) => {
        const low = Buffer.alloc(2);
        low.writeUInt16BE(said.fCnt & 0xffff);
        const high = Buffer.alloc(2);
        high.writeUInt16LE(said.fCnt >>> 16);
        const theirs = lorapacket.fromFields(
          {
            MType: said.confirmed ? 'Confirmed Data Up' : 'Unconfirmed Data Up',
            DevAddr: Buffer.from(keys.devAddr, 'hex'),
            FCtrl: { ADR: true, ADRACKReq: false, ACK: false, FPending: false },
            FCnt: low,
            FPort: said.fPort,
            payload: Buffer.from(said.payload),
          },
          Buffer.from(keys.appSKey, 'hex'),
          Buffer.from(keys.nwkSKey, 'hex'),
          undefined,
          high,
        );
        expect(phyPayload(keys, said).toString('hex')).toBe(theirs.getPHYPayload()?.toString('hex'));
        compared += 1;
      }),
      { numRuns: 300 },
    );
    expect(compared).toBe(300);
  });

  it('is understood by the receive path, which has no line of code in common with it', () => {
    assert(
      property(session, message, (keys, said) => {
        const frame = parseFrame(phyPayload(keys, said));
        if (frame.kind !== 'data-up') throw new Error(frame.kind);
        const { devAddr, fCnt16, fPort, confirmed } = frame;
        expect({ devAddr, fCnt16, fPort, confirmed }).toEqual({
          devAddr: keys.devAddr,
          fCnt16: said.fCnt & 0xffff,
          fPort: said.fPort,
          confirmed: said.confirmed,
        });
        expect(micOf(frame, said.fCnt, cmacKey(Buffer.from(keys.nwkSKey, 'hex')))).toBe(frame.mic);
        expect([...decrypted(frame, said.fCnt, aesKey(Buffer.from(keys.appSKey, 'hex')))]).toEqual([...said.payload]);
      }),
    );
  });
});
