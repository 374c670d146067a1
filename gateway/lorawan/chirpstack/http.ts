import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { Invalid } from '../../../device-profiles/vocabulary/index.ts';
import { isObject } from '../json.ts';
import { webhookRoute, type WebhookParts } from '../webhook.ts';
import { readChirpstack, readJson } from './read.ts';
import { isMessageKind, messageKinds } from './shapes.ts';

const events = [...messageKinds].filter((kind) => kind !== 'stats' && kind !== 'conn');
const path = '/api/v1/integrations/chirpstack';

const querystring = Type.Object({
  event: Type.String({
    maxLength: 64,
    description: `As ChirpStack adds it: ${events.map((event) => `\`${event}\``).join(', ')}`,
  }),
});

/**
 * The door for ChirpStack's HTTP integration. It waits 5 s and does not come again, so that the answer is given within
 * four: see `webhookRoute`.
 */
export const chirpstackRoute = (parts: WebhookParts): FastifyPluginAsyncTypebox =>
  webhookRoute(parts, {
    connector: 'chirpstack-http',
    path,
    operationId: 'chirpstackEvent',
    summary: 'Send an event of ChirpStack v4',
    description: `For the HTTP integration of an application: this URL as event endpoint, encoding JSON or Protobuf, and a header with the key of
\`npx kerbside keys create --role network-server\`: \`Kerbside-Key: <key>\`. ChirpStack adds \`?event=\`. Answers 202 once the uplink is on disk; an event that
is not read is answered 202 too, with \`event-unknown\`. 503: it was not kept, and ChirpStack does not send it again.`,
    querystring,
    checkAddress: ({ query }) => {
      if (isObject(query) && typeof query['event'] === 'string' && query['event'] !== '') return;
      throw new Invalid(
        'request-invalid',
        `Which event is it? ChirpStack adds it to the address: POST ${path}?event=up, or ${events.slice(1).join(', ')}`,
      );
    },
    types: ['application/json', 'application/octet-stream'],
    read: ({ body, request }) => {
      const kind = isObject(request.query) && typeof request.query['event'] === 'string' ? request.query['event'] : '';
      const envelope = { connector: 'chirpstack-http', at: parts.clock.now() } as const;
      const json = /^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(request.headers['content-type'] ?? '');
      return json && isMessageKind(kind) ? readJson(kind, body, envelope) : readChirpstack(kind, body, envelope);
    },
  });
