import type { DevEui, DeviceId, Instant, ProfileId } from '../../device-profiles/vocabulary/index.ts';
import type { Actor } from '../registry/audit-records.ts';
import type { RootKeys } from '../registry/records.ts';

export type { RootKeys } from '../registry/records.ts';

/** LoRaWAN network servers in which Kerbside registers devices, and what is kept of that. */

export const networkNames = ['chirpstack', 'things-stack'] as const;
export type NetworkName = (typeof networkNames)[number];

/** The variable of a device that says in which network server it is registered. */
export const NETWORK_VARIABLE = 'network';
/** Its word for: in none. */
export const NO_NETWORK = 'none';

/** Why a network server did not do what it was asked to do. One word, the same in the log, the metric and the API. */
export const networkFaults = [
  'network-unreachable',
  'network-timeout',
  'network-unauthorised',
  'network-busy',
  'network-refused',
  'network-strange',
  'network-elsewhere',
  'network-profile-missing',
  'network-keys-missing',
  'network-device-missing',
] as const;
export type NetworkFault = (typeof networkFaults)[number];

/** It was not done, or nobody knows whether it was. */
export interface NotDone {
  readonly kind: 'failed';
  readonly reason: NetworkFault;
  /** For a person: what was wrong, and what to do. Never a key. */
  readonly detail: string;
}

/** Where the keys of devices are read, for this use only: to hand them to the device's network server. */
export interface KeyReader {
  /** @throws KerbsideError where they cannot be read. */
  rootKeys(device: DeviceId): RootKeys | undefined;
}

/** How a device should be in its network server. */
export interface WantedDevice {
  readonly devEui: DevEui;
  readonly joinEui?: DevEui;
  readonly device: DeviceId;
  readonly profile: ProfileId;
  /** What other catalogues call the profile. */
  readonly alsoKnownAs: readonly string[];
  readonly name: string;
  /** Tags or attributes of ours, by name; those of others are left as they are. */
  readonly tags: ReadonlyMap<string, string>;
  /** Without keys a device is only brought up to date where it is there already; its keys stay as they are. */
  readonly keys?: RootKeys;
  /** What the network server calls the device, where that is known. */
  readonly remote?: string;
}

/** The names of our tags. */
export const tagNames = { device: 'kerbside-device', profile: 'kerbside-profile', site: 'kerbside-site' } as const;

const ours = new Set<string>(Object.values(tagNames));
/** No value of ours is longer. */
const TAG_AT_MOST = 200;
/** Those of ours among all tags of a device. */
export const ourTags = (tags: readonly (readonly [string, string])[]): ReadonlyMap<string, string> =>
  new Map(tags.filter(([name, value]) => ours.has(name) && value.length <= TAG_AT_MOST));

export type PutOutcome =
  { readonly kind: 'done'; readonly did: 'created' | 'changed' | 'unchanged'; readonly remote: string } | NotDone;

/** `absent`: it is not there, or not in our application. */
export type DisableOutcome = { readonly kind: 'done'; readonly did: 'disabled' | 'unchanged' | 'absent' } | NotDone;

/** A command on its way to a device. */
export interface DownlinkOrder {
  /** Ours, a UUID. */
  readonly id: string;
  /** 1 to 223. */
  readonly fPort: number;
  readonly payload: Uint8Array;
  /** The device is to acknowledge it. */
  readonly confirmed: boolean;
  /** It was tried before, and nobody knows whether the network server has it. */
  readonly again: boolean;
  /** Ids that the network server gave to other commands for the same device. */
  readonly taken: ReadonlySet<string>;
}

/** `id`: by which the network server's later news name it. */
export type EnqueueOutcome = { readonly kind: 'accepted'; readonly id: string } | NotDone;

/** A device as its network server lists it. */
export interface ListedDevice {
  readonly devEui: DevEui;
  readonly joinEui?: DevEui;
  /** What the network server calls it. */
  readonly remote: string;
  readonly name: string;
  /** What the network server knows its profile or model as: names and ids, any of which may mean something to us. */
  readonly models: readonly string[];
  /** Those of ours. */
  readonly tags: ReadonlyMap<string, string>;
  /** Undefined where the list does not say. */
  readonly disabled?: boolean;
}

/**
 * A LoRaWAN network server's side of registering devices. What it is asked for can be asked again at any time: a
 * half-done registration is finished by the next try.
 */
