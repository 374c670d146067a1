import { Type, type Static } from 'typebox';
import { iso, NotFound } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { accountStatuses, personRoles, roles, scopes, type Account, type Link } from '../../infra/registry/contract.ts';
import { isoOrNull, oneOf, time, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';

const tags = ['accounts'];

const AccountOut = closed(
  {
    id: Type.String(),
    email: Type.String(),
    name: Type.String(),
    role: oneOf(personRoles),
    status: oneOf(accountStatuses),
    secondFactor: Type.Boolean({ description: 'Whether a code of an app is asked for beside the password' }),
    elsewhere: Type.Boolean({ description: 'Whether it signs in by OpenID Connect' }),
    createdAt: time('When it was made or invited'),
    signedInAt: timeOrNull('When it last signed in'),
  },
  { description: 'Somebody who may sign in, or was invited to' },
);
const LinkOut = closed({
  path: Type.String({ description: 'The path of the link, to be sent behind the address of this server; good once' }),
  expiresAt: time('Until when'),
});
const Id = closed({ id: Type.String({ maxLength: 64 }) });

const accountOut = ({ createdAt, signedInAt, ...account }: Account): Static<typeof AccountOut> => ({
  ...account,
  createdAt: iso(createdAt),
  signedInAt: isoOrNull(signedInAt),
});
const linkOut = ({ token, expiresAt }: Link): Static<typeof LinkOut> => ({
  path: `/join/${token}`,
  expiresAt: iso(expiresAt),
});

/** Accounts of people, and who asks. */
export const accountRoutes = (api: Http, parts: ApiParts): void => {
  const { registry, may, changesBy, identityOf } = parts;
  api.get(
    '/me',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'getMe',
        summary: 'Who asks',
        description: 'The key or the account with which the request came, and what it may. Needs `read`.',
        response: {
          200: closed({
            kind: oneOf(['account', 'key'] as const),
            id: Type.String(),
            name: Type.String(),
            role: oneOf(roles),
            scopes: Type.Array(oneOf(scopes)),
          }),
          ...problems(),
        },
      },
    },
    (request) => {
      const who = identityOf(request);
      const { id, name, role } =
        who.kind === 'key' ? who.key : who.kind === 'person' ? who.session.account : nobodyAsks();
      return {
        kind: who.kind === 'key' ? ('key' as const) : ('account' as const),
        id,
        name,
        role,
        scopes: [...who.scopes],
      };
    },
  );
  api.get(
    '/accounts',
    {
      ...may.administer,
      schema: {
        tags,
        operationId: 'listAccounts',
        summary: 'List accounts',
        description: 'In order of e-mail address. Needs `administer`.',
        querystring: closed(pageQuery),
        response: {
          200: closed({ accounts: Type.Array(AccountOut), next: Next }, { description: 'A page of accounts' }),
          ...problems(),
        },
      },
    },
    (request, reply) => {
      const { page, next } = pageOf(registry.accounts(), ({ email }) => email, request.query);
      return { accounts: page.map(accountOut), next: linkNext(request, reply, next) };
    },
  );
  api.post(
    '/accounts',
    {
      ...may.administer,
      schema: {
        tags,
        operationId: 'inviteAccount',
        summary: 'Invite somebody',
        description:
          'Answers a link to send: no mail is sent. Again, it answers a new link, and the old one is good no more. Needs `administer`.',
        body: closed({
          email: Type.String({ maxLength: 254 }),
          role: oneOf(personRoles),
          name: Type.Optional(Type.String({ maxLength: 120 })),
        }),
        response: { 201: closed({ account: AccountOut, link: LinkOut }, { description: 'Invited' }), ...problems(409) },
      },
    },
    async (request, reply) => {
      const { account, link } = await changesBy(request).inviteAccount(request.body);
      return reply
        .status(201)
        .header('Cache-Control', 'no-store')
        .send({ account: accountOut(account), link: linkOut(link) });
    },
  );
  changeRoutes(api, parts);
};

const nobodyAsks = (): never => {
  throw new NotFound('account-unknown', 'Nobody asks');
};

const changeRoutes = (api: Http, { may, changesBy, registry }: ApiParts): void => {
  api.patch(
    '/accounts/:id',
    {
      ...may.administer,
      schema: {
        tags,
        operationId: 'changeAccount',
        summary: 'Change the role of an account, disable or enable it',
        description: 'Its sessions end at once. Needs `administer`.',
        params: Id,
        body: Type.Object(
          { role: Type.Optional(oneOf(personRoles)), status: Type.Optional(oneOf(['active', 'disabled'] as const)) },
          { additionalProperties: false, minProperties: 1 },
        ),
        response: { 200: { description: 'As it is now', ...AccountOut }, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { role, status } = request.body;
      const changes = changesBy(request);
      if (role !== undefined) await changes.setAccountRole(id, role);
      if (status === 'disabled') await changes.disableAccount(id);
      if (status === 'active') await changes.enableAccount(id);
      const account = registry.account(id);
      if (account === undefined)
        throw new NotFound('account-unknown', `there is no account with the id ${JSON.stringify(id)}`);
      return reply.send(accountOut(account));
    },
  );
  api.post(
    '/accounts/:id/reset',
    {
      ...may.administer,
      schema: {
        tags,
        operationId: 'resetAccount',
        summary: 'Make a link for a new password',
        description: 'The old password, the second factor and all sessions end at once. Needs `administer`.',
        params: Id,
        response: {
          201: closed({ account: AccountOut, link: LinkOut }, { description: 'Reset' }),
          ...problems(404, 409),
        },
      },
    },
    async (request, reply) => {
      const { account, link } = await changesBy(request).resetAccount(request.params.id);
      return reply
        .status(201)
        .header('Cache-Control', 'no-store')
        .send({ account: accountOut(account), link: linkOut(link) });
    },
  );
};
