import type { DevEui } from '../../../device-profiles/vocabulary/index.ts';

/**
 * A device whose session keys are known to us: activated by personalisation (LoRaWAN 1.0.4, 6.3), so that its session
 * lasts as long as its keys.
 */
export interface AbpSession {
  readonly devEui: DevEui;
  /** Eight hexadecimal digits in lower case. Several devices may have the same one: the MIC tells them apart. */
  readonly devAddr: string;
  /** 16 bytes: signs the frame, and encrypts it on port 0. */
  readonly nwkSKey: Uint8Array;
  /** 16 bytes: encrypts the frame on every other port. */
  readonly appSKey: Uint8Array;
  readonly macVersion: '1.0';
  /**
   * Whether the device's counter may begin anew in this session, `refuse` unless given: a frame that begins it anew looks
   * like one of its first frames that somebody recorded and sends again.
   */
  readonly resets?: 'accept' | 'refuse';
}

/** Where a device's frame counter was when it was last heard, as it is remembered over a restart. */
export interface LastFrame {
  /** The DevAddr. */
  readonly session: string;
  readonly fCnt: number;
}

/** What the receive path asks of whoever keeps the keys. */
export interface Sessions {
  /** All sessions. The same array as long as nothing changed: it is looked through again only when it is another one. */
  readonly sessions: () => readonly AbpSession[];
  /** Asked once for each session, when the first frame of it comes in. */
  readonly lastFrame: (device: DevEui) => LastFrame | undefined;
}
