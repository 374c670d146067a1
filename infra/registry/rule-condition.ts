import { Type } from 'typebox';
import { Parse } from 'typebox/value';
import { borough, deviceId, quantityId, siteId } from '../../device-profiles/vocabulary/index.ts';
import { oneOf } from './columns.ts';
import { conditions, type RuleCondition } from './alert-records.ts';

/** What a rule asks, without what it is called and how loud it is. */
export const askedBy = ({
  quantity,
  site,
  device,
  borough: inBorough,
  when,
  threshold,
  clearAt,
  forMs,
}: RuleCondition): RuleCondition => ({
  quantity,
  ...(site === undefined ? {} : { site }),
  ...(device === undefined ? {} : { device }),
  ...(inBorough === undefined ? {} : { borough: inBorough }),
  when,
  threshold,
  clearAt,
  forMs,
});

/** As it is kept: JSON, the same text for the same condition. */
export const conditionText = (condition: RuleCondition): string => JSON.stringify(askedBy(condition));

/** Whether two rules, or a rule now and as it was, ask the same. */
export const asksTheSame = (one: RuleCondition, other: RuleCondition): boolean =>
  conditionText(one) === conditionText(other);

const kept = Type.Object({
  quantity: Type.String(),
  site: Type.Optional(Type.String()),
  device: Type.Optional(Type.String()),
  borough: Type.Optional(Type.String()),
  when: Type.String(),
  threshold: Type.Number(),
  clearAt: Type.Number(),
  forMs: Type.Number(),
});

/** @throws SyntaxError, TypeError, InvalidId where the text is none that was kept. */
export const conditionOf = (text: string): RuleCondition => {
  const { quantity, site, device, borough: inBorough, when, ...numbers } = Parse(kept, JSON.parse(text));
  return askedBy({
    quantity: quantityId(quantity),
    ...(site === undefined ? {} : { site: siteId(site) }),
    ...(device === undefined ? {} : { device: deviceId(device) }),
    ...(inBorough === undefined ? {} : { borough: borough(inBorough) }),
    when: oneOf(conditions, when),
    ...numbers,
  });
};
