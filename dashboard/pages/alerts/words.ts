import type { QuantityId } from '../../../device-profiles/vocabulary/index.ts';
import { quantityOf } from '../../../device-profiles/vocabulary/index.ts';
import type { Actor, Alert, Registry, RuleCondition } from '../../../infra/registry/contract.ts';
import { titled } from '../models.ts';
import { numberWords, settingWords, shortName, spanWords, unitWords } from '../words.ts';

/** A value with its unit: `71.3 µg/m³`. */
export const measuredWords = (value: number, quantity: QuantityId): string => `${numberWords(value, quantity)} ${unitWords(quantity)}`.trimEnd();

/** A threshold with its unit, as somebody set it: `60 µg/m³`. */
export const setWords = (value: number, quantity: QuantityId): string => `${settingWords(value)} ${unitWords(quantity)}`.trimEnd();

/** Who did something, without address or id, which pages are no place for. */
export const personWords = ({ kind, name }: Actor): string => {
  if (kind === 'kerbside') return 'Kerbside';
  const called = name.replace(/ \([^()]*\)$/, '');
  return kind === 'key' ? `${called} (a program)` : kind === 'command-line' ? `${called} (at the command line)` : called;
};

/** Where a rule looks: `at Mersey Square`, `in Stockport`, `everywhere`. */
export const whereOf = ({ site, device, borough }: Pick<RuleCondition, 'site' | 'device' | 'borough'>, registry: Pick<Registry, 'site' | 'device'>): string => {
  const parts = [
    ...(device === undefined ? [] : [`at the sensor ${registry.device({ by: 'id', value: device })?.name || device}`]),
    ...(site === undefined ? [] : [`at ${registry.site(site)?.name || site}`]),
    ...(borough === undefined ? [] : [`in ${titled(borough)}`]),
  ];
  return parts.length === 0 ? 'everywhere' : parts.join(', ');
};

/** What a rule asks: `NO₂ above 200 µg/m³`. */
export const askedWords = ({ quantity, when, threshold }: Pick<RuleCondition, 'quantity' | 'when' | 'threshold'>): string =>
  `${shortName(quantity)} ${when} ${setWords(threshold, quantity)}`;

/** When it fires: `at once`, `after 1 hour`. */
export const waitWords = ({ forMs }: Pick<RuleCondition, 'forMs'>): string => (forMs === 0 ? 'at once' : `when that has lasted ${spanWords(forMs)}`);

/** When it ends: `as soon as a value is back at 180 µg/m³`. */
export const clearWords = ({ when, clearAt, quantity }: Pick<RuleCondition, 'when' | 'clearAt' | 'quantity'>): string =>
  `when a value is ${setWords(clearAt, quantity)} or ${when === 'above' ? 'less' : 'more'}`;

/** A whole rule in a sentence. */
export const ruleSentence = (rule: RuleCondition, registry: Pick<Registry, 'site' | 'device'>): string =>
  `${quantityOf(rule.quantity).name} ${rule.when} ${setWords(rule.threshold, rule.quantity)}, ${whereOf(rule, registry)}. It fires ${waitWords(rule)}, and ends ${clearWords(rule)}.`;

const endings: Readonly<Record<NonNullable<Alert['ending']>, string>> = {
  cleared: 'a value was back',
  'rule-changed': 'its rule was changed and asks something else now',
  'rule-gone': 'its rule was switched off or removed',
  'device-gone': 'its sensor was retired or removed',
};
/** Why an alert ended. */
export const endingWords = (ending: NonNullable<Alert['ending']>): string => endings[ending];
