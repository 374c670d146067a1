import type {
  AlertId,
  Borough,
  DeviceId,
  DeviceRef,
  DevEui,
  Instant,
  ProfileId,
  QuantityId,
  QuarantineReason,
  RuleId,
  SiteId,
  Uplink,
} from '../../device-profiles/vocabulary/index.ts';

/** Whether a device may speak. */
export const statuses = ['active', 'retired'] as const;

/** A piece of hardware that may speak to us. */
export interface Device {
  readonly id: DeviceId;
  readonly devEui?: DevEui;
  readonly profile: ProfileId;
  readonly name: string;
  /** A retired device is refused at the door and its uplinks go to quarantine; its history stays. */
  readonly status: (typeof statuses)[number];
  readonly createdAt: Instant;
}

/** The place that is observed. It outlives its devices. */
export interface Site {
  readonly id: SiteId;
  readonly name: string;
  readonly street?: string;
  /** Unique Street Reference Number, 8 digits, a string (GeoPlace). */
  readonly usrn?: string;
  /** The asset that carries the device: a lamp column's number. */
  readonly asset?: string;
  /** Degrees, WGS 84. Both or neither. */
  readonly latitude?: number;
  readonly longitude?: number;
  readonly borough?: Borough;
  readonly ward?: string;
  readonly createdAt: Instant;
}

/** A device at a site, from a time (inclusive) to a time (exclusive; undefined = still). No two of one device overlap. */
export interface Deployment {
  readonly device: DeviceId;
  readonly site: SiteId;
  readonly from: Instant;
  readonly to?: Instant;
}

export const severities = ['information', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** On which side of its threshold a rule's condition holds. */
export const conditions = ['above', 'below'] as const;

/** A condition on datastreams. */
export interface Rule {
  readonly id: RuleId;
  readonly name: string;
  readonly quantity: QuantityId;
  /** Where it looks; all that are given must fit, none means everywhere. */
  readonly site?: SiteId;
  readonly device?: DeviceId;
  readonly borough?: Borough;
  readonly when: (typeof conditions)[number];
  /** In the quantity's canonical unit; the condition holds strictly beyond it. */
  readonly threshold: number;
  /** Hysteresis: an alert ends only when a value is back at or beyond this, on the good side of the threshold. */
  readonly clearAt: number;
  /** How long the condition must have held, by phenomenon time, before it fires; 0 = at once. */
  readonly forMs: number;
  readonly severity: Severity;
  readonly enabled: boolean;
}

/** `pending`: the condition holds, but not yet for as long as the rule asks. */
export const alertStates = ['pending', 'firing', 'resolved'] as const;

/** An episode in which a rule's condition held for one datastream. */
export interface Alert {
  readonly id: AlertId;
  readonly rule: RuleId;
  readonly ruleName: string;
  readonly severity: Severity;
  readonly device: DeviceId;
  readonly site: SiteId | null;
  readonly quantity: QuantityId;
  readonly state: (typeof alertStates)[number];
  /** Phenomenon time of the first value beyond the threshold. */
  readonly startedAt: Instant;
  readonly firedAt?: Instant;
  readonly resolvedAt?: Instant;
  /** The newest value that was looked at, and its phenomenon time. */
  readonly value: number;
  readonly valueAt: Instant;
  /** The value furthest beyond the threshold. */
  readonly worst: number;
  readonly threshold: number;
}

export const roles = ['viewer', 'operator', 'engineer', 'partner', 'administrator'] as const;
export type Role = (typeof roles)[number];
/** `read` opens observations, live events and the feed; `manage` registers devices, sites and rules, re-drives quarantine. */
export type Scope = 'read' | 'manage';
/** What each role may do. */
export const scopesOf: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['read'],
  partner: ['read'],
  operator: ['read'],
  engineer: ['read', 'manage'],
  administrator: ['read', 'manage'],
};

/** A key for programs. The secret is shown once; only its HMAC is kept. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Instant;
}

/** An uplink that could not become observations, whole, with why. */
export interface Quarantined {
  readonly id: number;
  readonly uplink: Uplink;
  readonly reason: QuarantineReason;
  readonly detail: string;
  readonly at: Instant;
}

