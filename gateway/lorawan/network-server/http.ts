import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { NotFound } from '../../../device-profiles/vocabulary/index.ts';
import { openSlowdown } from '../../../infra/broker/slowdown.ts';
import { readObject } from '../json.ts';
import { networkServerOf } from '../sender.ts';
import { webhookRoute, type WebhookParts } from '../webhook.ts';
import type { Integrations } from './catalogue.ts';
import type { Integration } from './folder.ts';
import { readMessage } from './read.ts';

const description = `What an operator's network server sends, for all operators whose format is an integration: those
that come with Kerbside, and those in the data folder. \`npx kerbside integrations list\` names them. The operator proves
itself with a key of the role network-server, as \`Authorization: Bearer <key>\`, as password of \`Basic\`, in the
header \`Kerbside-Key\`, or where its integration says. Answers 202 once the uplinks of the message are on disk, or when
it is one that nobody needs; 400 with the reason when it cannot be read; 503 with \`Retry-After\` when it was not kept.
A message may be sent again: a frame is kept once, by whichever network it comes.`;

/** The HTTP door for operators: `POST /api/v1/integrations/{id}`. A plugin for the one HTTP server. */
export const integrationRoutes = (
  parts: WebhookParts & { readonly integrations: Integrations },
): FastifyPluginAsyncTypebox => {
  const { integrations, clock } = parts;
  const slowdown = openSlowdown(clock);
  return webhookRoute(parts, {
    connector: 'network-server',
    path: '/api/v1/integrations/:id',
    operationId: 'receiveFromNetworkServer',
    summary: "Take a message of an operator's network server",
    description,
    params: Type.Object({ id: Type.String({ description: 'The integration: chirpstack-v3, loriot, thingpark, ...' }) }),
    types: ['application/json'],
    authenticate: async (request) => {
      const known = integrationOf(integrations, request);
      await networkServerOf(known === undefined ? request : withKey(request, known), { ...parts, slowdown });
      // Said after the sign-in only: strangers do not learn which operators a council has.
      if (known === undefined) throw unknown(request);
    },
    read: ({ body, request }) => {
      const integration = integrationOf(integrations, request);
      if (integration === undefined) throw new TypeError('a request came past its sign-in');
      const message = readObject(body);
      return message.kind === 'refused' ? [message] : readMessage(integration, message.value, { at: clock.now() });
    },
  });
};

const fieldOf = (fields: unknown, name: string): unknown =>
  typeof fields === 'object' && fields !== null && Object.hasOwn(fields, name)
    ? Object.getOwnPropertyDescriptor(fields, name)?.value
    : undefined;

const integrationOf = (integrations: Integrations, { params }: FastifyRequest): Integration | undefined => {
  const id = fieldOf(params, 'id');
  return typeof id === 'string' ? integrations.get(id) : undefined;
};

/** The request as if its key stood in a header that each network server may use. */
const withKey = (
  { headers, ip, query }: FastifyRequest,
  { definition: { proof } }: Integration,
): Pick<FastifyRequest, 'headers' | 'ip'> => {
  const inHeader = proof?.header === undefined ? undefined : headers[proof.header.toLowerCase()];
  const key = inHeader ?? (proof?.query === undefined ? undefined : fieldOf(query, proof.query));
  return { ip, headers: typeof key === 'string' ? { ...headers, 'kerbside-key': key } : headers };
};

const unknown = ({ params }: FastifyRequest): NotFound =>
  new NotFound(
    'integration-unknown',
    `${JSON.stringify(fieldOf(params, 'id'))} is no integration that this server has read: ` +
      '"npx kerbside integrations list" names those there are, and a new one is read when the server starts',
  );
