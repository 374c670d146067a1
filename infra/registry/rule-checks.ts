import { randomUUID } from 'node:crypto';
import {
  Invalid,
  borough,
  deviceId,
  quantityId,
  quantityOf,
  ruleId,
  siteId,
} from '../../device-profiles/vocabulary/index.ts';
import { checkedName, checkedWord } from './checks.ts';
import { conditions, severities, type NewRule, type Rule } from './contract.ts';

/** Whether the site and the device of a rule are there is for the database to say. @throws InvalidId, Invalid. */
export const checkedRule = (input: NewRule): Rule => {
  const when = checkedWord('when', input.when, conditions);
  const { threshold, clearAt = threshold, forMs = 0 } = input;
  const unit = quantityOf(quantityId(input.quantity)).unit;
  if (!Number.isFinite(threshold)) throw new Invalid('threshold-invalid', `threshold must be a number of ${unit}`);
  const goodSide = when === 'above' ? clearAt <= threshold : clearAt >= threshold;
  if (!Number.isFinite(clearAt) || !goodSide) {
    const side = when === 'above' ? 'at or below' : 'at or above';
    throw new Invalid(
      'clear-at-invalid',
      `clearAt must be ${side} the threshold of ${threshold} ${unit}, or the alert would end while the condition holds`,
    );
  }
  if (!Number.isSafeInteger(forMs) || forMs < 0)
    throw new Invalid('for-invalid', 'forMs must be whole milliseconds, 0 or more');
  return {
    id: ruleId(input.id ?? randomUUID()),
    name: checkedName('the name of a rule', input.name),
    quantity: quantityId(input.quantity),
    ...(input.site === undefined ? {} : { site: siteId(input.site) }),
    ...(input.device === undefined ? {} : { device: deviceId(input.device) }),
    ...(input.borough === undefined ? {} : { borough: borough(input.borough) }),
    when,
    threshold,
    clearAt,
    forMs,
    severity: checkedWord('severity', input.severity ?? 'warning', severities),
    enabled: input.enabled ?? true,
  };
};
