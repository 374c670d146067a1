import { isObject, readObject, type Json } from '../json.ts';
import type { NetworkRefusal } from '../message.ts';

/**
 * The datagrams of the Gateway Message Protocol, versions 1 and 2 (Semtech packet_forwarder, PROTOCOL.TXT). Numbers of
 * several bytes are not looked into: a token is sent back as it came.
 */
export const gatewayKinds = ['push-data', 'pull-data', 'tx-ack'] as const;
export type GatewayKind = (typeof gatewayKinds)[number];

/** What a gateway sent, as far as its first twelve bytes say. */
export interface Header {
  readonly kind: GatewayKind;
  readonly version: 1 | 2;
  readonly token: Uint8Array;
  /** The gateway's EUI, 16 hexadecimal digits in lower case. Anybody can write it. */
  readonly gateway: string;
  readonly json: Uint8Array;
}

/** Bytes that no gateway sends. */
export interface NotGwmp {
  readonly kind: 'not-gwmp';
  readonly detail: string;
}

const HEADER_BYTES = 12;
const kindOf: ReadonlyMap<number, GatewayKind> = new Map([
  [0x00, 'push-data'],
  [0x02, 'pull-data'],
  [0x05, 'tx-ack'],
]);
const PUSH_ACK = 0x01;
const PULL_ACK = 0x04;

/** Never throws. */
export const readHeader = (bytes: Uint8Array): Header | NotGwmp => {
  if (bytes.length < HEADER_BYTES) return notGwmp(`${bytes.length} bytes`);
  const [version, , , identifier] = bytes;
  if (version !== 1 && version !== 2) return notGwmp(`version ${version}`);
  const kind = kindOf.get(identifier ?? -1);
  if (kind === undefined) return notGwmp(`type ${identifier}, which gateways do not send`);
  // Version 1 has no TX_ACK.
  if (kind === 'tx-ack' && version === 1) return notGwmp('TX_ACK in version 1');
  return {
    kind,
    version,
    token: bytes.slice(1, 3),
    gateway: Buffer.from(bytes.subarray(4, HEADER_BYTES)).toString('hex'),
    json: bytes.subarray(HEADER_BYTES),
  };
};

const notGwmp = (detail: string): NotGwmp => ({ kind: 'not-gwmp', detail });

/** The acknowledgement that is due; undefined for TX_ACK, which is one itself. */
export const acknowledgementOf = ({ kind, version, token }: Header): Uint8Array | undefined => {
  if (kind === 'tx-ack') return undefined;
  return Uint8Array.of(version, ...token, kind === 'push-data' ? PUSH_ACK : PULL_ACK);
};

/**
 * The concentrator of today hands its forwarder 255 frames at most (sx1302_hal, NB_PKT_MAX); no gateway sends more in
 * one datagram.
 */
export const FRAMES_AT_MOST = 255;

/** What a PUSH_DATA carries, item by item, and not looked into yet. */
export interface Pushed {
  readonly kind: 'pushed';
  readonly rxpk: readonly unknown[];
  readonly stat: Json | undefined;
}

export const pushRefusals = ['too-many-frames'] as const;
export interface PushRefused {
  readonly kind: 'refused';
  readonly reason: NetworkRefusal | (typeof pushRefusals)[number];
  readonly detail: string;
}

/** Takes the JSON of a PUSH_DATA apart. Either part may be missing; unknown ones are left alone. Never throws. */
export const readPush = (json: Uint8Array): Pushed | PushRefused => {
  const read = readObject(json);
  if (read.kind === 'refused') return read;
  const { rxpk = [], stat } = read.value;
  if (!Array.isArray(rxpk)) return refused('wrong-shape', 'rxpk is no list');
  if (rxpk.length > FRAMES_AT_MOST) return refused('too-many-frames', `${rxpk.length} frames in one datagram`);
  if (stat !== undefined && stat !== null && !isObject(stat)) return refused('wrong-shape', 'stat is no object');
  return { kind: 'pushed', rxpk, stat: isObject(stat) ? stat : undefined };
};

const refused = (reason: PushRefused['reason'], detail: string): PushRefused => ({ kind: 'refused', reason, detail });
