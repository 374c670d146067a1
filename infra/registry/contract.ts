import type {
  AlertId,
  CredentialId,
  DeviceId,
  DeviceRef,
  DevEui,
  Instant,
  ProfileId,
  QuantityId,
  QuarantineReason,
  RuleId,
  SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Vector } from '../../device-profiles/definition/schema.ts';
import type { QualitySettings } from '../../device-profiles/quality/settings.ts';
import type { BulkOptions, BulkResult, DeviceRow } from './bulk/contract.ts';
import type { HeardDay, HeardDevice, HeardKept, Listened } from '../heard/contract.ts';
import type { NumberedEvent, RadioKept, RadioPart } from '../radio/contract.ts';
import type { NetworkChanges, NetworkRegister } from '../network-server/contract.ts';
import type { JobChanges, JobRegister } from '../reprocess/contract.ts';
import type {
  Added,
  AlertQuery,
  AuditQuery,
  DeviceChange,
  GatewayChange,
  NewCalibration,
  NewDeployment,
  NewDevice,
  NewKey,
  NewLorawanKeys,
  NewRule,
  NewSite,
  Replaced,
  RuleChange,
} from './inputs.ts';
import type {
  ApiKey,
  Calibration,
  Claim,
  CodecCase,
  Credential,
  Deployment,
  AbpCounter,
  AbpSession,
  Device,
  NamedGateway,
  LorawanKeysHeld,
  QualityOf,
  QualitySubject,
  Quarantined,
  QuarantineTally,
  RootKeys,
  SignedIn,
  Site,
  Unregistered,
  Waiting,
} from './records.ts';
import type { Alert, AlertDeed, Rule } from './alert-records.ts';
import type { Actor, AuditEntry } from './audit-records.ts';
import type { AccountChanges, AccountRegister } from './accounts/contract.ts';

export * from './alert-records.ts';
export * from './audit-records.ts';
export * from './inputs.ts';
export * from './records.ts';
export * from './roles.ts';
export * from './accounts/contract.ts';

/**
 * What can be changed, and who does it: each change leaves a line in the audit trail. Called on the registry itself,
 * a change is Kerbside's own.
 */
export interface Changes extends NetworkChanges, JobChanges, AccountChanges {
  /** @throws Invalid, Conflict (`device-exists`, `dev-eui-exists`). The token is never to be had again. */
  addDevice(device: NewDevice): Promise<Added>;
  /** Many at once, in one transaction: all or none. */
  addDevices(devices: readonly NewDevice[]): Promise<readonly Added[]>;
  /**
   * Registers, changes and moves many devices with their sites, in one transaction. A row that cannot be taken is a
   * value, with all that is wrong with it; the same rows once more change nothing.
   */
  putDevices(rows: readonly DeviceRow[], options?: BulkOptions): Promise<BulkResult>;
  /** @throws NotFound (`device-unknown`), Invalid, Conflict (`status-refused`, `dev-eui-exists`, `device-retired`). */
  updateDevice(id: DeviceId, change: DeviceChange): Promise<Device>;
  /** Removes the device, its credentials and deployments; its observations stay. @throws NotFound. */
  removeDevice(id: DeviceId): Promise<void>;

  /**
   * Puts down where a device stood, stands or will stand.
   * @throws NotFound, Invalid (`date-in-future`, `span-invalid`), Conflict (`deployment-overlaps`) naming the other one.
   */
  deploy(device: DeviceId, deployment: NewDeployment): Promise<Deployment>;
  /**
   * Ends the deployment that lasts, at that time or now, and calls off what is planned for later.
   * @throws NotFound (`deployment-unknown`), Invalid, Conflict (`deployment-later`) where it has stood elsewhere since.
   */
  withdraw(device: DeviceId, at?: Instant): Promise<Deployment>;
  /**
   * Swaps a broken device at its site: the old one's deployment ends and it is retired, the new one's begins at the
   * same site at the same moment, so that the site's series go on. The new one is registered, or is known and stands
   * nowhere. @throws NotFound, Invalid, Conflict (`device-nowhere`, `deployment-later`, `deployment-overlaps`,
   * `device-retired`).
   */
  replaceDevice(old: DeviceId, by: NewDevice | DeviceId, at?: Instant): Promise<Replaced>;

