import type { QuantityId } from '../../../device-profiles/vocabulary/index.ts';
import { quantityOf } from '../../../device-profiles/vocabulary/index.ts';
import type { Actor, Alert, Registry, RuleCondition } from '../../../infra/registry/contract.ts';
import type { Words } from '../../words/index.ts';
import { titled } from '../models.ts';
import { numberWords, settingWords, shortName, spanWords, unitWords } from '../words.ts';

/** A value with its unit: `71.3 µg/m³`. */
export const measuredWords = (value: number, quantity: QuantityId, words: Words): string =>
  `${numberWords(value, quantity, words)} ${unitWords(quantity)}`.trimEnd();

/** A threshold with its unit, as somebody set it: `60 µg/m³`. */
export const setWords = (value: number, quantity: QuantityId): string =>
  `${settingWords(value)} ${unitWords(quantity)}`.trimEnd();

/** Who did something, without address or id, which pages are no place for. */
export const personWords = ({ kind, name }: Actor, words: Words): string => {
  if (kind === 'kerbside') return 'Kerbside';
  const called = name.replace(/ \([^()]*\)$/, '');
  return kind === 'key'
    ? words.say('alert.by-program', { name: called })
    : kind === 'command-line'
      ? words.say('alert.by-command-line', { name: called })
      : called;
};

/** Where a rule looks: `at Mersey Square`, `in Stockport`, `everywhere`. */
export const whereOf = (
  { site, device, borough }: Pick<RuleCondition, 'site' | 'device' | 'borough'>,
  registry: Pick<Registry, 'site' | 'device'>,
  words: Words,
): string => {
  const parts = [
    ...(device === undefined
      ? []
      : [words.say('alert.at-sensor', { name: registry.device({ by: 'id', value: device })?.name || device })]),
    ...(site === undefined ? [] : [words.say('alert.at-site', { name: registry.site(site)?.name || site })]),
    ...(borough === undefined ? [] : [words.say('alert.in-borough', { name: titled(borough) })]),
  ];
  return parts.length === 0 ? words.say('alert.everywhere') : parts.join(', ');
};

/** What a rule asks: `NO₂ above 200 µg/m³`. */
export const askedWords = (
  { quantity, when, threshold }: Pick<RuleCondition, 'quantity' | 'when' | 'threshold'>,
  words: Words,
): string =>
  words.say(`alert.asked-${when}`, { quantity: shortName(quantity), threshold: setWords(threshold, quantity) });

/** When it fires: `at once`, `after 1 hour`. */
export const waitWords = ({ forMs }: Pick<RuleCondition, 'forMs'>, words: Words): string =>
  forMs === 0 ? words.say('alert.at-once') : words.say('alert.when-lasted', { span: spanWords(forMs, words) });

/** When it ends: `as soon as a value is back at 180 µg/m³`. */
export const clearWords = (
  { when, clearAt, quantity }: Pick<RuleCondition, 'when' | 'clearAt' | 'quantity'>,
  words: Words,
): string => words.say(`alert.clear-${when}`, { value: setWords(clearAt, quantity) });

/** A whole rule in a sentence. */
export const ruleSentence = (rule: RuleCondition, registry: Pick<Registry, 'site' | 'device'>, words: Words): string =>
  words.say(`alert.rule-${rule.when}`, {
    quantity: quantityOf(rule.quantity).name,
    threshold: setWords(rule.threshold, rule.quantity),
    where: whereOf(rule, registry, words),
    wait: waitWords(rule, words),
    clear: clearWords(rule, words),
  });

/** Why an alert ended. */
export const endingWords = (ending: NonNullable<Alert['ending']>, words: Words): string =>
  words.say(`ending.${ending}`);
