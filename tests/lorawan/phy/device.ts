import { deviceId, devEui } from '../../../device-profiles/vocabulary/index.ts';
import { aesKey, cmacKey } from '../../../gateway/lorawan/phy/cmac.ts';
import { decrypted } from '../../../gateway/lorawan/phy/decrypt.ts';
import { micOf } from '../../../gateway/lorawan/phy/mic.ts';
import type { AbpSession } from '../../../infra/registry/contract.ts';

/** A session whose keys are made of its number: `abp(7)` is the same each time. */
export const abp = (n: number, more: Partial<AbpSession> = {}): AbpSession => ({
  device: deviceId(`abp-${n}`),
  devEui: devEui(`70b3d57ed${n.toString(16).padStart(7, '0')}`),
  devAddr: (0x26011000 + n).toString(16).padStart(8, '0'),
  nwkSKey: new Uint8Array(16).fill(n + 1),
  appSKey: Uint8Array.from({ length: 16 }, (_, i) => (i * 7 + n) & 0xff),
  ...more,
});

interface Said {
  readonly fCnt: number;
  readonly fPort?: number;
  readonly payload?: Uint8Array;
  readonly confirmed?: boolean;
  readonly fOpts?: Uint8Array;
  /** The upper half of FCtrl: 0x80 is ADR. */
  readonly flags?: number;
}

/** The frame that a device of this session sends: a PHYPayload, signed. Without a port it says nothing. */
export const sent = (session: AbpSession, { fCnt, fPort, payload = new Uint8Array(), ...more }: Said): Buffer => {
  const { confirmed = false, fOpts = new Uint8Array(), flags = 0 } = more;
  const head = Buffer.alloc(8);
  head.writeUInt8(confirmed ? 0x80 : 0x40, 0);
  head.writeUInt32LE(Number.parseInt(session.devAddr, 16), 1);
  head.writeUInt8(flags | fOpts.length, 5);
  head.writeUInt16LE(fCnt & 0xffff, 6);
  const key = aesKey(fPort === 0 ? session.nwkSKey : session.appSKey);
  const hidden = decrypted({ devAddr: session.devAddr, frmPayload: payload }, fCnt, key);
  const signed = Buffer.concat([head, fOpts, ...(fPort === undefined ? [] : [Uint8Array.of(fPort), hidden])]);
  const mic = Buffer.alloc(4);
  mic.writeUInt32LE(micOf({ devAddr: session.devAddr, signed }, fCnt, cmacKey(session.nwkSKey)));
  return Buffer.concat([signed, mic]);
};

/** A device, and the frame with this counter that says `reading 7`; of another device where one is given. */
export const device = abp(1);
export const frame = (fCnt: number, session = device): Buffer =>
  sent(session, { fCnt, fPort: 2, payload: Buffer.from(`reading ${fCnt}`) });
