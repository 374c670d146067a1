import type {
  Borough,
  CredentialId,
  DeviceId,
  DeviceRef,
  DevEui,
  Instant,
  ProfileId,
  QuantityId,
  QuarantineReason,
  SiteId,
  Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import type { Correction } from '../../device-profiles/calibration/correction.ts';
import type { Fit } from '../../device-profiles/calibration/fit.ts';
import type { Vector } from '../../device-profiles/definition/schema.ts';
import type { QualitySettings } from '../../device-profiles/quality/settings.ts';
import type { Actor } from './audit-records.ts';
import type { DeviceStatus } from './life-cycle.ts';
import type { Role, Scope } from './roles.ts';

/** What the registry keeps, as everybody sees it. */

/** A piece of hardware that may speak to us. */
export interface Device {
  readonly id: DeviceId;
  readonly devEui?: DevEui;
  /** LoRaWAN's JoinEUI (AppEUI before 1.0.4), in the form of a DevEUI. */
  readonly joinEui?: DevEui;
  /** The maker's serial number. */
  readonly serial?: string;
  readonly profile: ProfileId;
  readonly name: string;
  /** Where it is in its life: see life-cycle.ts. */
  readonly status: DeviceStatus;
  readonly statusSince: Instant;
  /** Settings of this one device that its codec is given as `variables`: a mounting height, a pulse's worth. */
  readonly variables?: Variables;
  /**
   * A gateway device: an edge box that forwards for others under its own credential. Ids of devices, or patterns in
   * which `*` stands for any characters. Undefined: it speaks for itself only.
   */
  readonly speaksFor?: readonly string[];
  readonly createdAt: Instant;
}
export type Variables = Readonly<Record<string, string>>;

/** `token`: made by us, shown once, kept as an HMAC. `certificate`: an X.509 client certificate, kept as its SHA-256. */
export const credentialKinds = ['token', 'certificate'] as const;

/** One way in which a device proves who it is. What it proves it with is never to be had again. */
export interface Credential {
  readonly id: CredentialId;
  readonly device: DeviceId;
  readonly kind: (typeof credentialKinds)[number];
  readonly createdAt: Instant;
  /** From then on it is not taken any more. Undefined: until it is revoked. */
  readonly expiresAt?: Instant;
  /** Of a certificate: SHA-256 of its DER form, lower-case hex. */
  readonly fingerprint?: string;
}

/**
 * The keys of a LoRaWAN device (LoRaWAN 1.0.4, 6.1.1 and 6.1.2; NwkKey is of 1.1). Root keys are told to a network
 * server that joins the device; session keys, with a DevAddr, are those of a device activated by personalisation (ABP).
 */
export const lorawanKeyNames = ['appKey', 'nwkKey', 'appSKey', 'nwkSKey'] as const;
export type LorawanKeyName = (typeof lorawanKeyNames)[number];

/** What is known of a device's keys, without them: they are written, and never read by anybody who asks. */
export interface LorawanKeysHeld {
  readonly device: DeviceId;
  readonly held: readonly LorawanKeyName[];
  /** Eight hexadecimal digits in lower case. */
  readonly devAddr?: string;
  readonly changedAt: Instant;
}

/** Root keys, 16 bytes each, for telling them to a network server and for nothing else. */
export interface RootKeys {
  readonly appKey?: Uint8Array;
  readonly nwkKey?: Uint8Array;
}

/** The session of a device that was activated by personalisation, LoRaWAN 1.0.x. Keys have 16 bytes. */
export interface AbpSession {
  readonly device: DeviceId;
  readonly devEui: DevEui;
  /** Eight hexadecimal digits in lower case. */
  readonly devAddr: string;
  readonly nwkSKey: Uint8Array;
  readonly appSKey: Uint8Array;
}

/** Where the counter of a session is, by frames whose signature was checked here. */
export interface AbpCounter {
  readonly device: DeviceId;
  readonly devAddr: string;
  /** The highest that was taken, 32 bits. */
  readonly fCnt: number;
  /** When. */
  readonly at: Instant;
}

/** Whom thresholds were set for. */
export type QualitySubject =
  { readonly kind: 'site'; readonly id: SiteId } | { readonly kind: 'device'; readonly id: DeviceId };

/** Thresholds of quality tests that were set for a site or a device, over those of the profile. */
export interface QualityOf {
  readonly subject: QualitySubject;
  readonly settings: QualitySettings;
}

/** A device that has proved who it is, and with what. */
export interface SignedIn {
  readonly device: Device;
  readonly credential: CredentialId;
}

/**
 * How a datastream of a device is corrected from a time to a time. A calibration is never changed: a later one of a higher
 * version takes its place where both hold, and one that was wrong is withdrawn.
 */
export interface Calibration {
  readonly id: string;
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  /** 1, 2, 3, ... of that datastream. */
  readonly version: number;
  /** Inclusive. */
  readonly from: Instant;
  /** Exclusive; undefined: until further notice. */
  readonly to?: Instant;
  readonly correction: Correction;
  /** Where it is from a stretch beside a reference: what, when, and how well the line holds. */
  readonly fit?: CalibrationFit;
  /** Who answers for it. */
  readonly author: string;
  readonly reason: string;
  readonly createdAt: Instant;
  readonly withdrawnAt?: Instant;
}

/** A stretch beside a reference. */
export interface CalibrationFit extends Fit {
  readonly reference: { readonly device: DeviceId; readonly quantity: QuantityId };
  readonly from: Instant;
  readonly to: Instant;
}

/** A device that a gateway speaks for and nobody has registered: it waits for an engineer. */
export interface Claim {
  /** The gateway that forwarded it. */
  readonly via: DeviceId;
  readonly device: DeviceId;
  /** Uplinks of it that wait in the quarantine. */
  readonly uplinks: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}

/** A LoRaWAN device that a network or a gateway brings uplinks of, and nobody has registered. */
export interface Unregistered {
  readonly devEui: DevEui;
  /** Uplinks of it that wait in the quarantine. */
  readonly uplinks: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}

/** The place that is observed. It outlives its devices. */
export interface Site {
  readonly id: SiteId;
  readonly name: string;
  readonly street?: string;
  /** Unique Street Reference Number, 8 digits, a string (GeoPlace). */
  readonly usrn?: string;
  /** As Royal Mail writes it, with its blank: `SK1 3XE`. */
  readonly postcode?: string;
  /** The asset that carries the device: a lamp column's number. */
  readonly asset?: string;
  /** Degrees, WGS 84. Both or neither. */
  readonly latitude?: number;
  readonly longitude?: number;
  readonly borough?: Borough;
  readonly ward?: string;
  /** Whether everybody may see it where the pages are open for published sites only; absent: no. */
  readonly published?: boolean;
  readonly createdAt: Instant;
}

/** A device at a site, from a time (inclusive) to a time (exclusive; undefined = still). No two of one device overlap. */
export interface Deployment {
  readonly device: DeviceId;
  readonly site: SiteId;
  readonly from: Instant;
  readonly to?: Instant;
}

/** A message of a model that somebody keeps, with what its codec made of it then. It is never changed. */
export interface CodecCase {
  readonly id: string;
  readonly profile: ProfileId;
  /** As an entry of the model's vectors.yaml; its name is the only one of the model. */
  readonly vector: Vector;
  readonly at: Instant;
  readonly by: Actor;
}

/** A key for programs. The secret is shown once; only its HMAC is kept. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** What of its role's scopes it has; all unless given. */
  readonly scopes?: readonly Scope[];
  readonly createdAt: Instant;
  /** From then on it is not taken any more. Undefined: until it is revoked. */
  readonly expiresAt?: Instant;
  readonly revokedAt?: Instant;
}

/** How many uplinks wait for one reason. */
export interface QuarantineTally {
  readonly reason: QuarantineReason;
  readonly uplinks: number;
}

/** An uplink that could not become observations, whole, with why. */
export interface Quarantined {
  readonly id: number;
  readonly uplink: Uplink;
  readonly reason: QuarantineReason;
  readonly detail: string;
  readonly at: Instant;
}

/** A device of which uplinks are in the quarantine, and why. */
export interface Waiting {
  readonly reason: QuarantineReason;
  readonly device: DeviceRef;
}

/** What people call a radio gateway, and where they say that it stands: it goes before what its network says. */
export interface NamedGateway {
  /** Its EUI, 16 hexadecimal digits in lower case, or the network's own id of it. */
  readonly id: string;
  readonly name?: string;
  /** Degrees, WGS 84. Both or neither. */
  readonly latitude?: number;
  readonly longitude?: number;
}
