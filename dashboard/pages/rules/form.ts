import { instant, quantityIds, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { tryRule, type Trial, TRIAL_DAYS } from '../../../infra/alerts/trial.ts';
import { conditions, severities, type NewRule, type Registry, type Rule } from '../../../infra/registry/contract.ts';
import { checkedRule } from '../../../infra/registry/rule-checks.ts';
import { ruleName } from '../../rule-words.ts';
import type { FieldError } from '../accounts/parts.ts';
import type { Visit } from '../desk.ts';
import { when } from '../models.ts';
import type { PageParts } from '../page.ts';
import { placeKinds, placeTyped, typedPlace } from './place.ts';
import { englishWords } from '../../words/index.ts';

const fields = [
  'name',
  'quantity',
  'where',
  'place',
  'when',
  'threshold',
  'clearAt',
  'minutes',
  'severity',
  'enabled',
] as const;
/** The fields of the editor, as somebody typed them. */
export type Typed = Readonly<Record<(typeof fields)[number], string>>;

/** A rule that somebody begins to write. */
export const blank: Typed = {
  name: '',
  quantity: '',
  where: 'everywhere',
  place: '',
  when: 'above',
  threshold: '',
  clearAt: '',
  minutes: '0',
  severity: 'warning',
  enabled: 'yes',
};

/** What was sent; of each field as much as could be meant. */
export const typedIn = (visit: Visit): Typed => ({
  ...blank,
  ...Object.fromEntries(fields.map((name) => [name, visit.field(name).trim().slice(0, 200)])),
  enabled: visit.field('enabled') === 'yes' ? 'yes' : '',
});

/** A rule as somebody would have typed it. */
export const typedOf = (rule: Rule): Typed => {
  const { kind, text } = typedPlace(rule);
  return {
    name: rule.name,
    quantity: rule.quantity,
    where: kind,
    place: text,
    when: rule.when,
    threshold: String(rule.threshold),
    clearAt: rule.clearAt === rule.threshold ? '' : String(rule.clearAt),
    minutes: String(rule.forMs / MINUTE_MS),
    severity: rule.severity,
    enabled: rule.enabled ? 'yes' : '',
  };
};

const MINUTE_MS = 60_000;
/** What lasts longer than a week is no alert. */
const MINUTES_AT_MOST = 7 * 24 * 60;

/** The rule that was meant, or all that is wrong with it, in the order of the fields. */
export const ruleTyped = (
  typed: Typed,
  registry: Pick<Registry, 'sites' | 'devices'>,
): { readonly rule: NewRule } | { readonly wrong: readonly FieldError[] } => {
  const wrong: FieldError[] = [];
  const need = <T>(field: keyof Typed, found: T | undefined, text: string): T | undefined => {
    if (found === undefined) wrong.push({ field, text });
    return found;
  };
  const quantity = need(
    'quantity',
    quantityIds.find((id) => id === typed.quantity),
    'Choose what the rule looks at',
  );
  const kind = need(
    'where',
    placeKinds.find((one) => one === typed.where),
    'Choose where the rule looks',
  );
  const place =
    kind === undefined ? undefined : need('place', placeTyped(registry, kind, typed.place), placeFault[kind]);
  const side = need(
    'when',
    conditions.find((one) => one === typed.when),
    'Choose above or below',
  );
  const threshold = need('threshold', numberOf(typed.threshold), 'Enter the threshold as a number, such as 40 or 3.5');
  const clearAt =
    typed.clearAt === ''
      ? threshold
      : need('clearAt', numberOf(typed.clearAt), 'Enter the value at which the alert ends as a number, or nothing');
  if (
    threshold !== undefined &&
    clearAt !== undefined &&
    side !== undefined &&
    (side === 'above' ? clearAt > threshold : clearAt < threshold)
  )
    wrong.push({
      field: 'clearAt',
      text: `Enter a value ${side === 'above' ? 'at or below' : 'at or above'} the threshold, or the alert would end while the values are still beyond it`,
    });
  const minutes = need(
    'minutes',
    minutesOf(typed.minutes),
    `Enter whole minutes, from 0 to ${MINUTES_AT_MOST.toLocaleString('en-GB')} (7 days)`,
  );
  const severity = need(
    'severity',
    severities.find((one) => one === typed.severity),
    'Choose how serious it is',
  );
  if (
    wrong.length > 0 ||
    quantity === undefined ||
    place === undefined ||
    side === undefined ||
    threshold === undefined ||
    clearAt === undefined ||
    minutes === undefined ||
    severity === undefined
  )
    return { wrong };
  const name = typed.name === '' ? ruleName({ quantity, when: side, threshold }) : typed.name;
  return {
    rule: {
      name,
      quantity,
      ...place,
      when: side,
      threshold,
      clearAt,
      forMs: minutes * MINUTE_MS,
      severity,
      enabled: typed.enabled === 'yes',
    },
  };
};

const placeFault = {
  everywhere: '',
  borough: 'Enter the name of a borough in which a site lies',
  site: 'Enter the name or the id of a site; where several have the name, the id',
  device: 'Enter the name or the id of a sensor; where several have the name, the id',
} as const;

const numberOf = (text: string): number | undefined => {
  const plain = text.replaceAll(/,(?=\d{3}(?!\d))/g, '').replace(/^[−–]/, '-');
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(plain) ? Number(plain) : undefined;
};
const minutesOf = (text: string): number | undefined => {
  const minutes = /^\d{1,5}$/.test(text) ? Number(text) : text === '' ? 0 : undefined;
  return minutes === undefined || minutes > MINUTES_AT_MOST ? undefined : minutes;
};

/** What a trial says, in words. */
export interface TrialView {
  readonly sentence: string;
  readonly newest: readonly { readonly words: string; readonly when: ReturnType<typeof when> }[];
}

/** Tries the rule on what is stored. @throws Invalid where it is none, Unavailable where the store does not answer. */
export const trialOf = async (
  rule: NewRule,
  parts: Pick<PageParts, 'registry' | 'timeseries' | 'clock'>,
): Promise<TrialView> => {
  const now = parts.clock.now();
  const trial = await tryRule(checkedRule(rule), parts, now);
  return {
    sentence: trialWords(trial),
    newest: trial.newest.map((alert) => ({
      words: placeWords(parts.registry, alert),
      when: when(startOf(alert), now, englishWords),
    })),
  };
};

const startOf = ({ firedAt, startedAt }: Trial['newest'][number]): Instant => instant(firedAt ?? startedAt);
const placeWords = (registry: Pick<Registry, 'site'>, { site, device }: Trial['newest'][number]): string => {
  const found = site === null ? undefined : registry.site(site);
  return found === undefined ? `Sensor ${device}` : found.name || found.id;
};

const some = (n: number, one: string): string => `${n.toLocaleString('en-GB')} ${one}${n === 1 ? '' : 's'}`;

const trialWords = ({ fired, devices, looked, complete }: Trial): string => {
  const span = `in the last ${TRIAL_DAYS} days`;
  if (looked === 0) return `No sensor where this rule looks has measured this ${span}, so it would not have fired.`;
  if (fired === 0) return `It would not have fired ${span}, at any of ${some(looked, 'sensor')}.`;
  return (
    `It would have fired ${complete ? '' : 'at least '}${fired === 1 ? 'once' : some(fired, 'time')} ${span}, ` +
    `at ${devices.toLocaleString('en-GB')} of ${some(looked, 'sensor')}.`
  );
};
