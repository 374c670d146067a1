import { createHash } from 'node:crypto';
import {
  alertId,
  Flag,
  type DeviceId,
  type Instant,
  type Judged,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Alert, Rule } from '../registry/contract.ts';
import { askedBy } from '../registry/rule-condition.ts';

/** One value of a datastream that a rule looks at. */
export interface Sample {
  readonly device: DeviceId;
  readonly site: SiteId | null;
  readonly time: Instant;
  readonly judged: Judged;
}

/** What the machine remembers of one rule on one datastream. */
export interface Watch {
  /** Phenomenon time of the newest value looked at: what comes later but is older changes nothing any more. */
  readonly lookedAt: Instant;
  readonly alert?: Alert;
}

/** The new memory (none as long as nothing usable was seen), and the alert if it changed its state, or has a new worst value in the same state. */
export interface Step {
  readonly watch?: Watch;
  readonly moved?: Alert;
  readonly worsened?: Alert;
}

/**
 * The state machine of a threshold rule on one datastream: nothing -> pending -> firing -> resolved, by phenomenon time.
 *
 * The condition holds strictly beyond the threshold. It must hold for `forMs` before it fires; an alert that fires ends
 * only when a value is back at `clearAt` or better, so that a value that trembles about the threshold gives one alert
 * (hysteresis). Suspect, failed and missing values decide nothing. Pure: the same values in the same order give the same alerts.
 */
export const advance = (rule: Rule, before: Watch | undefined, sample: Sample): Step => {
  const { value, flag } = sample.judged;
  const usable = value.kind === 'measured' && (flag === Flag.pass || flag === Flag.notEvaluated);
  if (!usable || (before !== undefined && sample.time <= before.lookedAt))
    return before === undefined ? {} : { watch: before };
  const seen = { value: value.value, valueAt: sample.time };
  const open = before?.alert;
  if (open === undefined)
    return beyond(rule, seen.value) ? begin(rule, sample, seen) : { watch: { lookedAt: sample.time } };
  const worst = rule.when === 'above' ? Math.max(open.worst, seen.value) : Math.min(open.worst, seen.value);
  const over = open.state === 'firing' ? cleared(rule, seen.value) : !beyond(rule, seen.value);
  if (over) {
    return {
      watch: { lookedAt: sample.time },
      moved: { ...open, ...seen, worst, state: 'resolved', resolvedAt: sample.time, ending: 'cleared' },
    };
  }
  const fires = open.state === 'pending' && sample.time - open.startedAt >= rule.forMs;
  const alert: Alert = {
    ...open,
    ...seen,
    worst,
    ...(fires ? { state: 'firing' as const, firedAt: sample.time } : {}),
  };
  return {
    watch: { lookedAt: sample.time, alert },
    ...(fires ? { moved: alert } : worst === open.worst ? {} : { worsened: alert }),
  };
};

const beyond = (rule: Rule, value: number): boolean =>
  rule.when === 'above' ? value > rule.threshold : value < rule.threshold;
const cleared = (rule: Rule, value: number): boolean =>
  rule.when === 'above' ? value <= rule.clearAt : value >= rule.clearAt;

const begin = (rule: Rule, sample: Sample, seen: Pick<Alert, 'value' | 'valueAt'>): Step => {
  const alert: Alert = {
    id: idOf(rule, sample),
    rule: rule.id,
    ruleName: rule.name,
    severity: rule.severity,
    device: sample.device,
    site: sample.site,
    quantity: rule.quantity,
    threshold: rule.threshold,
    asked: askedBy(rule),
    worst: seen.value,
    startedAt: sample.time,
    ...seen,
    ...(rule.forMs > 0 ? { state: 'pending' as const } : { state: 'firing' as const, firedAt: sample.time }),
  };
  return { watch: { lookedAt: sample.time, alert }, moved: alert };
};

/** The same episode has the same id when its values are looked at again after a crash: it is kept once. */
const idOf = (rule: Rule, { device, time }: Sample) =>
  alertId(createHash('sha256').update(`${rule.id}\0${device}\0${time}`).digest('hex').slice(0, 24));