export interface NewDevice {
  readonly id: string;
  readonly devEui?: string;
  readonly profile: string;
  readonly name?: string;
  /** Deployed there from now on. A site that is not registered yet is registered, with its id as its name. */
  readonly site?: string;
  /** The deployment's beginning; by default the beginning of time, so that a device's back-filled history finds its site. */
  readonly deployedFrom?: Instant;
}
export interface NewSite {
  readonly id: string;
  readonly name?: string;
  readonly street?: string;
  readonly usrn?: string;
  readonly asset?: string;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly borough?: string;
  readonly ward?: string;
}
export type NewRule = Omit<Rule, 'id' | 'clearAt' | 'forMs' | 'severity' | 'enabled'> &
  Partial<Pick<Rule, 'id' | 'clearAt' | 'forMs' | 'severity' | 'enabled'>>;

/**
 * Devices, sites, deployments, credentials, rules, alerts and quarantine. Reads of the first five are answered from
 * memory, synchronously, for the hot path; changes go to the database first. Another process may write the same
 * database: its changes are seen within `FOLLOW_MS`, and at once by `refresh`.
 */
export interface Registry {
  device(ref: DeviceRef): Device | undefined;
  devices(): readonly Device[];
  site(id: SiteId): Site | undefined;
  sites(): readonly Site[];
  /** Where the device was at that time. */
  deployment(device: DeviceId, at: Instant): Deployment | undefined;
  deployments(): readonly Deployment[];
  rules(): readonly Rule[];
  /** The device whose id and token these are; constant-time. Undefined for any other reason: unknown, wrong, retired. */
  authenticateDevice(id: string, token: string): Device | undefined;
  authenticateKey(secret: string): ApiKey | undefined;
  keys(): readonly ApiKey[];

  /** @throws Invalid, Conflict (`device-exists`, `dev-eui-exists`). The token is never to be had again. */
  addDevice(device: NewDevice): Promise<{ readonly device: Device; readonly token: string }>;
  /** Many at once, in one transaction: all or none. */
  addDevices(devices: readonly NewDevice[]): Promise<readonly { readonly device: Device; readonly token: string }[]>;
  /** `site` moves the device there from now on. @throws NotFound (`device-unknown`). */
  updateDevice(id: DeviceId, change: Partial<Pick<Device, 'name' | 'status'>> & { readonly profile?: string; readonly site?: string }): Promise<Device>;
  /** Removes the device, its credentials and deployments; its observations stay. @throws NotFound. */
  removeDevice(id: DeviceId): Promise<void>;
  addSite(site: NewSite): Promise<Site>;
  /** Only what is given changes. @throws NotFound (`site-unknown`), Invalid as `addSite`. */
  updateSite(id: SiteId, change: Omit<NewSite, 'id'>): Promise<Site>;
  addRule(rule: NewRule): Promise<Rule>;
  removeRule(id: RuleId): Promise<void>;
  createKey(key: { readonly name: string; readonly role: Role }): Promise<{ readonly key: ApiKey; readonly secret: string }>;

  alerts(query: { readonly state?: Alert['state'] | 'open'; readonly limit: number; readonly before?: string }): Promise<{ readonly alerts: readonly Alert[]; readonly next?: string }>;
  /** Keeps alerts by id: new ones are added, known ones replaced. */
  saveAlerts(alerts: readonly Alert[]): Promise<void>;

  /**
   * Idempotent by uplink id and time of receipt: a batch that is handled again adds nothing, and an uplink that is now
   * refused for another reason says so. At most `QUARANTINE_AT_MOST` are kept: beyond, the oldest go, and `dropped`
   * counts them.
   */
  quarantine(refusals: readonly Omit<Quarantined, 'id'>[]): Promise<{ readonly dropped: number }>;
  quarantined(query: { readonly reason?: QuarantineReason; readonly device?: DeviceRef; readonly limit: number; readonly before?: number }): Promise<readonly Quarantined[]>;
  /** Takes one out, for re-driving. @throws NotFound (`quarantine-unknown`). */
  release(id: number): Promise<Quarantined>;
  quarantineCount(): Promise<number>;

  /** Called after each change of what is kept in memory, from whichever process it came. Answers how to stop. */
  onChange(listener: () => void): () => void;
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** How soon another process's change is seen: an engineer who adds a device expects it to work at once. */
export const FOLLOW_MS = 500;
/** A hundred thousand quarantined uplinks are months of trouble for one council, and about 50 MB. */
export const QUARANTINE_AT_MOST = 100_000;
