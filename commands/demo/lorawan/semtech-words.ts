import type { DemoGateway } from './gateways.ts';
import type { RadioChannel } from './propagation.ts';

/** One frame as a gateway's radio heard it. */
export interface Heard {
  readonly atMs: number;
  readonly phy: Uint8Array;
  readonly channel: RadioChannel;
  readonly spreadingFactor: number;
  readonly rssi: number;
  readonly snr: number;
  /** Whether its checksum was right. */
  readonly ok: boolean;
}

/** What a gateway counted since it last said so. */
export interface StatCounts {
  /** Heard, those with a good checksum, and those sent on. */
  readonly received: number;
  readonly ok: number;
  readonly forwarded: number;
  /** Datagrams sent, and acknowledged. */
  readonly pushed: number;
  readonly acknowledged: number;
}

const VERSION = 2;
const PUSH_DATA = 0x00;
const PULL_DATA = 0x02;
/** What comes back: PUSH_ACK and PULL_ACK. */
export const answers = new Map([
  [0x01, 'push'],
  [0x04, 'pull'],
] as const);

/** Item of `rxpk` (Semtech's PROTOCOL.TXT, version 2, chapter 4). */
export const rxpk = ({ atMs, phy, channel, spreadingFactor, rssi, snr, ok }: Heard) => ({
  time: `${new Date(atMs).toISOString().slice(0, -1)}000Z`,
  tmst: (atMs * 1000) % 0x1_0000_0000,
  chan: channel.index,
  rfch: channel.index < 3 ? 1 : 0,
  freq: channel.frequency / 1_000_000,
  stat: ok ? 1 : -1,
  modu: 'LORA',
  datr: `SF${spreadingFactor}BW125`,
  codr: '4/5',
  rssi,
  lsnr: snr,
  size: phy.length,
  data: Buffer.from(phy).toString('base64'),
});

/** `stat`: its time is no ISO 8601. */
export const stat = ({ latitude, longitude, altitude }: DemoGateway, atMs: number, counts: StatCounts) => ({
  time: `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} GMT`,
  lati: latitude,
  long: longitude,
  alti: altitude,
  rxnb: counts.received,
  rxok: counts.ok,
  rxfw: counts.forwarded,
  ackr: counts.pushed === 0 ? 100 : Math.round((1000 * counts.acknowledged) / counts.pushed) / 10,
  dwnb: 0,
  txnb: 0,
});

export const pushData = (eui: string, token: number, words: unknown): Buffer =>
  Buffer.concat([head(eui, token, PUSH_DATA), Buffer.from(JSON.stringify(words))]);

/** Keeps the way back open. */
export const pullData = (eui: string, token: number): Buffer => head(eui, token, PULL_DATA);

const head = (eui: string, token: number, identifier: number): Buffer => {
  const bytes = Buffer.alloc(12);
  bytes[0] = VERSION;
  bytes.writeUInt16BE(token, 1);
  bytes[3] = identifier;
  bytes.write(eui, 4, 'hex');
  return bytes;
};
