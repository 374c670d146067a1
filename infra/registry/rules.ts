import { Conflict, Invalid, NotFound } from '../../device-profiles/vocabulary/index.ts';
import type { Recorder } from './audit.ts';
import { checkedRule } from './rule-checks.ts';
import type { Registry, Rule, RuleChange } from './contract.ts';
import { recordRemoval } from './devices.ts';
import { ruleOf, ruleRow } from './rows.ts';
import type { Trx } from './tables.ts';
import type { Write } from './write.ts';

/** How rules come and go. */
export const ruleChanges = ({
  write,
  record,
}: {
  readonly write: Write;
  readonly record: Recorder;
}): Pick<Registry, 'addRule' | 'updateRule' | 'removeRule'> => ({
  addRule: async (input) => {
    const rule = checkedRule(input);
    await write(async (trx, revision) => {
      const taken = await trx.selectFrom('rule').select('name').where('id', '=', rule.id).executeTakeFirst();
      if (taken !== undefined)
        throw new Conflict('rule-exists', `${rule.id} is there already: it is ${JSON.stringify(taken.name)}`);
      await assertPlace(trx, rule);
      await trx.insertInto('rule').values(ruleRow(rule, revision)).execute();
      const { name, quantity, when, threshold } = rule;
      await record(trx, [
        { action: 'rule-added', subject: { kind: 'rule', id: rule.id }, detail: { name, quantity, when, threshold } },
      ]);
    });
    return rule;
  },
  updateRule: async (id, change) =>
    write(async (trx, revision) => {
      const row = await trx.selectFrom('rule').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw new NotFound('rule-unknown', `there is no rule ${JSON.stringify(id)}`);
      const before = ruleOf(row);
      const rule = changed(before, change);
      const detail = differences(before, rule);
      if (Object.keys(detail).length === 0) return before;
      await assertPlace(trx, rule);
      await trx.updateTable('rule').set(ruleRow(rule, revision)).where('id', '=', id).execute();
      await record(trx, [{ action: 'rule-changed', subject: { kind: 'rule', id }, detail }]);
      return rule;
    }),
  removeRule: async (id) =>
    write(async (trx, revision) => {
      const { numDeletedRows } = await trx.deleteFrom('rule').where('id', '=', id).executeTakeFirst();
      if (numDeletedRows === 0n) throw new NotFound('rule-unknown', `there is no rule ${JSON.stringify(id)}`);
      await recordRemoval(trx, { kind: 'rule', id, revision });
      await record(trx, [{ action: 'rule-removed', subject: { kind: 'rule', id }, detail: {} }]);
    }),
});

/** @throws as `checkedRule`. */
const changed = (
  before: Rule,
  { site = before.site, device = before.device, borough = before.borough, ...change }: RuleChange,
): Rule => {
  const { site: _site, device: _device, borough: _borough, ...rest } = before;
  // Where it clears at its threshold, that is what was meant, and stays so.
  const clearAt =
    change.clearAt ?? (before.clearAt === before.threshold ? (change.threshold ?? before.threshold) : before.clearAt);
  return checkedRule({
    ...rest,
    ...change,
    clearAt,
    ...(site === undefined || site === null ? {} : { site }),
    ...(device === undefined || device === null ? {} : { device }),
    ...(borough === undefined || borough === null ? {} : { borough }),
  });
};

/** What is other than before, each as it was and as it is. */
const differences = (before: Rule, after: Rule): Record<string, string | number | boolean | null> =>
  Object.fromEntries(
    ruleFields.flatMap((field) =>
      before[field] === after[field]
        ? []
        : [
            [`${field}Was`, before[field] ?? null],
            [field, after[field] ?? null],
          ],
    ),
  );
const ruleFields = [
  'name',
  'quantity',
  'site',
  'device',
  'borough',
  'when',
  'threshold',
  'clearAt',
  'forMs',
  'severity',
  'enabled',
] as const satisfies readonly (keyof Rule)[];

/**
 * A rule for a place that is not there would never fire, and nobody would know. @throws Invalid (`rule-site-unknown`,
 * `rule-device-unknown`, `rule-borough-unknown`).
 */
const assertPlace = async (trx: Trx, { site, device, borough }: Rule): Promise<void> => {
  if (
    site !== undefined &&
    (await trx.selectFrom('site').select('id').where('id', '=', site).executeTakeFirst()) === undefined
  ) {
    throw new Invalid('rule-site-unknown', `the rule is for the site ${JSON.stringify(site)}, which is not registered`);
  }
  if (
    device !== undefined &&
    (await trx.selectFrom('device').select('id').where('id', '=', device).executeTakeFirst()) === undefined
  ) {
    throw new Invalid(
      'rule-device-unknown',
      `the rule is for the device ${JSON.stringify(device)}, which is not registered`,
    );
  }
  if (
    borough !== undefined &&
    (await trx.selectFrom('site').select('id').where('borough', '=', borough).executeTakeFirst()) === undefined
  ) {
    throw new Invalid(
      'rule-borough-unknown',
      `the rule is for the borough ${JSON.stringify(borough)}, and no site lies in it`,
    );
  }
};
