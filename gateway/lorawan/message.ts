import type { DevEui, Instant, LorawanFrame } from '../../device-profiles/vocabulary/index.ts';
import type { FrameCopied, RadioNews } from '../../infra/radio/contract.ts';

/** An uplink as a network server, or our own receive path, tells it: decrypted, by whichever door. */
export interface NetworkUplink {
  readonly kind: 'uplink';
  readonly devEui: DevEui;
  readonly frame: LorawanFrame;
  readonly payload: Uint8Array;
  /** The time that the network, or a gateway's clock, gives; not yet believed. */
  readonly sentAt?: Instant;
}

/** Why a message of a network server is turned away, or left alone. Each is counted. */
export const networkRefusals = [
  'not-json',
  'not-protobuf',
  'wrong-shape',
  'doubled-key',
  'dev-eui-missing',
  'payload-not-base64',
  'payload-not-hex',
  'payload-too-large',
  'payload-encrypted',
  'simulated',
  'event-unknown',
  'topic-unknown',
] as const;
export type NetworkRefusal = (typeof networkRefusals)[number];

/** Nothing of a message was taken. `detail` never holds the payload. */
export interface NetworkRefused {
  readonly kind: 'refused';
  readonly reason: NetworkRefusal;
  readonly detail: string;
}

/** One thing that a message of a network server says. A message may say several: an uplink, and where its gateways are. */
export type NetworkMessage = NetworkUplink | Exclude<RadioNews, FrameCopied> | NetworkRefused;