export interface NetworkServer {
  readonly name: NetworkName;
  /** All devices of our application; undefined for a row that cannot be read. @throws NetworkTrouble, also when it may not go on. */
  inventory(mayGoOn: () => void): AsyncIterable<ListedDevice | undefined>;
  /** One device with everything that is known of it; undefined when it is not in our application. @throws NetworkTrouble. */
  describe(device: Pick<ListedDevice, 'devEui' | 'remote'>): Promise<ListedDevice | undefined>;
  put(device: WantedDevice): Promise<PutOutcome>;
  /** From now on it is not heard there; what is known of it stays. */
  disable(device: { readonly devEui: DevEui; readonly remote?: string }): Promise<DisableOutcome>;
  enqueue(
    device: { readonly devEui: DevEui; readonly remote?: string },
    downlink: DownlinkOrder,
  ): Promise<EnqueueOutcome>;
  /** Whatever is under way fails at once with `network-unreachable`, and so does all that comes. */
  close(): void;
}

export const networkStates = ['pending', 'done', 'failed'] as const;
export const networkWishes = ['registered', 'disabled'] as const;

/** Where a device is, or is to be, in a network server. It outlives the device: what was removed has to be disabled. */
export interface NetworkDevice {
  readonly network: NetworkName;
  readonly devEui: DevEui;
  readonly device: DeviceId;
  readonly wanted: (typeof networkWishes)[number];
  /** `failed`: the last try; it is tried again at `nextAt`. */
  readonly state: (typeof networkStates)[number];
  /** Changes whenever what is wanted changes, keys included; says nothing of it. */
  readonly print: string;
  readonly remote?: string;
  /** Of the last try. */
  readonly reason?: NetworkFault;
  readonly detail?: string;
  /** Tries in a row that failed. */
  readonly attempts: number;
  /** Since when it has that state. */
  readonly changedAt: Instant;
  readonly nextAt?: Instant;
}

/**
 * `queued`: it waits here. `accepted`: the network server has it. `sent`: a gateway sent it. The last three are ends;
 * for a command that is not confirmed `sent` is all that can be known.
 */
export const downlinkStates = ['queued', 'accepted', 'sent', 'acknowledged', 'not-acknowledged', 'failed'] as const;
export type DownlinkState = (typeof downlinkStates)[number];

/** A command to a device, and what became of it. */
export interface KeptDownlink {
  readonly id: string;
  readonly device: DeviceId;
  readonly network: NetworkName;
  readonly fPort: number;
  readonly payload: Uint8Array;
  readonly confirmed: boolean;
  readonly state: DownlinkState;
  /** The network server's id of it. */
  readonly remote?: string;
  readonly reason?: NetworkFault;
  readonly detail?: string;
  readonly by: Actor;
  readonly createdAt: Instant;
  readonly changedAt: Instant;
  readonly attempts: number;
  readonly nextAt?: Instant;
}

/** A command that somebody gives. */
export type NewDownlink = Pick<KeptDownlink, 'network' | 'fPort' | 'payload' | 'confirmed'>;

/** Which commands are asked for: those of which all that is given holds. */
export interface DownlinkQuery {
  readonly device?: DeviceId;
  readonly state?: DownlinkState;
  readonly networks?: readonly NetworkName[];
  readonly oldestFirst?: boolean;
  readonly limit: number;
}

/** What the registry keeps of network servers. */
export interface NetworkRegister {
  /** All, or those of one DevEUI; in order of network and DevEUI. */
  networkDevices(devEui?: DevEui): Promise<readonly NetworkDevice[]>;
  /** Newest first, unless they are wanted in the order in which they were given. */
  downlinks(query: DownlinkQuery): Promise<readonly KeptDownlink[]>;
  /** By the network server's id, or ours. */
  downlinkCalled(id: string): Promise<KeptDownlink | undefined>;
  /** A digest that only this installation can make: shows that a text changed without saying what it was. */
  readonly printOf: (text: string) => string;
}

/** Changes of that, in somebody's name. */
export interface NetworkChanges {
  /** What is wanted from now on, in one transaction; what was wanted of the same device in the same network is forgotten. */
  wantInNetwork(wishes: readonly NetworkDevice[]): Promise<void>;
  /**
   * What became of a try. Nothing is kept if something else is wanted in the meantime: answers whether it was kept.
   * Where the network server was changed the audit trail has a line.
   */
  keepNetworkTry(tried: NetworkDevice, changed: boolean): Promise<boolean>;
  /** Gives a command to a device; the server sends it on. @throws NotFound (`device-unknown`), Invalid (`downlink-invalid`), Conflict (`device-retired`). */
  sendDownlink(device: DeviceId, downlink: NewDownlink): Promise<KeptDownlink>;
  /** Keeps where a command is now, if it is still where the caller believes: `from`. Answers whether it was kept. */
  keepDownlink(downlink: KeptDownlink, from: DownlinkState): Promise<boolean>;
}
