import { Type, type Static } from 'typebox';
import { iso, Invalid, NotFound, ruleId } from '../../device-profiles/vocabulary/index.ts';
import { TRIAL_DAYS, tryRule, type Trial } from '../../infra/alerts/trial.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Registry, Rule } from '../../infra/registry/contract.ts';
import { checkedRule } from '../../infra/registry/rule-checks.ts';
import { AlertOut, alertOut, time } from '../wire.ts';
import { atMost } from '../limits.ts';
import { closed, problems } from './answers.ts';
import { linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { RuleChangeIn, ruleChangeFrom, ruleFrom, RuleIn, RuleOut, ruleOut } from './rule-shapes.ts';

const tags = ['alerts'];
const params = closed({ id: Type.String() });
/** A trial reads up to two seconds' worth of values. */
const trying = atMost(20, 60, 'rule-trials');

const TrialOut = closed(
  {
    from: time('Inclusive'),
    to: time('Exclusive: now'),
    fired: Type.Integer({ description: 'How many times it would have fired' }),
    devices: Type.Integer({ description: 'At how many devices' }),
    looked: Type.Integer({ description: 'Devices that it looks at and that measured something' }),
    complete: Type.Boolean({
      description: 'False where there was too much to read: it would have fired at least so often',
    }),
    newest: Type.Array(AlertOut, { description: 'The newest ten of them' }),
  },
  { description: 'What a rule would have made of what is stored' },
);

const trialOut = ({ from, to, newest, ...counts }: Trial): Static<typeof TrialOut> => ({
  from: iso(from),
  to: iso(to),
  ...counts,
  newest: newest.map(alertOut),
});

/** @throws NotFound (`rule-unknown`). */
const ruleIn = (registry: Pick<Registry, 'rules'>, text: string): Rule => {
  const rule = registry.rules().find(({ id }) => id === text);
  if (rule === undefined) throw new NotFound('rule-unknown', `there is no rule ${JSON.stringify(text.slice(0, 80))}`);
  return rule;
};

/**
 * A trial at a place that is not there would say that the rule never fires, and nothing of the slip. @throws Invalid
 * (`rule-site-unknown`, `rule-device-unknown`).
 */
const assertPlaces = ({ site, device }: Rule, registry: Pick<Registry, 'site' | 'device'>): void => {
  if (site !== undefined && registry.site(site) === undefined)
    throw new Invalid('rule-site-unknown', `the rule is for the site ${JSON.stringify(site)}, which is not registered`);
  if (device !== undefined && registry.device({ by: 'id', value: device }) === undefined)
    throw new Invalid(
      'rule-device-unknown',
      `the rule is for the device ${JSON.stringify(device)}, which is not registered`,
    );
};

/** Rules: made, listed, changed, removed, and tried on what is stored. */
export const ruleRoutes = (api: Http, { registry, timeseries, clock, may, changesBy }: ApiParts): void => {
  api.post(
    '/rules',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'addRule',
        summary: 'Make an alert rule',
        description: 'It looks at what comes in from now on. Needs `manage`.',
        body: RuleIn,
        response: { 201: { ...RuleOut, description: 'Made' }, ...problems(404, 409) },
      },
    },
    async (request, reply) => reply.status(201).send(ruleOut(await changesBy(request).addRule(ruleFrom(request.body)))),
  );
  api.get(
    '/rules',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listRules',
        summary: 'List alert rules',
        description: 'In order of id. Needs `read`.',
        querystring: closed(pageQuery),
        response: {
          200: closed({ rules: Type.Array(RuleOut), next: Next }, { description: 'A page of rules' }),
          ...problems(),
        },
      },
    },
    (request, reply) => {
      const { page, next } = pageOf(registry.rules(), ({ id }) => id, request.query);
      return { rules: page.map(ruleOut), next: linkNext(request, reply, next) };
    },
  );
  api.get(
    '/rules/:id',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'getRule',
        summary: 'One alert rule',
        description: 'Needs `read`.',
        params,
        response: { 200: RuleOut, ...problems(404) },
      },
    },
    (request) => ruleOut(ruleIn(registry, request.params.id)),
  );
  api.patch(
    '/rules/:id',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'changeRule',
        summary: 'Change an alert rule, or switch it on or off',
        description:
          'What is not given stays. Where it asks something else from now on, or is switched off, its open alerts end. Needs `manage`.',
        params,
        body: RuleChangeIn,
        response: { 200: { ...RuleOut, description: 'As it is now' }, ...problems(404) },
      },
    },
    async (request) => {
      const { id } = ruleIn(registry, request.params.id);
      return ruleOut(await changesBy(request).updateRule(id, ruleChangeFrom(request.body)));
    },
  );
  api.delete(
    '/rules/:id',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'removeRule',
        summary: 'Remove an alert rule',
        description: 'Its open alerts end. Needs `manage`.',
        params,
        response: { 204: Type.Null({ description: 'Removed' }), ...problems(404) },
      },
    },
    async (request, reply) => {
      await changesBy(request).removeRule(ruleId(request.params.id));
      return reply.status(204).send(null);
    },
  );
  api.post(
    '/rules/trial',
    {
      ...may.manage,
      ...trying,
      schema: {
        tags,
        operationId: 'tryRule',
        summary: `How often a rule would have fired in the last ${TRIAL_DAYS} days`,
        description:
          'By what is stored, with the machine that alerts go by. Nothing is kept. Times in maintenance are not left out. Needs `manage`.',
        body: RuleIn,
        response: { 200: TrialOut, ...problems(404, 429) },
      },
    },
    async (request) => {
      const rule = checkedRule(ruleFrom(request.body));
      assertPlaces(rule, registry);
      return trialOut(await tryRule(rule, { registry, timeseries }, clock.now()));
    },
  );
};
