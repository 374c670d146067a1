import type { Profile } from '../../device-profiles/profile.ts';
import type {
  Borough,
  DeviceId,
  Instant,
  Judged,
  ProfileId,
  QuarantineReason,
  SiteId,
  Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import type { Device, Variables } from '../registry/contract.ts';

/** Whose clock gave a phenomenon time: the device's own, that of its sender's protocol, or ours. */
export const phenomenonClocks = ['device', 'sender', 'receipt'] as const;
export type PhenomenonClock = (typeof phenomenonClocks)[number];

/** The steps of the pipeline at which an uplink can be refused before it is stored. */
export const refusingSteps = ['identify', 'decode', 'normalise'] as const;
export type RefusingStep = (typeof refusingSteps)[number];

/** A value as the pipeline would store it, and where it is from. */
export interface ExplainedValue extends Judged {
  /** The maker's word for it, and the unit in which the device speaks. */
  readonly key: string;
  readonly unit: string;
}

/** What the pipeline would store at one phenomenon time. */
export interface ExplainedReading {
  readonly time: Instant;
  readonly clock: PhenomenonClock;
  /** The time that was told, where it could not be right. */
  readonly disbelieved?: Instant;
  readonly site: SiteId | null;
  readonly borough: Borough | null;
  readonly values: readonly ExplainedValue[];
}

/** What the pipeline makes of one uplink, step by step, without anything being stored. */
export interface Explanation {
  readonly uplink: Uplink;
  /** The registered device that it is from; undefined where nobody knows it. */
  readonly device?: DeviceId;
  /** By which profile it was read. */
  readonly profile?: { readonly id: ProfileId; readonly version: string };
  /** Each message in the maker's words, as JSON; empty where it could not be read so far. */
  readonly said: readonly unknown[];
  readonly warnings: readonly string[];
  /** Keys of the messages that became no value, each once. */
  readonly unmapped: readonly string[];
  /** Empty where it was refused, and of a LoRaWAN frame for the network alone. */
  readonly readings: readonly ExplainedReading[];
  readonly refused?: { readonly step: RefusingStep; readonly reason: QuarantineReason; readonly detail: string };
}

/**
 * Reads uplinks by this profile instead of their own, as if they came from this device; null: from nobody in
 * particular.
 */
export interface Trial {
  readonly profile: Profile;
  /** Left out: each from the device that it names, registered or not. */
  readonly device?: Device | null;
  /** Instead of the device's own. */
  readonly variables?: Variables;
}

/**
 * Explains uplinks, in their order, by the very steps of the pipeline; codecs run in a sandbox of its own. Never
 * rejects for what a payload says.
 */
export type Explain = (uplinks: readonly Uplink[], trial?: Trial) => Promise<readonly Explanation[]>;
