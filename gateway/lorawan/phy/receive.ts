import { instant, type DevEui, type Instant, type Reception } from '../../../device-profiles/vocabulary/index.ts';
import { openBuckets } from '../buckets.ts';
import type { NetworkUplink } from '../message.ts';
import { decrypted } from './decrypt.ts';
import { parseFrame, type DataUp } from './frame.ts';
import { openKeyring, type Member } from './keyring.ts';
import { micOf } from './mic.ts';
import type { MayBeginAnew, Sessions } from './session.ts';

/** One frame as one gateway heard it. */
export interface Copy {
  /** The gateway's EUI, 16 hexadecimal digits in lower case. */
  readonly gateway: string;
  /** When it came to us. */
  readonly at: Instant;
  readonly phy: Uint8Array;
  /** As the gateway's radio found it; `none` where the frame carries none, as those from gateways do. */
  readonly checksum: 'ok' | 'bad' | 'none';
  /** Hz */
  readonly frequency: number;
  readonly dataRate?: string;
  readonly codingRate?: string;
  /** dBm */
  readonly rssi?: number;
  /** dB */
  readonly snr?: number;
  /** The gateway's clock, not yet believed. */
  readonly time?: Instant;
}

/** Why a copy was turned away. It never keeps a good copy of the same frame from being taken. */
export const copyRefusals = [
  'checksum-bad',
  'frequency-wrong',
  'not-lorawan',
  'mic-wrong',
  'counter-replayed',
  'counter-anew',
] as const;
export type CopyRefusal = (typeof copyRefusals)[number];

/**
 * What became of a copy. `held`: the first of a good frame, which is handed on when its window closes. `duplicate`:
 * another copy of it, inside the window or later. `foreign`: a frame of LoRaWAN that is no uplink of a device whose
 * keys are known: a neighbour's, a join, one on its way down.
 */
export type CopyOutcome =
  | { readonly kind: 'held' | 'duplicate' | 'foreign' }
  | {
      readonly kind: 'refused';
      readonly reason: CopyRefusal;
      readonly detail: string;
      /** Whose it is, where the MIC proves it. */
      readonly device?: DevEui;
    };

/** A good frame with all that was heard of it. */
export interface Heard {
  readonly uplink: NetworkUplink;
  /** It could not be kept: a copy that is still to come may bring it again. */
  readonly forget: () => void;
}

/** The receive path of a network server, as far as data goes up. It holds no timer and never throws. */
export interface Receiver {
  /** @param now milliseconds of a clock that only rises */
  take(copy: Copy, now: number): CopyOutcome;
  /** The frames whose window has closed by now, oldest first. */
  release(now: number): readonly Heard[];
  /** When the next window closes; undefined while none is open. */
  readonly nextAt: number | undefined;
}

/** How long copies of a frame are gathered, as ChirpStack and others do: gateways' ways to us differ by so much. */
export const WINDOW_MS = 200;
/** A copy that comes after its window, but not after this, is late; later it is somebody who sends it again. */
export const LATE_COPY_MS = 60_000;
/** The band in which devices may send in the United Kingdom and the EU (RP002, EU863-870). */
const BAND = { from: 863_000_000, to: 870_000_000 } as const;
/** A gateway's clock further from ours than this is wrong: forwarders send at once what they hear. */
export const GATEWAY_CLOCK_MS = 30_000;

/**
 * Frames with a wrong MIC for which every counter is tried, a second: of one DevAddr, and of one gateway. A neighbour
 * with the same address sends one a minute; what is more is made up, and each would cost 18 signatures of a device's.
 * Beyond it the likeliest counter alone is tried, with which a device that was heard lately signs.
 */
export const WRONG_OF_ADDRESS = 50;
export const WRONG_OF_GATEWAY = 500;

interface Window {
  readonly closesAt: number;
  readonly member: Member;
  readonly frame: DataUp;
  readonly fCnt: number;
  /** The best copy of each gateway. */
  readonly copies: Map<string, Copy>;
}

