import type { Connector, DevEui, DeviceId, Instant, LorawanFrame } from '../../device-profiles/vocabulary/index.ts';

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
/**
 * A frame that came once more, by another door or again: the journal has it already, but other gateways may have heard
 * it.
 */
export interface FrameCopied {
  readonly kind: 'copy';
  readonly device: DevEui;
  readonly connector: Connector;
  /** Time of receipt. */
  readonly at: Instant;
  /** When the frame was sent, as far as that is known. */
  readonly sentAt?: Instant;
  readonly frame: Pick<LorawanFrame, 'session' | 'fCnt' | 'receptions'>;
}

export const networkEventKinds = [
  'join',
  'status',
  'log',
  'ack',
  'txack',
  'location',
  'downlink',
  'described',
] as const;

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

export type RadioNews = GatewayDescribed | GatewayStats | GatewayConnection | FrameHeard | FrameCopied | NetworkEvent;

/** Takes news from the doors. In memory, at once, and it never throws: no sender waits for it. */
export interface RadioRecorder {
  tell(news: RadioNews): void;
}

/** What a gateway counted or brought on one UTC day, by one connector. What nobody says is undefined, never 0. */
export interface GatewayDay {
  readonly gateway: string;
  /** Two connectors may tell the same statistics, or the same frames: their numbers are never added up. */
  readonly connector: Connector;
  /** Whole days since 1970-01-01. */
  readonly day: number;
  /** By its own statistics: frames that its radio received, and those whose checksum was right. */
  readonly received: number | undefined;
  readonly receivedOk: number | undefined;
  /** Those that it sent on. */
  readonly forwarded: number | undefined;
  /** Frames that it was told to send, and those that it sent. */
  readonly downlinks: number | undefined;
  readonly emitted: number | undefined;
  /** Single frames that it told us of, whoever's they are, and those whose checksum was wrong. */
  readonly frames: number;
  readonly framesBad: number;
  /** Uplinks that it heard and that came into the journal. */
  readonly uplinks: number;
}

/** A gateway as it is known. */
export interface GatewayKnown {
  readonly gateway: string;
  /** Through which it was last heard of. */
  readonly connector: Connector;
  /** By our own name or position for it, where somebody gave one, else as the network or the gateway says. */
  readonly name?: string;
  readonly position?: Position;
  /** When we first heard of it. */
  readonly firstAt: Instant;
  /** The newest of the next three; undefined of a gateway that was only described. */
  readonly heardAt?: Instant;
  /** When it last spoke of itself: statistics, or a single frame. */
  readonly spokeAt?: Instant;
  /** When its radio last received anything, whoever's: a frame, an uplink, or statistics that count one. */
  readonly radioAt?: Instant;
  /** When an uplink last came by it. */
  readonly uplinkAt?: Instant;
  /** What its network server last said of its connection. */
  readonly connection?: { readonly online: boolean; readonly at: Instant };
  /** Milliseconds from one of its statistics to the next, and from one frame that it brings to the next, as learned. */
  readonly statsEveryMs?: number;
  readonly trafficEveryMs?: number;
  /** As it said last: degrees Celsius, and the share of its messages that its server acknowledged. */
  readonly temperature?: number;
  readonly acknowledged?: number;
}

/** Receptions of one device by one gateway over a few days. */
export interface LinkSum {
  /** Uplinks of the device that the gateway heard. */
  readonly uplinks: number;
  /** dBm; undefined where nobody said one. */
  readonly rssiMean?: number;
  readonly rssiBest?: number;
  /** dB */
  readonly snrMean?: number;
  readonly snrBest?: number;
}

/** How one gateway hears one registered device. */
export interface Link extends LinkSum {
  readonly device: DeviceId;
  readonly gateway: string;
  readonly heardAt: Instant;
}

/** Days over which links are summed: a week has each kind of day, and a lost link is not carried on for long. */
export const LINK_DAYS = 7;

/** How busy one frequency was at one gateway. */
export interface Channel {
  readonly gateway: string;
  /** Hz */
  readonly frequency: number;
  /** `frames`: all that the gateway hears is in here. `uplinks`: only our own devices, because it tells no more. */
  readonly source: 'frames' | 'uplinks';
  /** Frames heard, and those of them whose time on the air is known. */
  readonly frames: number;
  readonly timed: number;
  readonly airtimeMs: number;
  /** Since when that is counted: an hour ago, or if that is later, when the server started or heard of the gateway. */
  readonly from: Instant;
  readonly to: Instant;
}

/** A gateway as it is kept: what its network says of it, without our own name and position. */
export interface GatewayKept extends GatewayKnown {
  readonly statsAt?: Instant;
  /** The place in the journal up to which its uplinks are in here. */
  readonly seq: number;
}

/** A link as it is kept. */
export interface LinkKept {
  readonly device: DeviceId;
  readonly gateway: string;
  /** The place in the journal up to which its uplinks are in here. */
  readonly seq: number;
  readonly heardAt: Instant;
  /** As link-days.ts has it. */
  readonly days: readonly number[];
}

/** An event of a device's network with its number, which rises for each device. */
export interface NumberedEvent {
  readonly number: number;
  readonly event: NetworkEvent;
}

/** What the registry keeps of the radio network, but for the events, of which it has the newest numbers. */
export interface RadioKept {
  readonly gateways: readonly GatewayKept[];
  readonly days: readonly GatewayDay[];
  readonly links: readonly LinkKept[];
  readonly eventNumbers: ReadonlyMap<DevEui, number>;
}

/** A part of it that has changed. All replaces what was kept under the same names. */
export interface RadioPart {
  readonly gateways?: readonly GatewayKept[];
  readonly days?: readonly GatewayDay[];
  readonly links?: readonly LinkKept[];
  readonly events?: readonly NumberedEvent[];
  /** Of which all events are taken away before any is put in. */
  readonly eventsGone?: readonly DevEui[];
  /** Taken away before anything is put in. */
  readonly gone?: {
    readonly gateways: readonly string[];
    readonly links: readonly Pick<LinkKept, 'device' | 'gateway'>[];
    readonly devices: readonly DeviceId[];
    /** Days of gateways before this one. */
    readonly daysBefore: number;
  };
}

/** Events that are kept of each device: a week of joins and acknowledgements, and what went wrong lately. */
export const EVENTS_A_DEVICE = 20;

/** What is known of the radio network, as those who show it ask. Lists are in order of id. */
export interface RadioReader {
  gateways(): readonly GatewayKnown[];
  gateway(id: string): GatewayKnown | undefined;
  /** In order of day and connector. */
  gatewayDays(id: string): readonly GatewayDay[];
  /** The gateways that hear a device, or the devices that a gateway hears. */
  linksOf(device: DeviceId): readonly Link[];
  linksBy(gateway: string): readonly Link[];
  /** How many devices each gateway hears: the number of its links, at one look at all of them. */
  linkCounts(): ReadonlyMap<string, number>;
  /** Devices that only one gateway heard in the last `LINK_DAYS` days before they were last heard, by that gateway. */
  alone(): ReadonlyMap<string, readonly Link[]>;
  /** In order of frequency; of one gateway, or of all. */
  channels(gateway?: string): readonly Channel[];
  /** Since when the channels of a gateway are counted, an hour ago at the earliest; undefined of one nobody knows. */
  channelsFrom(gateway: string): Instant | undefined;
  /** Newest first. */
  events(devEui: DevEui): Promise<readonly NetworkEvent[]>;
}
