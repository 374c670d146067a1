import { Type, type Static } from 'typebox';
import { credentialId, Invalid, iso } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { credentialKinds, KEEP_OLD_TOKEN_MS, type Credential } from '../../infra/registry/contract.ts';
import { isoOrNull, oneOf, textOrNull, time, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { deviceOf, Id, Token } from './device-shapes.ts';
import { durationMs } from './duration.ts';
import type { ApiParts } from './parts.ts';

const tags = ['devices'];

const CredentialOut = closed(
  {
    id: Type.String({ description: 'For revoking it; it signs nobody in' }),
    kind: oneOf(credentialKinds),
    createdAt: time('When it was made, or registered'),
    expiresAt: timeOrNull('Until when it is good; null until it is revoked'),
    fingerprint: textOrNull({ description: 'Of a certificate: its SHA-256, hexadecimal' }),
  },
  { description: 'One way in which a device signs in' },
);
const credentialOut = ({ id, kind, createdAt, expiresAt, fingerprint }: Credential): Static<typeof CredentialOut> => ({
  id,
  kind,
  createdAt: iso(createdAt),
  expiresAt: isoOrNull(expiresAt),
  fingerprint: fingerprint ?? null,
});

/** `7d`, or `0` for at once. @throws Invalid (`duration-invalid`). */
const keepOldOf = (text: string): number => {
  const ms = text === '0' ? 0 : durationMs(text);
  if (ms === undefined)
    throw new Invalid(
      'duration-invalid',
      `keepOld: ${JSON.stringify(text)} is not 0 or a length of time such as 12h or 7d`,
    );
  return ms;
};

/** What a device signs in with: listed without secrets, rotated, added, taken back. */
export const credentialRoutes = (api: Http, { registry, may, changesBy }: ApiParts): void => {
  api.get(
    '/devices/:id/credentials',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'listCredentials',
        summary: 'What a device may sign in with',
        description: 'Those that are good now, without secrets. Needs `manage`.',
        params: Id,
        response: {
          200: closed({ credentials: Type.Array(CredentialOut) }, { description: 'Oldest first' }),
          ...problems(404),
        },
      },
    },
    (request) => ({
      credentials: registry.credentials(deviceOf(registry, request.params.id).id).map(credentialOut),
    }),
  );
  api.post(
    '/devices/:id/token',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'rotateToken',
        summary: 'Make a new token',
        description: 'The old one stays good for `keepOld`, so that the device can be told. Needs `manage`.',
        params: Id,
        body: closed({
          keepOld: Type.Optional(
            Type.String({
              maxLength: 20,
              description: `How long, such as 12h, or 0; ${KEEP_OLD_TOKEN_MS / 86_400_000} days unless given`,
            }),
          ),
        }),
        response: {
          201: closed({ token: Token, credential: CredentialOut }, { description: 'The new token' }),
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const { keepOld } = request.body;
      const { id } = deviceOf(registry, request.params.id);
      const { credential, token } = await changesBy(request).rotateToken(
        id,
        keepOld === undefined ? undefined : keepOldOf(keepOld),
      );
      return reply
        .status(201)
        .header('Cache-Control', 'no-store')
        .send({ token, credential: credentialOut(credential) });
    },
  );
  api.post(
    '/devices/:id/certificates',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'addCertificate',
        summary: 'Register a client certificate',
        description:
          'Whoever has its private key may then sign in over MQTT with TLS, without a token. Needs `manage`.',
        params: Id,
        body: closed({ pem: Type.String({ maxLength: 20_000, description: 'One X.509 certificate in PEM' }) }),
        response: { 201: { ...CredentialOut, description: 'Registered' }, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = deviceOf(registry, request.params.id);
      return reply.status(201).send(credentialOut(await changesBy(request).addCertificate(id, request.body.pem)));
    },
  );
  api.delete(
    '/devices/:id/credentials/:credential',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'revokeCredential',
        summary: 'Take a credential back',
        description: 'Connections that signed in with it end within seconds. `all` takes back all. Needs `manage`.',
        params: closed({ id: Type.String(), credential: Type.String({ description: 'Its id, or `all`' }) }),
        response: { 204: Type.Null({ description: 'Taken back' }), ...problems(404) },
      },
    },
    async (request, reply) => {
      const { credential } = request.params;
      const { id } = deviceOf(registry, request.params.id);
      await changesBy(request).revoke(id, credential === 'all' ? 'all' : credentialId(credential));
      return reply.status(204).send(null);
    },
  );
};
