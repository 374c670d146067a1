import type { Connector, DevEui, Instant } from '../../device-profiles/vocabulary/index.ts';

/**
 * What is known of the radio network beside the uplinks themselves: gateways, and what network servers say of devices.
 * The doors tell it, whoever shows it reads it.
 */

/** Degrees of WGS 84, and metres above sea level. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude?: number;
}

/** A gateway as a network server or the gateway itself describes it. Its id: see `Reception.gateway`. */
export interface GatewayDescribed {
  readonly kind: 'gateway';
  readonly gateway: string;
  readonly connector: Connector;
  /** Time of receipt. */
  readonly at: Instant;
  readonly name?: string;
  readonly position?: Position;
}

/** What a gateway counted since it last said so (Semtech UDP `stat`, ChirpStack `stats`). */
export interface GatewayStats {
  readonly kind: 'stats';
  readonly gateway: string;
  readonly connector: Connector;
  readonly at: Instant;
  /** Frames that its radio received, whatever their checksum. */
  readonly received: number;
  /** Those of them whose checksum was right. */
  readonly receivedOk: number;
  /** Those of them that it sent on; undefined where it does not say. */
  readonly forwarded?: number;
  /** Frames that it was told to send, and those that it sent. */
  readonly downlinks?: number;
  readonly emitted?: number;
  /** Share of its own messages that the server acknowledged, 0 to 1. */
  readonly acknowledged?: number;
  readonly position?: Position;
  /** Degrees Celsius inside of it. */
  readonly temperature?: number;
}

/** Whether a gateway is connected to its network server (ChirpStack `conn`). */
export interface GatewayConnection {
  readonly kind: 'connection';
  readonly gateway: string;
  readonly connector: Connector;
  readonly at: Instant;
  readonly online: boolean;
}

/**
 * A frame as one gateway heard it, whoever's it is: only where a gateway tells us all that it hears (Semtech UDP). What
 * was heard of our own devices stands in their uplinks as well.
 */
export interface FrameHeard {
  readonly kind: 'frame';
  readonly gateway: string;
  readonly connector: Connector;
  readonly at: Instant;
  readonly checksum: 'ok' | 'bad' | 'none';
  /** Hz */
  readonly frequency: number;
  /** Milliseconds on the air; undefined where the modulation is not one that we can reckon. */
  readonly airtimeMs?: number;
}

/** `described`: what the network's register of devices has, `brand`, `model` and a place, as a suggestion to engineers. */
export const networkEventKinds = ['join', 'status', 'log', 'ack', 'txack', 'location', 'downlink', 'described'] as const;

/** What a network server says of a device beside its uplinks. */
export interface NetworkEvent {
  readonly kind: (typeof networkEventKinds)[number];
  readonly devEui: DevEui;
  readonly connector: Connector;
  readonly at: Instant;
  readonly level: 'info' | 'warning' | 'error';
  /** The network's own word for it: `UPLINK_MIC`, `UPLINK_CODEC`. */
  readonly code?: string;
  /** A sentence for people; never a payload or a key. */
  readonly text: string;
  /** Numbers and words that go with it: `margin` in dB, `batteryLevel` in %, `latitude`, `longitude`, `fCnt`. */
  readonly detail: Readonly<Record<string, string | number | boolean>>;
  /** The id that the network gave to the downlink which this is about. */
  readonly downlink?: string;
}

export type RadioNews = GatewayDescribed | GatewayStats | GatewayConnection | FrameHeard | NetworkEvent;

/** Takes news from the doors. In memory, at once, and it never throws: no sender waits for it. */
export interface RadioRecorder {
  tell(news: RadioNews): void;
}
