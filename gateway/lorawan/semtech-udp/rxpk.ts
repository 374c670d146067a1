import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { instant, parseIso, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Copy } from '../phy/receive.ts';
import { rssiOf } from '../rssi.ts';
import { shapeFault } from '../shape-fault.ts';

/** A frame as a forwarder wrote it, all but the gateway that heard it. */
export type Received = Omit<Copy, 'gateway' | 'at'>;

/** Why one item of `rxpk` is left out; its neighbours are not touched. */
export const rxpkRefusals = ['rxpk-wrong', 'data-not-base64', 'size-wrong'] as const;
export interface RxpkRefused {
  readonly kind: 'refused';
  readonly reason: (typeof rxpkRefusals)[number];
  readonly detail: string;
}

/** Beyond what any radio can measure; outside of it a number is no measurement. */
const dBm = Type.Number({ minimum: -200, maximum: 50 });
const dB = Type.Number({ minimum: -100, maximum: 100 });
/** Base64 of 255 bytes, padded. */
const DATA_CHARACTERS = 340;

const Rxpk = Type.Object({
  /** MHz: from the lowest band of LoRaWAN, 169, to the 2.4 GHz of LoRa. */
  freq: Type.Number({ minimum: 100, maximum: 3_000 }),
  stat: Type.Optional(Type.Union([Type.Literal(1), Type.Literal(0), Type.Literal(-1)])),
  modu: Type.Union([Type.Literal('LORA'), Type.Literal('FSK'), Type.Literal('LR-FHSS')]),
  datr: Type.Union(
    [
      Type.String({ pattern: '^(SF([5-9]|1[0-2])BW\\d{2,4}|M\\d{1,2}CW\\d{2,4})$' }),
      Type.Integer({ minimum: 100, maximum: 999_999 }),
    ],
    { description: 'data rate such as SF7BW125, nor of FSK in bit/s' },
  ),
  codr: Type.Optional(Type.String({ maxLength: 16 })),
  rssi: Type.Optional(dBm),
  lsnr: Type.Optional(dB),
  /** Forwarders with several antennas: one signal each, and none outside. */
  rsig: Type.Optional(
    Type.Array(Type.Object({ rssic: Type.Optional(dBm), lsnr: Type.Optional(dB) }), { maxItems: 16 }),
  ),
  size: Type.Integer({ minimum: 0, maximum: 255 }),
  data: Type.String({ maxLength: DATA_CHARACTERS }),
  time: Type.Optional(Type.Unknown()),
  tmms: Type.Optional(Type.Unknown()),
});
const shape = Compile(Rxpk);

/** Takes one item of `rxpk`, which stands there at that place, from 0 on. Never throws. */
export const readRxpk = (item: unknown, index: number): Received | RxpkRefused => {
  const here = `rxpk[${index}]`;
  if (!shape.Check(item)) return refused('rxpk-wrong', shapeFault(shape, item, here));
  const { freq, stat, size, data, codr } = item;
  const phy = bytesOf(data);
  if (phy === undefined) return refused('data-not-base64', `${here}.data, of ${data.length} characters, is not base64`);
  if (phy.length !== size) return refused('size-wrong', `${here}.size is ${size}, and data has ${phy.length} bytes`);
  const time = timeOf(item);
  return {
    phy,
    checksum: stat === 1 ? 'ok' : stat === -1 ? 'bad' : 'none',
    frequency: Math.round(freq * 1e6),
    dataRate: typeof item.datr === 'number' ? `FSK${item.datr}` : item.datr,
    ...(codr !== undefined && /^4\/[5-8]$/.test(codr) ? { codingRate: codr } : {}),
    ...signalOf(item),
    ...(time === undefined ? {} : { time }),
  };
};

/** Both alphabets of RFC 4648, with and without padding: the protocol's own examples are URL-safe and unpadded. */
const bytesOf = (text: string): Uint8Array | undefined => {
  const [, digits] = /^([A-Za-z0-9+/_-]*)={0,2}$/.exec(text) ?? [];
  return digits === undefined || digits.length % 4 === 1 ? undefined : Buffer.from(digits, 'base64');
};

/** The best of the antennas. */
const signalOf = ({
  rssi,
  lsnr,
  rsig = [],
}: Static<typeof Rxpk>): { readonly rssi?: number; readonly snr?: number } => {
  const signals = [
    ...rsig.map((each) => ({ rssi: rssiOf(each.rssic), snr: each.lsnr })),
    { rssi: rssiOf(rssi), snr: lsnr },
  ];
  const best = signals.reduce((best, each) => {
    const [a, b] = [each.snr ?? -Infinity, best.snr ?? -Infinity];
    return a > b || (a === b && (each.rssi ?? -Infinity) > (best.rssi ?? -Infinity)) ? each : best;
  });
  return {
    ...(best.rssi === undefined ? {} : { rssi: best.rssi }),
    ...(best.snr === undefined ? {} : { snr: best.snr }),
  };
};

/** 1980-01-06T00:00:00Z, where GPS time begins. */
const GPS_EPOCH_MS = 315_964_800_000;
/** Leap seconds since then, of which GPS time knows nothing; the last one came at the end of 2016. */
const LEAP_MS = 18_000;

/** `time`, UTC to the microsecond, else `tmms`, GPS time. One that is no time is as none. */
const timeOf = ({ time, tmms }: Static<typeof Rxpk>): Instant | undefined => {
  if (typeof time === 'string') return parseIso(time);
  if (typeof tmms === 'number' && tmms > 0 && tmms < 1e13) return instant(GPS_EPOCH_MS - LEAP_MS + tmms);
  return undefined;
};

const refused = (reason: RxpkRefused['reason'], detail: string): RxpkRefused => ({ kind: 'refused', reason, detail });
