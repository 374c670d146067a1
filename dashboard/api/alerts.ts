import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import {
  alertId,
  instant,
  Invalid,
  NotFound,
  quantityIds,
  ruleId,
  siteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { NOTE_AT_MOST } from '../../infra/registry/alert-deeds.ts';
import type { Alert, Registry } from '../../infra/registry/contract.ts';
import { answered } from '../alert-answers.ts';
import { oneOf } from '../wire.ts';
import { AlertRowOut, alertRowOut, askedOut, DeedOut, deedOut, StoryOut } from './alert-shapes.ts';
import { closed, problems } from './answers.ts';
import { LIMIT_DEFAULT, linkNext, Next, opened, pageQuery, sealed } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { ruleOut } from './rule-shapes.ts';
import { SEEN } from './seen.ts';

const tags = ['alerts'];
const states = ['open', 'pending', 'firing', 'acknowledged', 'resolved'] as const;
const params = closed({ id: Type.String({ maxLength: 64 }) });

/** The alert of that id, where whoever asks may see it. @throws NotFound (`alert-unknown`), InvalidId. */
export const alertIn = async (registry: Pick<Registry, 'alert'>, text: string): Promise<Alert> => {
  const alert = await registry.alert(alertId(text));
  if (alert === undefined) throw new NotFound('alert-unknown', `there is no alert ${JSON.stringify(text)}`);
  return alert;
};

/** @throws Invalid (`time-invalid`). */
const sinceOf = (text: string): number => {
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new Invalid('time-invalid', `since: ${JSON.stringify(text)} is not a time such as 2026-11-26T08:00:00Z`);
  return at;
};

/** Alerts: episodes in which a rule held, and what people did about them. */
export const alertRoutes = (api: Http, { may, seenBy, changesBy, identityOf, registry, live }: ApiParts): void => {
  // Where the pages are open to everybody, names and notes of people who work here are not.
  const mayKnowWho = (request: FastifyRequest): boolean => identityOf(request).scopes.includes('read');
  api.get(
    '/alerts',
    {
      ...may.see,
      schema: {
        tags,
        operationId: 'listAlerts',
        summary: 'List alerts',
        description:
          'Newest first. `open` is pending and firing together, `acknowledged` those of them that somebody ' +
          `took up. All that is given must fit. ${SEEN}`,
        querystring: closed({
          ...pageQuery,
          state: Type.Optional(oneOf(states, { description: 'Only these; all unless given' })),
          site: Type.Optional(Type.String({ description: 'Only there' })),
          quantity: Type.Optional(oneOf(quantityIds, { description: 'Only of this' })),
          rule: Type.Optional(Type.String({ description: 'Only of this rule, which may be gone by now' })),
          since: Type.Optional(Type.String({ format: 'date-time', description: 'Those that began then or later' })),
        }),
        response: {
          200: closed({ alerts: Type.Array(AlertRowOut), next: Next }, { description: 'A page of alerts' }),
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, state, site, quantity, rule, since } = request.query;
      const before = cursor === undefined ? undefined : opened(cursor);
      const { registry } = seenBy(request);
      if (site !== undefined && registry.site(siteId(site)) === undefined)
        throw new NotFound('site-unknown', `no site ${JSON.stringify(site)} is registered`);
      const { alerts, next } = await registry.alerts({
        limit,
        ...(state === undefined ? {} : { state }),
        ...(site === undefined ? {} : { site: siteId(site) }),
        ...(quantity === undefined ? {} : { quantity }),
        ...(rule === undefined ? {} : { rule: ruleId(rule) }),
        ...(since === undefined ? {} : { since: instant(sinceOf(since)) }),
        ...(before === undefined ? {} : { before }),
      });
      return reply.send({
        alerts: alerts.map((alert) => alertRowOut(alert, mayKnowWho(request))),
        next: linkNext(request, reply, next === undefined ? undefined : sealed(next)),
      });
    },
  );
  api.get(
    '/alerts/:id',
    {
      ...may.see,
      schema: {
        tags,
        operationId: 'getAlert',
        summary: 'One alert, and what became of it',
        description: SEEN,
        params,
        response: { 200: StoryOut, ...problems(404) },
      },
    },
    async (request) => {
      const { registry } = seenBy(request);
      const alert = await alertIn(registry, request.params.id);
      const named = mayKnowWho(request);
      const rule = named ? registry.rules().find(({ id }) => id === alert.rule) : undefined;
      const deeds = named ? await registry.alertDeeds(alert.id) : [];
      return {
        alert: alertRowOut(alert, named),
        asked: askedOut(alert),
        rule: rule === undefined ? null : ruleOut(rule),
        deeds: deeds.map(deedOut),
      };
    },
  );
  api.post(
    '/alerts/:id/acknowledge',
    {
      ...may.operate,
      schema: {
        tags,
        operationId: 'acknowledgeAlert',
        summary: 'Say that somebody has taken an alert up',
        description: 'The first one counts; whoever comes later is told who that was. Needs `operate`.',
        params,
        response: { 201: { ...DeedOut, description: 'Acknowledged' }, ...problems(404, 409) },
      },
    },
    async (request, reply) =>
      reply
        .status(201)
        .send(
          deedOut(await answered(changesBy(request).acknowledgeAlert(alertId(request.params.id)), { registry, live })),
        ),
  );
  api.post(
    '/alerts/:id/notes',
    {
      ...may.operate,
      schema: {
        tags,
        operationId: 'noteAlert',
        summary: 'Write a note to an alert',
        description: 'Also when it is over. Notes are never changed and never removed. Needs `operate`.',
        params,
        body: closed({ note: Type.String({ description: `1 to ${NOTE_AT_MOST} characters, with line breaks` }) }),
        response: { 201: { ...DeedOut, description: 'Written down' }, ...problems(404) },
      },
    },
    async (request, reply) =>
      reply.status(201).send(
        deedOut(
          await answered(changesBy(request).noteAlert(alertId(request.params.id), request.body.note), {
            registry,
            live,
          }),
        ),
      ),
  );
};
