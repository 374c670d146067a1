import {
  families,
  NotFound,
  quantityIds,
  quantityOf,
  ruleId,
  type Family,
} from '../../../device-profiles/vocabulary/index.ts';
import type { NewRule, Rule, RuleChange } from '../../../infra/registry/contract.ts';
import { again, changesOf, fresh, refusedAt, type FieldError } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import type { Page, PageParts } from '../page.ts';
import { paged } from '../paging.ts';
import { severityWord, unitWords } from '../words.ts';
import { ruleSentence } from '../alerts/words.ts';
import { blank, ruleTyped, trialOf, typedIn, typedOf, type TrialView, type Typed } from './form.ts';
import { heavyTables } from '../../limits.ts';
import { englishWords } from '../../words/index.ts';

const said = new Map([
  ['added', 'The rule is made. It looks at what comes in from now on.'],
  ['changed', 'The rule is changed.'],
  ['removed', 'The rule is removed. Its open alerts end.'],
  ['on', 'The rule is switched on. It looks at what comes in from now on.'],
  ['off', 'The rule is switched off. Its open alerts end.'],
]);

const listPage = async (visit: Visit, { registry }: PageParts): Promise<Page> => {
  const rules = registry.rules().toSorted((a, b) => a.name.localeCompare(b.name, 'en-GB'));
  const shown = paged(rules, visit.query('page'), (n) => `/rules?page=${n}`, englishWords);
  const open = Map.groupBy((await registry.alerts({ state: 'open', limit: 1_000 })).alerts, ({ rule }) => rule);
  return {
    template: 'rules/list',
    title: 'Alert rules',
    section: 'alerts',
    content: {
      done: said.get(visit.query('done') ?? ''),
      mayManage: visit.who.scopes.includes('manage'),
      rules: {
        ...shown,
        rows: shown.rows.map((rule) => ({
          id: rule.id,
          name: rule.name,
          enabled: rule.enabled,
          severity: severityWord(rule.severity, englishWords),
          sentence: ruleSentence(rule, registry, englishWords),
          open: open.get(rule.id)?.length ?? 0,
          href: `/rules/${encodeURIComponent(rule.id)}`,
          alerts: `/alerts?rule=${encodeURIComponent(rule.id)}`,
        })),
      },
    },
  };
};

/** Families of quantities, as the list of the editor divides them by. */
const familyOf = (family: Family) => quantityIds.filter((id) => quantityOf(id).family === family);

const quantityItems = (chosen: string) => [
  { value: '', text: 'Choose', selected: chosen === '' },
  ...families.flatMap(familyOf).map((id) => ({
    value: id,
    text: `${quantityOf(id).name}${unitWords(id) === '' ? '' : `, ${unitWords(id)}`}`,
    selected: id === chosen,
  })),
];

const editorPage = (
  typed: Typed,
  rule: Rule | undefined,
  { done, trial }: { readonly done?: string | undefined; readonly trial?: TrialView } = {},
): Page => ({
  template: 'rules/editor',
  title: rule === undefined ? 'A new alert rule' : rule.name,
  section: 'alerts',
  content: {
    typed,
    trial,
    done: said.get(done ?? ''),
    rule: rule === undefined ? undefined : { id: rule.id, name: rule.name, enabled: rule.enabled },
    action: rule === undefined ? '/new-rule' : `/rules/${encodeURIComponent(rule.id)}`,
    quantities: quantityItems(typed.quantity),
  },
});

/** All of a rule that the editor knows, what was left empty taken away. */
const changeOf = ({ id: _id, ...rule }: NewRule): RuleChange => ({
  ...rule,
  site: rule.site ?? null,
  device: rule.device ?? null,
  borough: rule.borough ?? null,
});

/** Rules: the list, and one form to write them in. */
export const rulePages = (desk: Desk, parts: PageParts): void => {
  const { registry } = parts;
  const ruleOf = (visit: Visit): Rule => {
    const rule = registry.rules().find(({ id }) => id === visit.param('id'));
    if (rule === undefined) throw new NotFound('rule-unknown', 'There is no such rule');
    return rule;
  };
  /** Tries what was typed, or keeps it: whichever button was pressed. */
  const send = async (
    visit: Visit,
    before: Rule | undefined,
    keep: (rule: NewRule) => Promise<Shown>,
  ): Promise<Shown> => {
    const typed = typedIn(visit);
    const meant = ruleTyped(typed, registry);
    if ('wrong' in meant) return again(editorPage(typed, before), meant.wrong);
    try {
      if (visit.field('do') === 'try')
        return fresh(editorPage(typed, before, { trial: await trialOf(meant.rule, parts) }));
      return await keep(meant.rule);
    } catch (error) {
      return again(editorPage(typed, before), [refusalOf(error)]);
    }
  };
  desk.get('/rules', 'read', async (visit) => fresh(await listPage(visit, parts)));
  desk.get('/new-rule', 'manage', () => fresh(editorPage(blank, undefined)));
  /** A rule that is tried is held against a month of values. */
  const limit = { limit: heavyTables };
  const added = (visit: Visit): Promise<Shown> =>
    send(visit, undefined, async (rule) => {
      const made = await changesOf(parts, visit).addRule(rule);
      return { to: `/rules/${encodeURIComponent(made.id)}?done=added` };
    });
  const changed = (visit: Visit): Promise<Shown> => {
    const before = ruleOf(visit);
    return send(visit, before, async (rule) => {
      await changesOf(parts, visit).updateRule(before.id, changeOf(rule));
      return { to: `/rules/${encodeURIComponent(before.id)}?done=changed` };
    });
  };
  desk.post('/new-rule', 'manage', added, limit);
  desk.get('/rules/:id', 'manage', (visit) => {
    const rule = ruleOf(visit);
    return fresh(editorPage(typedOf(rule), rule, { done: visit.query('done') }));
  });
  desk.post('/rules/:id', 'manage', changed, limit);
  for (const [name, done, enabled] of [
    ['enable', 'on', true],
    ['disable', 'off', false],
  ] as const) {
    desk.post(`/rules/:id/${name}`, 'manage', async (visit) => {
      await changesOf(parts, visit).updateRule(ruleOf(visit).id, { enabled });
      return { to: `/rules?done=${done}` };
    });
  }
  desk.post('/rules/:id/remove', 'manage', async (visit) => {
    await changesOf(parts, visit).removeRule(ruleId(ruleOf(visit).id));
    return { to: '/rules?done=removed' };
  });
};

/** Fields are looked over before; what the registry still refuses is nearly always the name. */
const refusalOf = (error: unknown): FieldError => refusedAt('name', error);
