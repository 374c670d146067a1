import { Type, type Static } from 'typebox';
import { borough, deviceId, quantityIds, quantityOf, ruleId, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { severities, type NewRule, type Rule } from '../../infra/registry/contract.ts';
import { unitWords } from '../pages/words.ts';
import { oneOf, textOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';

const tags = ['alerts'];
const directions = ['above', 'below'] as const;

const RuleOut = closed(
  {
    id: Type.String(),
    name: Type.String(),
    quantity: oneOf(quantityIds),
    unit: Type.String({ description: 'Of `threshold` and `clearAt`' }),
    site: textOrNull({ description: 'Null: at every site' }),
    device: textOrNull({ description: 'Null: for every device' }),
    borough: textOrNull({ description: 'Null: in every borough' }),
    when: oneOf(directions),
    threshold: Type.Number({ description: 'The condition holds strictly beyond it' }),
    clearAt: Type.Number({ description: 'Hysteresis: an alert ends only when a value is back at or beyond this' }),
    forMs: Type.Integer({ description: 'How long the condition must have held, by phenomenon time, before it fires' }),
    severity: oneOf(severities),
    enabled: Type.Boolean(),
  },
  { description: 'A condition on datastreams' },
);
const RuleIn = closed({
  id: Type.Optional(Type.String({ description: 'A short name of your own; one is made unless given' })),
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'For people; unless given, such as "PM2.5 above 50 ug/m3"',
    }),
  ),
  quantity: oneOf(quantityIds),
  site: Type.Optional(
    Type.String({ description: 'Only there. Of site, device and borough all that are given must fit' }),
  ),
  device: Type.Optional(Type.String()),
  borough: Type.Optional(Type.String()),
  when: oneOf(directions),
  threshold: Type.Number({ description: "In the quantity's canonical unit" }),
  clearAt: Type.Optional(
    Type.Number({ description: 'At most the threshold for `above`, at least for `below`; the threshold unless given' }),
  ),
  forMs: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 7 * 86_400_000, description: '0 unless given: fires at once' }),
  ),
  severity: Type.Optional(oneOf(severities)),
  enabled: Type.Optional(Type.Boolean()),
});

const ruleOut = (rule: Rule): Static<typeof RuleOut> => ({
  id: rule.id,
  name: rule.name,
  quantity: rule.quantity,
  unit: quantityOf(rule.quantity).unit,
  site: rule.site ?? null,
  device: rule.device ?? null,
  borough: rule.borough ?? null,
  when: rule.when,
  threshold: rule.threshold,
  clearAt: rule.clearAt,
  forMs: rule.forMs,
  severity: rule.severity,
  enabled: rule.enabled,
});

const ruleFrom = ({ id, name, site, device, borough: inBorough, ...given }: Static<typeof RuleIn>): NewRule => {
  const { name: quantity } = quantityOf(given.quantity);
  const unit = unitWords(given.quantity);
  return {
    ...given,
    name: name ?? `${quantity} ${given.when} ${given.threshold} ${unit}`.trimEnd(),
    ...(id === undefined ? {} : { id: ruleId(id) }),
    ...(site === undefined ? {} : { site: siteId(site) }),
    ...(device === undefined ? {} : { device: deviceId(device) }),
    ...(inBorough === undefined ? {} : { borough: borough(inBorough) }),
  };
};

/** Rules: made, listed, removed. */
export const ruleRoutes = (api: Http, { registry, may, changesBy }: ApiParts): void => {
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
  api.delete(
    '/rules/:id',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'removeRule',
        summary: 'Remove an alert rule',
        description: 'Its open alerts end. Needs `manage`.',
        params: closed({ id: Type.String() }),
        response: { 204: Type.Null({ description: 'Removed' }), ...problems(404) },
      },
    },
    async (request, reply) => {
      await changesBy(request).removeRule(ruleId(request.params.id));
      return reply.status(204).send(null);
    },
  );
};
