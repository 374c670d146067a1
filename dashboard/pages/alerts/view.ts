import { quantityOf, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Alert, Registry } from '../../../infra/registry/contract.ts';
import type { Latest } from '../../now/latest.ts';
import type { Words } from '../../words/index.ts';
import { deviceHref, siteHref, when, type When } from '../models.ts';
import { numberWords, settingWords, severityWord, unitWords } from '../words.ts';

/** An alert as lists and its own page show it. */
export interface AlertView {
  readonly key: string;
  readonly name: string;
  readonly severity: string;
  readonly state: Alert['state'];
  readonly stateWord: string;
  /** The shape that goes with the word. */
  readonly icon: 'alert' | 'late' | 'ok';
  /** Somebody has taken it up. */
  readonly acknowledged: boolean;
  /** It was more than pending at some time. */
  readonly fired: boolean;
  /** The page that tells its story. */
  readonly story: string;
  readonly place: string;
  readonly href: string;
  readonly quantity: string;
  readonly value: string;
  readonly worst: string;
  readonly threshold: string;
  readonly unit: string;
  readonly since: When;
  readonly ended: When | undefined;
}

const stateIcons = { pending: 'late', firing: 'alert', resolved: 'ok' } as const;

/**
 * What an alert is shown with: the alert itself is kept as it was when its state last changed or its value was worse,
 * so that its value now is looked up.
 */
export interface AlertContext {
  readonly registry: Pick<Registry, 'site'>;
  readonly latest: Pick<Latest, 'values'>;
}

export const alertView = (alert: Alert, now: Instant, { registry, latest }: AlertContext, words: Words): AlertView => {
  const newest = latest.values(alert.device).find(({ quantity }) => quantity === alert.quantity)?.value;
  const site = alert.site === null ? undefined : registry.site(alert.site);
  return {
    key: `alert-${alert.id}`,
    name: alert.ruleName,
    severity: severityWord(alert.severity, words),
    state: alert.state,
    stateWord: words.say(`alert.${alert.state}`),
    icon: stateIcons[alert.state],
    acknowledged: alert.acknowledged !== undefined,
    fired: alert.firedAt !== undefined,
    story: `/alerts/${encodeURIComponent(alert.id)}`,
    place: site === undefined ? words.say('alert.sensor', { device: alert.device }) : site.name || site.id,
    href: site === undefined ? deviceHref(alert.device) : siteHref(site),
    quantity: quantityOf(alert.quantity).name,
    value: numberWords(newest?.kind === 'measured' ? newest.value : alert.value, alert.quantity, words),
    worst: numberWords(alert.worst, alert.quantity, words),
    threshold: settingWords(alert.threshold),
    unit: unitWords(alert.quantity),
    // What fires does so since it fired: the story tells since when the condition held.
    since: when(alert.state === 'firing' ? (alert.firedAt ?? alert.startedAt) : alert.startedAt, now, words),
    ended: alert.resolvedAt === undefined ? undefined : when(alert.resolvedAt, now, words),
  };
};
