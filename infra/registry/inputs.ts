import type { DeviceId, Instant, QuantityId, RuleId, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert, Rule } from './alert-records.ts';
import type { Actor, AuditEntry } from './audit-records.ts';
import type { Calibration, Device, LorawanKeyName, Variables } from './records.ts';
import type { Role } from './roles.ts';

export interface NewDevice {
  readonly id: string;
  readonly devEui?: string;
  readonly joinEui?: string;
  readonly serial?: string;
  readonly profile: string;
  readonly name?: string;
  /** `commissioned` unless given: it counts at once. */
  readonly status?: string;
  readonly variables?: Variables;
  readonly speaksFor?: readonly string[];
  /** Deployed there from now on. A site that is not registered yet is registered, with its id as its name. */
  readonly site?: string;
  /**
   * The deployment's beginning; by default the beginning of time, so that a device's back-filled history finds its site.
   * Only a planned device's may lie in the future.
   */
  readonly deployedFrom?: Instant;
}

/** What of a device can change; what is not given stays. Null takes away. */
export interface DeviceChange {
  readonly name?: string;
  readonly profile?: string;
  readonly devEui?: string | null;
  readonly joinEui?: string | null;
  readonly serial?: string | null;
  readonly variables?: Variables | null;
  readonly speaksFor?: readonly string[] | null;
  readonly status?: string;
  /** Moves the device there from now on; null: it stands nowhere from now on. */
  readonly site?: string | null;
}

/** Keys of 32 hexadecimal digits and a DevAddr of eight; blanks, colons and hyphens between digits do not matter. */
export type NewLorawanKeys = Readonly<Partial<Record<LorawanKeyName | 'devAddr', string | null>>>;

export interface NewSite {
  readonly id: string;
  readonly name?: string;
  readonly street?: string;
  readonly usrn?: string;
  /** With or without its blank, in small or large letters. */
  readonly postcode?: string;
  readonly asset?: string;
  /** Degrees, WGS 84. Both or neither. */
  readonly latitude?: number;
  readonly longitude?: number;
  readonly borough?: string;
  readonly ward?: string;
  readonly published?: boolean;
}

/** What people say of a gateway. What is not given stays; null takes away. */
export interface GatewayChange {
  readonly name?: string | null;
  /** Degrees, WGS 84. Both or neither. */
  readonly latitude?: number | null;
  readonly longitude?: number | null;
}

/** A correction that somebody answers for; see `Calibration`. */
export interface NewCalibration extends Pick<Calibration, 'correction' | 'from' | 'to' | 'fit'> {
  readonly quantity: string;
  readonly author: string;
  readonly reason: string;
}

export type NewRule = Omit<Rule, 'id' | 'clearAt' | 'forMs' | 'severity' | 'enabled'> &
  Partial<Pick<Rule, 'id' | 'clearAt' | 'forMs' | 'severity' | 'enabled'>>;

/** What of a rule can change; what is not given stays. Null takes away. */
export type RuleChange = Partial<Omit<Rule, 'id' | 'site' | 'device' | 'borough'>> & {
  readonly [Place in 'site' | 'device' | 'borough']?: Rule[Place] | null;
};

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  /** Some of the role's; all unless given. */
  readonly scopes?: readonly string[];
  /** Must lie ahead; never unless given. */
  readonly expiresAt?: Instant;
}

export interface Added {
  readonly device: Device;
  readonly token: string;
}

export interface NewDeployment {
  /** One that is not registered yet is registered, with its id as its name. */
  readonly site: string;
  /** Now unless given. */
  readonly from?: Instant;
  readonly to?: Instant;
}

/** How a device was swapped. */
export interface Replaced {
  readonly old: Device;
  readonly device: Device;
  readonly site: SiteId;
  readonly at: Instant;
  /** Of a device that was registered with it. */
  readonly token?: string;
}

/** Which alerts; all that is given must fit. */
export interface AlertQuery {
  /** `open`: pending or firing; `acknowledged`: those of the open ones that somebody has taken up. */
  readonly state?: Alert['state'] | 'open' | 'acknowledged';
  readonly site?: SiteId;
  readonly device?: DeviceId;
  readonly quantity?: QuantityId;
  readonly rule?: RuleId;
  /** Those that began then or later. */
  readonly since?: Instant;
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: string;
}

/** Which lines of the audit trail; all that is given must fit. */
export interface AuditQuery {
  readonly subject?: AuditEntry['subject'];
  /** Part of the name of who did it, in any case. */
  readonly actor?: string;
  readonly actorKind?: Actor['kind'];
  readonly action?: AuditEntry['action'];
  /** Inclusive. */
  readonly from?: Instant;
  /** Exclusive. */
  readonly to?: Instant;
  readonly limit: number;
  /** Before the line of this id. */
  readonly before?: number;
}
