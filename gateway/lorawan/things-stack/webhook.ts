import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { webhookRoute, type Webhook, type WebhookParts } from '../webhook.ts';
import { readThingsStack } from './message.ts';
import type { News } from './news.ts';

const description = `For a webhook of The Things Stack v3 in the format JSON: this address is its base URL. Paths for
its events may be added, such as \`/up\`, but need not be: the body says what it is. It signs in with the key of a
network server, as the password of Basic authentication or in the additional header \`Kerbside-Key\`. Answers 202 once
an uplink is on disk; one that comes again is \`duplicate\`, a simulated one \`simulated\`, and neither is stored.`;

const path = '/api/v1/integrations/things-stack';

/** The door for webhooks of The Things Stack: its base URL, and one level below it for the name of an event. */
export const thingsStackWebhook =
  (parts: WebhookParts, news: News): FastifyPluginAsyncTypebox =>
  async (http) => {
    const hook: Webhook = {
      connector: 'tts-webhook',
      path,
      operationId: 'sendThingsStackMessage',
      summary: 'Send a message of The Things Stack',
      description,
      types: ['application/json'],
      // A webhook that is refused too often is switched off there, with all its devices.
      leaves: ['dev-eui-missing', 'payload-encrypted'],
      read: ({ body }) => news.of(readThingsStack(body, { connector: 'tts-webhook', at: parts.clock.now() })),
    };
    await http.register(webhookRoute(parts, hook));
    const events = [
      { below: '/:event', operationId: 'sendThingsStackEvent', params: Type.Object({ event: Event }) },
      {
        below: '/:event/:more',
        operationId: 'sendThingsStackDownlinkEvent',
        params: Type.Object({ event: Event, more: Event }),
      },
    ];
    for (const { below, ...changes } of events)
      await http.register(webhookRoute(parts, { ...hook, ...changes, path: `${path}${below}` }));
  };

const Event = Type.String({ description: 'As the webhook names it, such as `up` or `join`; it is not looked at' });
