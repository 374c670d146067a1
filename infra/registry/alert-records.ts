import type {
  AlertId,
  Borough,
  DeviceId,
  Instant,
  QuantityId,
  RuleId,
  SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Actor } from './audit-records.ts';

/** Rules, the alerts that they give, and what people do about them. */

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

/** The part of a rule that decides when an alert begins, fires and ends. */
export type RuleCondition = Pick<
  Rule,
  'quantity' | 'site' | 'device' | 'borough' | 'when' | 'threshold' | 'clearAt' | 'forMs'
>;

/** `pending`: the condition holds, but not yet for as long as the rule asks. */
export const alertStates = ['pending', 'firing', 'resolved'] as const;

/** Why an alert ended: a value was back, its rule asks something else now, or its rule or its device is gone. */
export const alertEndings = ['cleared', 'rule-changed', 'rule-gone', 'device-gone'] as const;

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
  /** What its rule asked when it began; absent of alerts from before that was kept. */
  readonly asked?: RuleCondition;
  /** Of alerts that are resolved; absent of those from before that was kept. */
  readonly ending?: (typeof alertEndings)[number];
  /** Who took it up first, and when. Only in what the registry answers: it is kept apart from the alert. */
  readonly acknowledged?: { readonly at: Instant; /** Absent for those who may not know it. */ readonly by?: Actor };
}

export const alertDeedKinds = ['acknowledged', 'note'] as const;

/** What somebody did about an alert. It is never changed and never removed. */
export interface AlertDeed {
  /** Rises with time. */
  readonly id: number;
  readonly alert: AlertId;
  readonly kind: (typeof alertDeedKinds)[number];
  readonly at: Instant;
  readonly by: Actor;
  /** Of a note: 1 to 2,000 characters, with line breaks. */
  readonly note?: string;
}
