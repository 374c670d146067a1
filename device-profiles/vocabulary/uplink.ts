import type { DevEui, DeviceId, UplinkId } from './ids.ts';
import type { Instant } from './time.ts';

/** The doors in. A new door gets its word here first: it is a metric label and a column of the journal. */
export const connectors = [
  'mqtt',
  'external-mqtt',
  'http',
  'airrohr',
  'chirpstack-mqtt',
  'chirpstack-http',
  'tts-mqtt',
  'tts-webhook',
  'tts-storage',
  'network-server',
  'semtech-udp',
] as const;
export type Connector = (typeof connectors)[number];

/** How the sender names the device. */
export type DeviceRef =
  { readonly by: 'id'; readonly value: DeviceId } | { readonly by: 'devEui'; readonly value: DevEui };

/** What a gateway heard of one frame. */
export interface Reception {
  /** Its EUI, 16 hexadecimal digits in lower case; where the network does not say one, the network's own id of it. */
  readonly gateway: string;
  /** dBm */
  readonly rssi?: number;
  /** dB */
  readonly snr?: number;
  readonly time?: Instant;
}

/** LoRaWAN's own data of a frame (LoRaWAN 1.0.4, 4.3). */
export interface LorawanFrame {
  /** 1 to 223 for application data; 0 for a frame that carries MAC commands only, or nothing. */
  readonly fPort: number;
  /** 32-bit frame counter. */
  readonly fCnt: number;
  /**
   * Whatever changes when the device joins anew: the DevAddr, eight hexadecimal digits in lower case, wherever the
   * network says it, because two networks that heard one frame agree on it; else a session key id.
   */
  readonly session: string;
  readonly receptions: readonly Reception[];
  /** Hz */
  readonly frequency?: number;
  /** As Semtech's forwarders write it: `SF7BW125`, or for FSK `FSK50000` (bit/s). */
  readonly dataRate?: string;
  /** `4/5` to `4/8`. */
  readonly codingRate?: string;
  /** The device asked for an acknowledgement. */
  readonly confirmed?: boolean;
}

/** One message as it came in, before anyone understood it. */
export interface Uplink {
  /** Stable over redelivery: the key of "stored once". */
  readonly id: UplinkId;
  /**
   * The sender said, or its protocol allows, that this message may have come before (MQTT's DUP flag, a second
   * gateway, a webhook's retry): then it is a duplicate if the journal's newest message of the same slot has the same
   * id. Without it the message is new, even if its words are not: a counter may well say 0 twice.
   */
  readonly redelivered: boolean;
  readonly connector: Connector;
  readonly device: DeviceRef;
  /** The gateway device that forwarded it under its own credential; undefined when the device spoke for itself. */
  readonly via?: DeviceId;
  /** Our clock, UTC; strictly rising for each device at one door, so that it can stand in for a missing device time. */
  readonly receivedAt: Instant;
  /** The sender's clock as its protocol carries it, not yet believed. */
  readonly sentAt?: Instant;
  readonly payload: Uint8Array;
  readonly lorawan?: LorawanFrame;
}