  /**
   * A new token. The newest of the earlier ones stays valid for `keepOldMs` (7 days unless given; 0: it ends now) so
   * that the device can be told; others end now.
   */
  rotateToken(
    device: DeviceId,
    keepOldMs?: number,
  ): Promise<{ readonly credential: Credential; readonly token: string }>;
  /** An X.509 certificate in PEM that the device may sign in with over TLS. @throws Invalid (`certificate-invalid`), Conflict (`certificate-exists`). */
  addCertificate(device: DeviceId, pem: string): Promise<Credential>;
  /** Takes one credential or all of the device back; its live connections end within seconds. Answers which. @throws NotFound (`credential-unknown`). */
  revoke(device: DeviceId, which: CredentialId | 'all'): Promise<readonly Credential[]>;

  /**
   * Keeps LoRaWAN keys of a device, encrypted; what is not given stays, null takes away.
   * @throws NotFound, Invalid (`lorawan-key-invalid`, `lorawan-key-known`, `dev-addr-invalid`).
   */
  setLorawanKeys(device: DeviceId, keys: NewLorawanKeys): Promise<LorawanKeysHeld>;
  /** Takes all of them away. @throws NotFound (`lorawan-keys-unknown`). */
  removeLorawanKeys(device: DeviceId): Promise<void>;

  /** @throws NotFound (`device-unknown`), Invalid (`quantity-unknown`, `calibration-invalid`, `span-invalid`, `name-invalid`). */
  calibrate(device: DeviceId, calibration: NewCalibration): Promise<Calibration>;
  /** From now on it holds for no time. @throws NotFound (`calibration-unknown`), Conflict (`calibration-withdrawn`). */
  withdrawCalibration(id: string): Promise<Calibration>;

  addSite(site: NewSite): Promise<Site>;
  /** Only what is given changes. @throws NotFound (`site-unknown`), Invalid as `addSite`. */
  updateSite(id: SiteId, change: Omit<NewSite, 'id'>): Promise<Site>;
  /**
   * Names a radio gateway, or says where it stands. @throws InvalidId, Invalid (`name-invalid`, `position-invalid`,
   * `position-outside`).
   */
  updateGateway(id: string, change: GatewayChange): Promise<NamedGateway>;
  /**
   * Sets thresholds of quality tests for a site or a device; they replace what was set before. An empty object takes all back.
   * @throws NotFound (`site-unknown`, `device-unknown`), Invalid (`quality-invalid`) with all that is wrong.
   */
  setQuality(subject: QualitySubject, settings: QualitySettings): Promise<QualityOf>;
  /** @throws Invalid, InvalidId, Conflict (`rule-exists`). */
  addRule(rule: NewRule): Promise<Rule>;
  /**
   * What is not given stays; `clearAt` goes with the threshold where it was the same. Alerts that are open end when the
   * rule asks something else from now on, or is switched off. @throws NotFound (`rule-unknown`), Invalid as `addRule`.
   */
  updateRule(id: RuleId, change: RuleChange): Promise<Rule>;
  removeRule(id: RuleId): Promise<void>;
  /**
   * Says that somebody has taken an alert up. The first one counts.
   * @throws NotFound (`alert-unknown`), Conflict (`alert-acknowledged`) naming who was first, Conflict (`alert-resolved`).
   */
  acknowledgeAlert(id: AlertId): Promise<AlertDeed>;
  /** Also of an alert that is over. @throws NotFound (`alert-unknown`), Invalid (`note-invalid`). */
  noteAlert(id: AlertId, note: string): Promise<AlertDeed>;
  /**
   * Keeps a message of a model with what became of it, 100 of each model.
   * @throws Invalid (`name-invalid`, `codec-case-too-large`), Conflict (`codec-case-exists`, `codec-cases-full`).
   */
  addCodecCase(profile: ProfileId, vector: Vector): Promise<CodecCase>;
  /** @throws NotFound (`codec-case-unknown`). */
  removeCodecCase(profile: ProfileId, id: string): Promise<void>;
  /** @throws Invalid (`name-invalid`, `role-invalid`, `scopes-invalid`, `expiry-invalid`). The secret is never to be had again. */
  createKey(key: NewKey): Promise<{ readonly key: ApiKey; readonly secret: string }>;
  /** From now on it opens nothing. @throws NotFound (`key-unknown`), Conflict (`key-revoked`). */
  revokeKey(id: string): Promise<ApiKey>;
}

