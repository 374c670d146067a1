import * as fc from 'fast-check';
import library from 'lora-packet';
import { describe, expect, it } from 'vitest';
import { aesKey, cmac, cmacKey } from '../../../gateway/lorawan/phy/cmac.ts';
import { decrypted } from '../../../gateway/lorawan/phy/decrypt.ts';
import { parseFrame } from '../../../gateway/lorawan/phy/frame.ts';
import { micOf } from '../../../gateway/lorawan/phy/mic.ts';

// Its types have one level more than it has itself.
const lorapacket = 'default' in library ? library.default : library;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('AES-CMAC', () => {
  // RFC 4493, 4: one key, messages of 0, 16, 40 and 64 bytes.
  const key = cmacKey(hex('2b7e1516 28aed2a6 abf71588 09cf4f3c'));
  const message = hex(
    '6bc1bee2 2e409f96 e93d7e11 7393172a ae2d8a57 1e03ac9c 9eb76fac 45af8e51 30c81c46 a35ce411 e5fbc119 1a0a52ef f69f2445 df4f9b17 ad2b417b e66c3710',
  );
  it.each([
    [0, 'bb1d6929 e9593728 7fa37d12 9b756746'],
    [16, '070a16b4 6b4d4144 f79bdd9d d04a287c'],
    [40, 'dfa66747 de9ae630 30ca3261 1497c827'],
    [64, '51f0bebf 7e3b9d92 fc497417 79363cfe'],
  ])('is that of RFC 4493 for %i bytes', (length, mac) => {
    expect(Buffer.from(cmac(key, message.subarray(0, length)))).toEqual(hex(mac));
  });

  it('takes keys of sixteen bytes only', () => {
    expect(() => cmacKey(new Uint8Array(15))).toThrow(RangeError);
  });
});

describe('a frame', () => {
  it('is read and decrypted as the vector of lora-packet has it', () => {
    // The worked example of lora-packet's README.
    const frame = parseFrame(hex('40F17DBE4900020001954378762B11FF0D'));
    if (frame.kind !== 'data-up') throw new Error(frame.kind);
    expect(frame).toMatchObject({ confirmed: false, devAddr: '49be7df1', fCnt16: 2, fPort: 1 });
    expect(micOf(frame, 2, cmacKey(hex('44024241ed4ce9a68c6a8bc055233fd3')))).toBe(frame.mic);
    expect(Buffer.from(decrypted(frame, 2, aesKey(hex('ec925802ae430ca77fd3dd73cb2cc588')))).toString()).toBe('test');
  });

  it('is read, signed and decrypted as lora-packet does it, whatever it says', () => {
    const bytes = (length: number) =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((each) => Buffer.from(each));
    let compared = 0;
    fc.assert(
      fc.property(
        fc.record({
          confirmed: fc.boolean(),
          devAddr: bytes(4),
          fCnt: fc.nat(0xffffffff),
          fPort: fc.integer({ min: 0, max: 223 }),
          payload: fc.uint8Array({ minLength: 1, maxLength: 222 }).map((each) => Buffer.from(each)),
          fOpts: fc.uint8Array({ maxLength: 15 }).map((each) => Buffer.from(each)),
          nwkSKey: bytes(16),
          appSKey: bytes(16),
        }),
        ({ confirmed, devAddr, fCnt, fPort, payload, fOpts, nwkSKey, appSKey }) => {
          const low = Buffer.alloc(2);
          low.writeUInt16BE(fCnt & 0xffff);
          const high = Buffer.alloc(2);
          high.writeUInt16LE(fCnt >>> 16);
          const MType = confirmed ? 'Confirmed Data Up' : 'Unconfirmed Data Up';
          const theirs = lorapacket.fromFields(
            { MType, DevAddr: devAddr, FCnt: low, FPort: fPort, FOpts: fOpts, payload },
            appSKey,
            nwkSKey,
            undefined,
            high,
          );
          const wire = theirs.getPHYPayload();
          if (wire === undefined) throw new Error('no bytes');
          const frame = parseFrame(wire);
          if (frame.kind !== 'data-up') throw new Error(frame.kind);
          const { fCnt16, mic } = frame;
          expect({ ...frame, signed: undefined, frmPayload: undefined }).toEqual({
            kind: 'data-up',
            confirmed,
            devAddr: devAddr.toString('hex'),
            fCnt16: fCnt & 0xffff,
            fPort,
            mic: theirs.MIC?.readUInt32LE(),
            signed: undefined,
            frmPayload: undefined,
          });
          expect(micOf(frame, fCnt, cmacKey(nwkSKey))).toBe(mic);
          expect(Buffer.from(decrypted(frame, fCnt, aesKey(fPort === 0 ? nwkSKey : appSKey)))).toEqual(payload);
          expect(fCnt16).toBe(theirs.getFCnt());
          compared += 1;
        },
      ),
      { numRuns: 300 },
    );
    expect(compared).toBe(300);
  });

  it('is cut anywhere and flipped anywhere without a throw, and then its MIC does not fit', () => {
    const key = cmacKey(hex('44024241ed4ce9a68c6a8bc055233fd3'));
    const whole = hex('40F17DBE4900020001954378762B11FF0D');
    const fits = (bytes: Uint8Array): boolean => {
      const frame = parseFrame(bytes);
      return frame.kind === 'data-up' && micOf(frame, 2, key) === frame.mic;
    };
    expect(fits(whole)).toBe(true);
    const cuts = whole.map((_, n) => n).filter((n) => fits(whole.subarray(0, n)));
    expect(cuts).toHaveLength(0);
    let flips = 0;
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const other = Buffer.from(whole);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      // FCnt is not read from the frame here, so a flip in it changes what is signed all the same.
      expect({ bit, fits: fits(other) }).toEqual({ bit, fits: false });
      flips += 1;
    }
    expect(flips).toBe(136);
  });

  it('may be any bytes at all', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(
        fc.constantFrom(0x40, 0x80, 0xe0, undefined),
        fc.uint8Array({ maxLength: 300, size: 'max' }),
        (mhdr, bytes) => {
          kinds.add(parseFrame(mhdr === undefined ? bytes : Uint8Array.of(mhdr, ...bytes)).kind);
        },
      ),
      { numRuns: 2000 },
    );
    expect([...kinds].sort()).toEqual(['data-up', 'not-lorawan', 'other']);
  });

  it.each([
    [
      'a join request',
      '00 1011121314151617 180102030405060708 8aaa cbeb32a2'.replaceAll(' ', '').slice(0, 46),
      'other',
    ],
    ['a join request cut short', '0010111213', 'not-lorawan'],
    ['a frame on its way down', '60f17dbe490002000195437876', 'other'],
    ['another major version', '41F17DBE4900020001954378762B11FF0D', 'not-lorawan'],
    ['MAC commands that go beyond its end', '40F17DBE490F0200012B11FF0D', 'not-lorawan'],
    ['eleven bytes', '40F17DBE49000200012B11', 'not-lorawan'],
    ['no bytes', '', 'not-lorawan'],
    ['a proprietary frame', 'e1', 'other'],
  ])('%s is told apart', (_, bytes, kind) => {
    expect(parseFrame(hex(bytes)).kind).toBe(kind);
  });
});
