import type { House } from './house.ts';
import type { Fault, Row } from './route-row.ts';

/** Ids that rows name are made known by what is written into these addresses before the rows run. */
const ids = { spare: '', joined: '', key: '', spent: '' };

/** Accounts and keys that the rows need. */
export const prepareAccounts = async ({ registry }: House): Promise<void> => {
  ids.spare = (await registry.inviteAccount({ email: 'spare@example.org', role: 'viewer' })).account.id;
  const { account, link } = await registry.inviteAccount({ email: 'joined@example.org', role: 'viewer' });
  await registry.joinByLink(link.token, { name: 'Joined', email: '', hash: 'x' });
  ids.joined = account.id;
  ids.key = (await registry.createKey({ name: 'to be revoked', role: 'viewer' })).key.id;
  ids.spent = (await registry.createKey({ name: 'revoked', role: 'viewer' })).key.id;
  await registry.revokeKey(ids.spent);
};

const noAccount = (path: string, body?: object): Fault => ({
  when: 'there is no such account',
  path,
  ...(body === undefined ? {} : { body }),
  status: 404,
  code: 'account-unknown',
});
const badPage: readonly Fault[] = [
  { when: 'the limit is no number', path: '?limit=many', status: 400, code: 'request-invalid', names: 'limit' },
  { when: 'the cursor was never given', path: '?cursor=nonsense', status: 400, code: 'cursor-invalid' },
];

export const accountRows: readonly Row[] = [
  {
    route: 'GET /api/v1/me',
    scope: 'read',
    path: '/api/v1/me',
    status: 200,
    has: ['kind', 'id', 'name', 'role', 'scopes'],
  },
  {
    route: 'GET /api/v1/accounts',
    scope: 'administer',
    path: '/api/v1/accounts',
    status: 200,
    has: ['accounts', 'next'],
    faults: badPage,
  },
  {
    route: 'POST /api/v1/accounts',
    scope: 'administer',
    path: '/api/v1/accounts',
    body: { email: 'new@example.org', role: 'engineer' },
    status: 201,
    has: ['account', 'link'],
    faults: [
      { when: 'the address is none', body: { email: 'nobody', role: 'viewer' }, status: 400, code: 'email-invalid' },
      {
        when: 'the role is for programs',
        body: { email: 'a@example.org', role: 'network-server' },
        status: 400,
        code: 'request-invalid',
        names: 'role',
      },
      {
        when: 'the account is active already',
        body: { email: 'JOINED@example.org', role: 'viewer' },
        status: 409,
        code: 'account-exists',
      },
      {
        when: 'a password is sent',
        body: { email: 'a@example.org', role: 'viewer', password: 'x' },
        status: 400,
        code: 'request-invalid',
        names: 'password',
      },
    ],
  },
  {
    route: 'PATCH /api/v1/accounts/:id',
    scope: 'administer',
    get path() {
      return `/api/v1/accounts/${ids.joined}`;
    },
    body: { role: 'operator' },
    status: 200,
    has: ['id', 'role', 'status'],
    faults: [
      noAccount('/api/v1/accounts/nobody', { role: 'viewer' }),
      { when: 'nothing is to change', body: {}, status: 400, code: 'request-invalid' },
      {
        when: 'it is enabled and was not disabled',
        body: { status: 'active' },
        status: 409,
        code: 'account-not-disabled',
      },
    ],
  },
  {
    route: 'POST /api/v1/accounts/:id/reset',
    scope: 'administer',
    get path() {
      return `/api/v1/accounts/${ids.joined}/reset`;
    },
    status: 201,
    has: ['account', 'link'],
    faults: [
      noAccount('/api/v1/accounts/nobody/reset'),
      {
        when: 'it was never accepted',
        get path() {
          return `/api/v1/accounts/${ids.spare}/reset`;
        },
        status: 409,
        code: 'account-not-active',
      },
    ],
  },
  {
    route: 'GET /api/v1/keys',
    scope: 'administer',
    path: '/api/v1/keys',
    status: 200,
    has: ['keys', 'next'],
    faults: badPage,
  },
  {
    route: 'POST /api/v1/keys',
    scope: 'administer',
    path: '/api/v1/keys',
    body: { name: 'a wall', role: 'engineer', scopes: ['read'], expiresAt: '2030-01-01T00:00:00Z' },
    status: 201,
    has: ['key', 'secret'],
    faults: [
      {
        when: 'a scope is not of its role',
        body: { name: 'x', role: 'viewer', scopes: ['manage'] },
        status: 400,
        code: 'scopes-invalid',
        names: 'manage',
      },
      { when: 'it has no scope', body: { name: 'x', role: 'viewer', scopes: [] }, status: 400, code: 'scopes-invalid' },
      {
        when: 'it is over already',
        body: { name: 'x', role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' },
        status: 400,
        code: 'expiry-invalid',
      },
      {
        when: 'its end is no time',
        body: { name: 'x', role: 'viewer', expiresAt: 'soon' },
        status: 400,
        code: 'time-invalid',
      },
      { when: 'its name is empty', body: { name: ' ', role: 'viewer' }, status: 400, code: 'name-invalid' },
    ],
  },
  {
    route: 'DELETE /api/v1/keys/:id',
    scope: 'administer',
    get path() {
      return `/api/v1/keys/${ids.key}`;
    },
    status: 204,
    faults: [
      { when: 'there is no such key', path: '/api/v1/keys/nothing', status: 404, code: 'key-unknown' },
      {
        when: 'it is revoked already',
        get path() {
          return `/api/v1/keys/${ids.spent}`;
        },
        status: 409,
        code: 'key-revoked',
      },
    ],
  },
];
