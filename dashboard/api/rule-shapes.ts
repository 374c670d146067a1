import { Type, type Static } from 'typebox';
import { borough, deviceId, quantityIds, quantityOf, ruleId, siteId } from '../../device-profiles/vocabulary/index.ts';
import {
  conditions,
  severities,
  type NewRule,
  type Rule,
  type RuleChange,
  type RuleCondition,
} from '../../infra/registry/contract.ts';
import { ruleName } from '../rule-words.ts';
import { oneOf, textOrNull } from '../wire.ts';
import { closed } from './answers.ts';

const shape = {
  quantity: oneOf(quantityIds),
  unit: Type.String({ description: 'Of `threshold` and `clearAt`' }),
  site: textOrNull({ description: 'Null: at every site' }),
  device: textOrNull({ description: 'Null: for every device' }),
  borough: textOrNull({ description: 'Null: in every borough' }),
  when: oneOf(conditions),
  threshold: Type.Number({ description: 'The condition holds strictly beyond it' }),
  clearAt: Type.Number({ description: 'Hysteresis: an alert ends only when a value is back at or beyond this' }),
  forMs: Type.Integer({ description: 'How long the condition must have held, by phenomenon time, before it fires' }),
};

/** What a rule asks, as it is now or was when an alert began. */
export const ConditionOut = closed(shape, { description: 'When an alert begins, fires and ends' });

/** A rule as the API gives it out. */
export const RuleOut = closed(
  { id: Type.String(), name: Type.String(), ...shape, severity: oneOf(severities), enabled: Type.Boolean() },
  { description: 'A condition on datastreams' },
);

/** A rule does not wait for longer than a week: what lasts longer is no alert. */
const forMs = Type.Integer({ minimum: 0, maximum: 7 * 86_400_000, description: '0 unless given: fires at once' });
const name = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'For people; unless given, such as "PM2.5 above 50 ug/m3"',
});

/** A rule as it is given to the API. */
export const RuleIn = closed({
  id: Type.Optional(Type.String({ description: 'A short name of your own; one is made unless given' })),
  name: Type.Optional(name),
  quantity: oneOf(quantityIds),
  site: Type.Optional(
    Type.String({ description: 'Only there. Of site, device and borough all that are given must fit' }),
  ),
  device: Type.Optional(Type.String()),
  borough: Type.Optional(Type.String()),
  when: oneOf(conditions),
  threshold: Type.Number({ description: "In the quantity's canonical unit" }),
  clearAt: Type.Optional(
    Type.Number({ description: 'At most the threshold for `above`, at least for `below`; the threshold unless given' }),
  ),
  forMs: Type.Optional(forMs),
  severity: Type.Optional(oneOf(severities)),
  enabled: Type.Optional(Type.Boolean()),
});

/** What of a rule is to change. */
export const RuleChangeIn = closed({
  name: Type.Optional(name),
  quantity: Type.Optional(oneOf(quantityIds)),
  site: Type.Optional(textOrNull({ description: 'Null: at every site' })),
  device: Type.Optional(textOrNull({ description: 'Null: for every device' })),
  borough: Type.Optional(textOrNull({ description: 'Null: in every borough' })),
  when: Type.Optional(oneOf(conditions)),
  threshold: Type.Optional(Type.Number({ description: "In the quantity's canonical unit" })),
  clearAt: Type.Optional(Type.Number({ description: 'Goes with the threshold where it was the same, unless given' })),
  forMs: Type.Optional(forMs),
  severity: Type.Optional(oneOf(severities)),
  enabled: Type.Optional(Type.Boolean({ description: 'False: it looks at nothing, and its open alerts end' })),
});

export const conditionOut = (rule: RuleCondition): Static<typeof ConditionOut> => ({
  quantity: rule.quantity,
  unit: quantityOf(rule.quantity).unit,
  site: rule.site ?? null,
  device: rule.device ?? null,
  borough: rule.borough ?? null,
  when: rule.when,
  threshold: rule.threshold,
  clearAt: rule.clearAt,
  forMs: rule.forMs,
});

export const ruleOut = (rule: Rule): Static<typeof RuleOut> => ({
  id: rule.id,
  name: rule.name,
  ...conditionOut(rule),
  severity: rule.severity,
  enabled: rule.enabled,
});

/** @throws InvalidId where an id is none. */
export const ruleFrom = ({
  id,
  name: given,
  site,
  device,
  borough: inBorough,
  ...rest
}: Static<typeof RuleIn>): NewRule => ({
  ...rest,
  name: given ?? ruleName(rest),
  ...(id === undefined ? {} : { id: ruleId(id) }),
  ...(site === undefined ? {} : { site: siteId(site) }),
  ...(device === undefined ? {} : { device: deviceId(device) }),
  ...(inBorough === undefined ? {} : { borough: borough(inBorough) }),
});

/** @throws InvalidId where an id is none. */
export const ruleChangeFrom = ({
  site,
  device,
  borough: inBorough,
  ...rest
}: Static<typeof RuleChangeIn>): RuleChange => ({
  ...rest,
  ...(site === undefined ? {} : { site: site === null ? null : siteId(site) }),
  ...(device === undefined ? {} : { device: device === null ? null : deviceId(device) }),
  ...(inBorough === undefined ? {} : { borough: inBorough === null ? null : borough(inBorough) }),
});
