import type { Connector, DeviceId, Instant } from '../../device-profiles/vocabulary/index.ts';

/**
 * How an uplink came to us, for the question who else falls silent with a device. `lorawan-gateway`: a radio gateway
 * that heard it. `gateway-device`: an edge box that forwarded it. `broker`: somebody else's broker that we read from.
 * `door`: none of these, the device spoke to our own door.
 */
export const routeKinds = ['lorawan-gateway', 'gateway-device', 'broker', 'door'] as const;
export type RouteKind = (typeof routeKinds)[number];

/** A route by which a device was heard, and when last. */
export interface RouteHeard {
  readonly kind: RouteKind;
  /** The gateway's id, or the connector of a broker or door. */
  readonly name: string;
  readonly at: Instant;
}

/** A route as one text: the key of Maps. */
export const routeKey = ({ kind, name }: Pick<RouteHeard, 'kind' | 'name'>): string => `${kind} ${name}`;

/** Where the frame counter of a LoRaWAN device is, and which of the newest frames are still missing. */
export interface FrameWindow {
  /** Changes when the device joins anew. */
  readonly session: string;
  /** The highest counter heard in this session. */
  readonly highest: number;
  /** Missing counters that may still come, oldest first, each with the UTC day to which it was counted. */
  readonly missing: readonly (readonly [fCnt: number, day: number])[];
}

/** How one device is heard. */
export interface HeardDevice {
  readonly device: DeviceId;
  /** The place in the journal up to which its uplinks are in here. */
  readonly seq: number;
  /** Newest time of receipt. */
  readonly heardAt: Instant;
  /** Newest phenomenon time; undefined while nothing that it said was understood. */
  readonly aboutAt?: Instant;
  /** The door of its newest uplink. */
  readonly connector: Connector;
  /** The newest routes, `ROUTES_AT_MOST` of them. */
  readonly routes: readonly RouteHeard[];
  /** Of LoRaWAN devices. */
  readonly frames?: FrameWindow;
}

/** A dense network hears a device with a dozen gateways; the newest are enough to tell who is silent. */
export const ROUTES_AT_MOST = 8;

/** Numbers of a day: how many, their sum and the lowest. */
export interface Spread {
  readonly n: number;
  readonly sum: number;
  /** 0 while `n` is 0. */
  readonly min: number;
}

/** What was measured of a device's own health, by day. */
export const spreadNames = ['rssi', 'snr', 'voltage', 'level', 'strength'] as const;
export type SpreadName = (typeof spreadNames)[number];

/** One UTC day of one device. Days add up: see `addDays`. */
export interface HeardDay {
  readonly device: DeviceId;
  /** Whole days since 1970-01-01. */
  readonly day: number;
  /** Uplinks received on that day. */
  readonly uplinks: number;
  /** LoRaWAN frames that the counter showed to be missing, less those that came late: in a part of a day below 0. */
  readonly framesMissed: number;
  /**
   * 24 numbers: messages about each hour, by phenomenon time where the device told one that was believed, else by
   * time of receipt.
   */
  readonly hours: readonly number[];
  /**
   * Best reception of each LoRaWAN frame: `rssi` in dBm, `snr` in dB. What the device says of itself: battery
   * `voltage` in V, battery `level` in %, signal `strength` in dBm; by the day that it is about.
   */
  readonly spreads: Readonly<Partial<Record<SpreadName, Spread>>>;
}

/** A time in which the server listened without a break. */
export interface Listened {
  readonly from: Instant;
  /** The newest time that is known; of the present one it moves on. */
  readonly to: Instant;
}

/** What the registry keeps of how devices are heard. */
export interface HeardKept {
  readonly devices: readonly HeardDevice[];
  /** Oldest first. */
  readonly listened: readonly Listened[];
  /** Every uplink up to this place of the journal is in here; undefined while nothing was ever kept. */
  readonly seq?: number;
}

/** How devices are heard, as those who show it ask. */
export interface HeardReader {
  device(id: DeviceId): HeardDevice | undefined;
  /** When the server listened, oldest first; the newest to be counted up to `asOf`. */
  listened(): readonly Listened[];
  /** Up to when everything that came in is in here. It stands still while uplinks wait to be handled. */
  asOf(): Instant;
  /** The days of these devices from that one on, in order of (device, day); days without a word are left out. */
  days(devices: readonly DeviceId[], from: number): Promise<readonly HeardDay[]>;
}

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
/** Days that are kept: a month, and the day that it began in. */
export const DAYS_KEPT = 32;

/** The UTC day in which a time lies. */
export const dayOf = (at: Instant): number => Math.floor(at / DAY_MS);