/**
 * Devices, sites, deployments, credentials, rules, alerts and quarantine. Reads of the first five are answered from
 * memory, synchronously, for the hot path; changes go to the database first. Another process may write the same
 * database: its changes are seen within `FOLLOW_MS`, and at once by `refresh`.
 */
export interface Registry extends Changes, NetworkRegister, JobRegister, AccountRegister {
  /** The same changes in somebody's name. */
  as(actor: Actor): Changes;

  device(ref: DeviceRef): Device | undefined;
  devices(): readonly Device[];
  site(id: SiteId): Site | undefined;
  sites(): readonly Site[];
  /** Where the device was at that time. */
  deployment(device: DeviceId, at: Instant): Deployment | undefined;
  deployments(): readonly Deployment[];
  rules(): readonly Rule[];
  /** All calibrations of a device, withdrawn ones too, in order of quantity and version. */
  calibrations(device: DeviceId): readonly Calibration[];
  /** The one that holds for a datastream at a phenomenon time: of those that are not withdrawn the highest version. */
  calibration(device: DeviceId, quantity: QuantityId, at: Instant): Calibration | undefined;
  /** What was set for sites and devices, in no order. The same list until something changes. */
  quality(): readonly QualityOf[];
  /** What people say of a radio gateway; undefined where nobody has said anything. */
  namedGateway(id: string): NamedGateway | undefined;
  /** The device whose id and token these are; constant-time. Undefined for any other reason: unknown, wrong, expired, retired. */
  authenticateDevice(id: string, token: string): SignedIn | undefined;
  /** The device that a certificate with this SHA-256 belongs to; that its holder has the key, TLS has shown. */
  authenticateCertificate(fingerprint: string): SignedIn | undefined;
  /** Whether what a device signed in with is still good: not revoked, not expired, its device not retired. */
  holds(signedIn: { readonly device: DeviceId; readonly credential: CredentialId }): boolean;
  /** The credentials of a device that are good now. */
  credentials(device: DeviceId): readonly Credential[];
  /** Which keys of a device there are, never the keys. */
  lorawanKeys(device: DeviceId): LorawanKeysHeld | undefined;
  /** For telling them to a network server. @throws KerbsideError (`lorawan-keys-unreadable`). */
  rootKeys(device: DeviceId): RootKeys | undefined;
  /** Of devices in use that have a DevEUI, a DevAddr and both session keys. The same list until something changes. */
  abpSessions(): readonly AbpSession[];
  /** In order of device. */
  abpCounters(): Promise<readonly AbpCounter[]>;
  /** Replaces those of these devices; of one that is not registered (any more) nothing is kept. */
  keepAbpCounters(counters: readonly AbpCounter[]): Promise<void>;
  /** Undefined when it is unknown, expired or revoked. That it was used is noted. */
  authenticateKey(secret: string): ApiKey | undefined;
  /** All, also those that are expired or revoked. */
  keys(): readonly ApiKey[];
  /** When each key was last used, to half a minute; one that never was is missing. */
  keyUse(): ReadonlyMap<string, Instant>;

