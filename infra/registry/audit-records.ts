import type { Instant } from '../../device-profiles/vocabulary/index.ts';

/** Who changed something: a person at the command line or signed in, a program with an API key, or Kerbside itself. */
export interface Actor {
  readonly kind: 'command-line' | 'account' | 'key' | 'kerbside';
  /** The user of the operating system, an account's name and e-mail address, or the key's name and id. */
  readonly name: string;
}

/** What was done, as the audit trail has it. */
export const auditActions = [
  'device-added',
  'device-changed',
  'device-removed',
  'device-replaced',
  'status-changed',
  'deployed',
  'withdrawn',
  'token-rotated',
  'certificate-added',
  'credential-revoked',
  'lorawan-keys-set',
  'lorawan-keys-removed',
  'site-added',
  'site-changed',
  'rule-added',
  'rule-changed',
  'rule-removed',
  'alert-acknowledged',
  'alert-noted',
  'key-created',
  'key-revoked',
  'account-invited',
  'account-joined',
  'account-reset',
  'account-disabled',
  'account-enabled',
  'role-changed',
  'password-changed',
  'second-factor-on',
  'second-factor-off',
  'recovery-code-used',
  'signed-in',
  'sign-in-failed',
  'signed-out',
  'session-revoked',
  'gateway-changed',
  'quality-changed',
  'network-registered',
  'network-disabled',
  'downlink-queued',
  'calibration-added',
  'calibration-withdrawn',
  'codec-case-added',
  'codec-case-removed',
  'reprocess-asked',
  'reprocess-cancelled',
] as const;
export type AuditAction = (typeof auditActions)[number];
export const auditSubjects = ['device', 'site', 'rule', 'key', 'gateway', 'profile', 'account', 'alert'] as const;

/** One line of the audit trail: who did what to what, and when. It is written in the transaction that does it. */
export interface AuditEntry {
  /** Rises with time. */
  readonly id: number;
  readonly at: Instant;
  readonly actor: Actor;
  readonly action: AuditAction;
  readonly subject: { readonly kind: (typeof auditSubjects)[number]; readonly id: string };
  /** What changed to what, without secrets. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}