export const openReceiver = (parts: Sessions, mayBeginAnew: MayBeginAnew = () => false): Receiver => {
  const keyring = openKeyring(parts, mayBeginAnew);
  const ofAddress = openBuckets({ perSecond: WRONG_OF_ADDRESS, burst: WRONG_OF_ADDRESS });
  const ofGateway = openBuckets({ perSecond: WRONG_OF_GATEWAY, burst: WRONG_OF_GATEWAY });
  const open = new Map<string, Window>();
  // Frames that were handed on, with the time until which a copy of them is late; oldest first.
  const closed = new Map<string, number>();

  const heard = (key: string, window: Window): Heard => ({
    uplink: uplinkFrom(window),
    forget() {
      closed.delete(key);
      window.member.giveBack(window.fCnt);
    },
  });
  return {
    take(copy, now) {
      if (copy.checksum === 'bad') return refused('checksum-bad', 'the radio found it damaged');
      if (copy.frequency < BAND.from || copy.frequency > BAND.to)
        return refused('frequency-wrong', `${copy.frequency} Hz is outside of EU863-870`);
      const key = Buffer.from(copy.phy).toString('latin1');
      const window = open.get(key);
      if (window !== undefined) {
        const before = window.copies.get(copy.gateway);
        if (before === undefined || byQuality(copy, before) < 0) window.copies.set(copy.gateway, copy);
        return { kind: 'duplicate' };
      }
      if ((closed.get(key) ?? -Infinity) > now) return { kind: 'duplicate' };
      const frame = parseFrame(copy.phy);
      if (frame.kind === 'not-lorawan') return refused('not-lorawan', frame.detail);
      if (frame.kind === 'other') return { kind: 'foreign' };
      const members = keyring.of(frame.devAddr);
      if (members.length === 0) return { kind: 'foreign' };
      const isThorough = ofAddress.has(frame.devAddr, now) && ofGateway.has(copy.gateway, now);
      const found = signerOf(frame, members, isThorough);
      if (found === undefined) {
        if (isThorough) {
          ofAddress.take(frame.devAddr, now);
          ofGateway.take(copy.gateway, now);
        }
        return refused('mic-wrong', `DevAddr ${frame.devAddr}`);
      }
      const { member, reading } = found;
      const reason = member.take(reading, frame);
      if (reason !== undefined) {
        const { devEui: device } = member.session;
        return { kind: 'refused', reason, detail: `${device} with counter ${reading.fCnt}`, device };
      }
      open.set(key, {
        closesAt: now + WINDOW_MS,
        member,
        frame,
        fCnt: reading.fCnt,
        copies: new Map([[copy.gateway, copy]]),
      });
      return { kind: 'held' };
    },
    release(now) {
      const due: Heard[] = [];
      for (const [key, until] of closed) {
        if (until > now) break;
        closed.delete(key);
      }
      for (const [key, window] of open) {
        if (window.closesAt > now) break;
        open.delete(key);
        closed.set(key, now + LATE_COPY_MS);
        due.push(heard(key, window));
      }
      return due;
    },
    get nextAt() {
      return open.values().next().value?.closesAt;
    },
  };
};

/** Whose frame it is, and with which counter. The likeliest counter of each is tried first, or alone. */
const signerOf = (frame: DataUp, members: readonly Member[], isThorough: boolean) => {
  const tries = members.map((member) => ({ member, readings: member.readings(frame.fCnt16) }));
  const most = isThorough ? Math.max(...tries.map(({ readings }) => readings.length)) : 1;
  for (let i = 0; i < most; i += 1) {
    for (const { member, readings } of tries) {
      const reading = readings[i];
      if (reading !== undefined && micOf(frame, reading.fCnt, member.micKey) === frame.mic) return { member, reading };
    }
  }
  return undefined;
};

const uplinkFrom = ({ member, frame, fCnt, copies }: Window): NetworkUplink => {
  const { session, appKey } = member;
  const ordered = [...copies.values()].sort(byQuality);
  const best = ordered[0];
  // What is on port 0 is for the network alone: MAC commands, encrypted with NwkSKey (4.3.2). Nobody here reads them.
  const fPort = frame.fPort ?? 0;
  const time = ordered.map(credibleTime).find((each) => each !== undefined);
  return {
    kind: 'uplink',
    devEui: session.devEui,
    payload: fPort === 0 ? new Uint8Array() : decrypted(frame, fCnt, appKey),
    ...(time === undefined ? {} : { sentAt: time }),
    frame: {
      fPort,
      fCnt,
      session: session.devAddr,
      receptions: ordered.map(receptionOf),
      confirmed: frame.confirmed,
      ...(best === undefined ? {} : { frequency: best.frequency }),
      ...(best?.dataRate === undefined ? {} : { dataRate: best.dataRate }),
      ...(best?.codingRate === undefined ? {} : { codingRate: best.codingRate }),
    },
  };
};

const receptionOf = (copy: Copy): Reception => {
  const { gateway, rssi, snr } = copy;
  const time = credibleTime(copy);
  return {
    gateway,
    ...(rssi === undefined ? {} : { rssi }),
    ...(snr === undefined ? {} : { snr }),
    ...(time === undefined ? {} : { time }),
  };
};

/** The gateway's time, where it is near enough to ours that it can be right. */
const credibleTime = ({ time, at }: Copy): Instant | undefined =>
  time !== undefined && Math.abs(time - at) <= GATEWAY_CLOCK_MS ? instant(time) : undefined;

/** The better one first: the signal's distance from the noise decides, then its strength. */
const byQuality = (a: Copy, b: Copy): number => down(a.snr, b.snr) || down(a.rssi, b.rssi);

const down = (a = -1000, b = -1000): number => b - a;

const refused = (reason: CopyRefusal, detail: string): CopyOutcome => ({ kind: 'refused', reason, detail });