  /** Newest first; `before` is the id of the last one seen. */
  audit(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Devices that gateways speak for and nobody has registered, by what waits of them in the quarantine; last heard first. */
  claims(): Promise<readonly Claim[]>;
  /** LoRaWAN devices that nobody has registered, by what waits of them in the quarantine; last heard first, a thousand at most. */
  unregistered(): Promise<readonly Unregistered[]>;

  /** Newest beginning first. @throws Invalid (`cursor-invalid`, `limit-invalid`). */
  alerts(query: AlertQuery): Promise<{ readonly alerts: readonly Alert[]; readonly next?: string }>;
  alert(id: AlertId): Promise<Alert | undefined>;
  /** What people did about an alert, in order. */
  alertDeeds(id: AlertId): Promise<readonly AlertDeed[]>;
  /** The messages of a model that people keep, in the order in which they were kept. */
  codecCases(profile: ProfileId): Promise<readonly CodecCase[]>;
  /** Keeps alerts by id: new ones are added, known ones replaced. */
  saveAlerts(alerts: readonly Alert[]): Promise<void>;

  /**
   * Idempotent by uplink id and time of receipt: a batch that is handled again adds nothing, and an uplink that is now
   * refused for another reason says so. At most `QUARANTINE_AT_MOST` are kept: beyond, the oldest go, and `dropped`
   * counts them.
   */
  quarantine(refusals: readonly Omit<Quarantined, 'id'>[]): Promise<{ readonly dropped: number }>;
  quarantined(query: {
    readonly reason?: QuarantineReason;
    readonly device?: DeviceRef;
    readonly limit: number;
    readonly before?: number;
  }): Promise<readonly Quarantined[]>;
  /** Which devices wait for what, each once. */
  waiting(reasons: readonly QuarantineReason[]): Promise<readonly Waiting[]>;
  /** Takes one out, for re-driving. @throws NotFound (`quarantine-unknown`). */
  release(id: number): Promise<Quarantined>;
  quarantineCount(): Promise<number>;
  /** How many wait for each reason, the most first; a reason for which none waits is missing. */
  quarantineCounts(): Promise<readonly QuarantineTally[]>;

  /** How all devices were last heard, and when the server listened. */
  heard(): Promise<HeardKept>;
  /** The days of these devices from that one on, in order of (day, device). */
  heardDays(query: { readonly devices: readonly DeviceId[]; readonly from: number }): Promise<readonly HeardDay[]>;
  /**
   * Keeps a part of what was heard, in one transaction: devices are replaced, days added to what is there. A device
   * that is kept up to that place of the journal, or further, already keeps what it has, with its days: the same part
   * twice counts once. One that is not registered (any more) is left out. A power cut may undo the newest of these,
   * each whole: what they kept is in the journal, behind the place that is then the last.
   */
  keepHeard(part: HeardPart): Promise<void>;
  /** The journal began anew: the places of the old one mean nothing. What was heard stays. */
  heardAnew(): Promise<void>;

  /** What is kept of gateways, and of how they hear devices. */
  radio(): Promise<RadioKept>;
  /**
   * Keeps a part of it, in one transaction: what is under the same names is replaced. A power cut may undo the newest of
   * these, each whole.
   */
  keepRadio(part: RadioPart): Promise<void>;
  /** What is kept of a device's events, in no order. */
  radioEvents(devEui: DevEui): Promise<readonly NumberedEvent[]>;

  /** Called after each change of what is kept in memory, from whichever process it came. Answers how to stop. */
  onChange(listener: () => void): () => void;
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** A part of how devices were heard. */
export interface HeardPart {
  readonly devices: readonly HeardDevice[];
  /** Only of devices that are in the part. */
  readonly days: readonly HeardDay[];
  /**
   * Given with the last part: now everything up to that place of the journal is kept. `listened` is added by its
   * beginnings: one that is there already is moved on. Days before `daysFrom` are dropped.
   */
  readonly complete?: { readonly seq: number; readonly listened: readonly Listened[]; readonly daysFrom: number };
}

/** How soon another process's change is seen: an engineer who adds a device expects it to work at once. */
export const FOLLOW_MS = 500;
/** Long enough to reach every device of a borough by its next maintenance round. */
export const KEEP_OLD_TOKEN_MS = 7 * 24 * 3_600_000;
/** A hundred thousand quarantined uplinks are months of trouble for one council, and about 50 MB. */
export const QUARANTINE_AT_MOST = 100_000;
