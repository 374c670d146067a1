import { Type } from 'typebox';
import type { Http } from '../../infra/http/server.ts';
import { AlertOut, alertOut, oneOf } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { LIMIT_DEFAULT, linkNext, Next, opened, pageQuery, sealed } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { SEEN } from './seen.ts';

const states = ['open', 'pending', 'firing', 'resolved'] as const;

/** Alerts: episodes in which a rule held. */
export const alertRoutes = (api: Http, { may, seenBy }: ApiParts): void => {
  api.get(
    '/alerts',
    {
      ...may.see,
      schema: {
        tags: ['alerts'],
        operationId: 'listAlerts',
        summary: 'List alerts',
        description: 'Newest first. `open` is pending and firing together. ' + SEEN,
        querystring: closed({
          ...pageQuery,
          state: Type.Optional(oneOf(states, { description: 'Only these; all unless given' })),
        }),
        response: {
          200: closed({ alerts: Type.Array(AlertOut), next: Next }, { description: 'A page of alerts' }),
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, state } = request.query;
      const before = cursor === undefined ? undefined : opened(cursor);
      const { alerts, next } = await seenBy(request).registry.alerts({
        limit,
        ...(state === undefined ? {} : { state }),
        ...(before === undefined ? {} : { before }),
      });
      return reply.send({
        alerts: alerts.map(alertOut),
        next: linkNext(request, reply, next === undefined ? undefined : sealed(next)),
      });
    },
  );
};
