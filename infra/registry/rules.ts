import { Conflict, Invalid, NotFound } from '../../device-profiles/vocabulary/index.ts';
import type { Recorder } from './audit.ts';
import { checkedRule } from './rule-checks.ts';
import type { Registry, Rule } from './contract.ts';
import { recordRemoval } from './devices.ts';
import { ruleRow } from './rows.ts';
import type { Trx } from './tables.ts';
import type { Write } from './write.ts';

/** How rules come and go. */
export const ruleChanges = ({
  write,
  record,
}: {
  readonly write: Write;
  readonly record: Recorder;
}): Pick<Registry, 'addRule' | 'removeRule'> => ({
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
  removeRule: async (id) =>
    write(async (trx, revision) => {
      const { numDeletedRows } = await trx.deleteFrom('rule').where('id', '=', id).executeTakeFirst();
      if (numDeletedRows === 0n) throw new NotFound('rule-unknown', `there is no rule ${JSON.stringify(id)}`);
      await recordRemoval(trx, { kind: 'rule', id, revision });
      await record(trx, [{ action: 'rule-removed', subject: { kind: 'rule', id }, detail: {} }]);
    }),
});

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
    throw new Invalid('rule-borough-unknown', `the rule is for the borough ${JSON.stringify(borough)}, and no site lies in it`);
  }
};
