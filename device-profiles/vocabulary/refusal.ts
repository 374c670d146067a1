import type { Uplink } from './uplink.ts';

/**
 * Why an uplink, or a message at a door, did not become observations. One word, the same in the log, as the label of
 * the metric, in the quarantine and on the page.
 */
export const quarantineReasons = [
  'device-unknown',
  'device-retired',
  'profile-unknown',
  'profile-unconfirmed',
  'not-utf8',
  'not-json',
  'json-too-deep',
  'wrong-shape',
  'not-a-number',
  'no-quantity',
  'port-unknown',
  'truncated',
  'codec-error',
  'codec-timeout',
  'codec-memory',
  'codec-output',
  'store-refused',
  'internal-fault',
] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];

/** An uplink that stays raw in the quarantine until somebody mends its cause and drives it through again. */
export interface Refusal {
  readonly uplink: Uplink;
  readonly reason: QuarantineReason;
  /** What was wrong, where: for a person, without the payload's content. */
  readonly detail: string;
}

/** What a codec or a mapping answers for bytes that it cannot use: a value, never an exception. */
export interface Unusable {
  readonly reason: QuarantineReason;
  readonly detail: string;
}
