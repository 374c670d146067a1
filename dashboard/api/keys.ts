import { Type, type Static } from 'typebox';
import { Invalid, iso, parseIso, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { roles, scopes, scopesOfKey, type ApiKey } from '../../infra/registry/contract.ts';
import { isoOrNull, oneOf, time, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';

const tags = ['accounts'];

const KeyOut = closed(
  {
    id: Type.String({ description: 'For revoking it; it opens nothing' }),
    name: Type.String(),
    role: oneOf(roles),
    scopes: Type.Array(oneOf(scopes), { description: 'What it may' }),
    createdAt: time('When it was made'),
    expiresAt: timeOrNull('Until when it is good; null until it is revoked'),
    revokedAt: timeOrNull('When it was revoked'),
    usedAt: timeOrNull('When it was last used'),
  },
  { description: 'A key for programs, without its secret' },
);

const keyOut = (key: ApiKey, used: ReadonlyMap<string, Instant>): Static<typeof KeyOut> => ({
  id: key.id,
  name: key.name,
  role: key.role,
  scopes: [...scopesOfKey(key)],
  createdAt: iso(key.createdAt),
  expiresAt: isoOrNull(key.expiresAt),
  revokedAt: isoOrNull(key.revokedAt),
  usedAt: isoOrNull(used.get(key.id)),
});

/** @throws Invalid (`time-invalid`). */
const endOf = (text: string): Instant => {
  const at = parseIso(text);
  if (at === undefined)
    throw new Invalid('time-invalid', `expiresAt: ${JSON.stringify(text)} is not a time such as 2027-04-01T00:00:00Z`);
  return at;
};

/** API keys. */
export const keyRoutes = (api: Http, { registry, may, changesBy }: ApiParts): void => {
  api.get(
    '/keys',
    {
      ...may.administer,
      schema: {
        tags,
        operationId: 'listKeys',
        summary: 'List API keys',
        description: 'All, also those that are over, without secrets, in order of id. Needs `administer`.',
        querystring: closed(pageQuery),
        response: {
          200: closed({ keys: Type.Array(KeyOut), next: Next }, { description: 'A page of keys' }),
          ...problems(),
        },
      },
    },
    (request, reply) => {
      const used = registry.keyUse();
      const { page, next } = pageOf(registry.keys(), ({ id }) => id, request.query);
      return { keys: page.map((key) => keyOut(key, used)), next: linkNext(request, reply, next) };
    },
  );
  api.post(
    '/keys',
    {
      ...may.administer,
      schema: {
        tags,
        operationId: 'createKey',
        summary: 'Make an API key',
        description: 'Its secret is in this answer and never again. Needs `administer`.',
        body: closed({
          name: Type.String({ maxLength: 120, description: 'Whom or what it is for' }),
          role: oneOf(roles),
          scopes: Type.Optional(Type.Array(oneOf(scopes), { description: "Some of the role's; all unless given" })),
          expiresAt: Type.Optional(Type.String({ maxLength: 40, description: 'A time ahead; never unless given' })),
        }),
        response: { 201: closed({ key: KeyOut, secret: Type.String() }, { description: 'Made' }), ...problems() },
      },
    },
    async (request, reply) => {
      const { expiresAt, ...wanted } = request.body;
      const { key, secret } = await changesBy(request).createKey({
        ...wanted,
        ...(expiresAt === undefined ? {} : { expiresAt: endOf(expiresAt) }),
      });
      return reply
        .status(201)
        .header('Cache-Control', 'no-store')
        .send({ key: keyOut(key, new Map()), secret });
    },
  );
  api.delete(
    '/keys/:id',
    {
      ...may.administer,
      schema: {
        tags,
        operationId: 'revokeKey',
        summary: 'Revoke an API key',
        description: 'From now on it opens nothing; it stays in the list. Needs `administer`.',
        params: closed({ id: Type.String({ maxLength: 64 }) }),
        response: { 204: Type.Null({ description: 'Revoked' }), ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      await changesBy(request).revokeKey(request.params.id);
      return reply.status(204).send(null);
    },
  );
};
