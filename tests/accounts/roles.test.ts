import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { personRoles, scopesOf, type PersonRole, type Scope } from '../../infra/registry/contract.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { GOOD_PASSWORD } from './visitor.ts';

/** What a route asks of whoever comes. `open`: everybody; `person`: whoever is signed in, and no key. */
type Need = 'open' | 'see' | 'person' | Scope;

/**
 * Every route of the dashboard's server and what it needs; a route without a row here is a failure, so that none can be
 * added without somebody deciding who may use it.
 */
const needs: readonly (readonly [need: Need, routes: readonly string[]])[] = [
  [
    'open',
    [
      'GET /assets/*',
      'GET /theme/colours.css',
      'GET /theme/logo',
      'GET /accessibility',
      'GET /*',
      'GET /api/v1/openapi.json',
      'GET /api/docs',
      'GET /api/docs/json',
      'GET /api/docs/yaml',
      'GET /api/docs/static/*',
      'GET /api/docs/static/index.html',
      'GET /api/docs/static/swagger-initializer.js',
      'GET /sign-in',
      'POST /sign-in',
      'GET /sign-in/code',
      'POST /sign-in/code',
      'GET /sign-in/second-factor',
      'POST /sign-in/second-factor',
      'GET /sign-in/elsewhere',
      'GET /sign-in/elsewhere/back',
      'POST /sign-out',
      'GET /signed-out',
      'GET /join/:token',
      'POST /join/:token',
    ],
  ],
  [
    'see',
    [
      'GET /api/v1/sites',
      'GET /api/v1/sites/:id',
      'GET /api/v1/observations',
      'GET /api/v1/observations/latest',
      'GET /api/v1/alerts',
      'GET /api/v1/alerts/:id',
      'GET /api/v1/status',
      'GET /api/v1/quantities',
    ],
  ],
  [
    'read',
    [
      'GET /',
      'GET /map',
      'GET /map/sites',
      'GET /map/boundaries',
      'GET /map/tiles',
      'GET /compare',
      'GET /compare.csv',
      'GET /wall',
      'GET /sites/:id',
      'GET /sites/:id/values.csv',
      'GET /sites/:id/counts.csv',
      'GET /devices/:id/values.csv',
      'GET /devices',
      'GET /devices/:id',
      'GET /devices/:id/explain',
      'GET /gateways',
      'GET /gateways/:id',
      'GET /alerts',
      'GET /alerts/:id',
      'GET /alerts/:id/values.csv',
      'GET /rules',
    ],
  ],
  [
    'person',
    [
      'GET /account',
      'POST /account/password',
      'POST /account/sessions/end',
      'POST /account/second-factor/off',
      'GET /account/second-factor',
      'POST /account/second-factor',
    ],
  ],
  [
    'operate',
    [
      'POST /api/v1/alerts/:id/acknowledge',
      'POST /api/v1/alerts/:id/notes',
      'POST /alerts/:id/acknowledge',
      'POST /alerts/:id/notes',
    ],
  ],
  [
    'manage',
    [
      'GET /new-rule',
      'POST /new-rule',
      'GET /rules/:id',
      'POST /rules/:id',
      'POST /rules/:id/enable',
      'POST /rules/:id/disable',
      'POST /rules/:id/remove',
      'PATCH /api/v1/rules/:id',
      'POST /api/v1/rules/trial',
    ],
  ],
  [
    'read',
    [
      'GET /engineer',
      'GET /engineer/devices/:id',
      'GET /engineer/devices/:id/calibrations',
      'GET /engineer/quarantine',
      'GET /engineer/quarantine/:id',
      'GET /engineer/reprocess',
      'GET /engineer/reprocess/:id',
      'GET /engineer/codecs',
      'POST /engineer/codecs',
      'GET /engineer/health',
      'GET /engineer/health.csv',
    ],
  ],
  [
    'manage',
    [
      'GET /engineer/register',
      'POST /engineer/register',
      'GET /engineer/register/model',
      'POST /engineer/register/model',
      'GET /engineer/register/name',
      'POST /engineer/register/name',
      'GET /engineer/register/place',
      'POST /engineer/register/place',
      'GET /engineer/register/keys',
      'GET /engineer/register/check',
      'POST /engineer/register/check',
      'GET /engineer/devices/:id/status',
      'POST /engineer/devices/:id/status',
      'GET /engineer/devices/:id/replace',
      'POST /engineer/devices/:id/replace',
      'GET /engineer/devices/:id/password',
      'POST /engineer/devices/:id/password',
      'GET /engineer/devices/:id/network',
      'POST /engineer/devices/:id/network',
      'GET /gateways/:id/name',
      'POST /gateways/:id/name',
      'POST /engineer/health',
      'POST /engineer/codecs/cases',
      'POST /engineer/codecs/cases/:id/remove',
      'POST /engineer/quarantine/redrive',
      'POST /engineer/quarantine/:id/redrive',
      'GET /engineer/import',
      'POST /engineer/import',
      'GET /engineer/import/:id',
      'POST /engineer/import/:id',
      'GET /engineer/import/:id/bad-rows',
      'GET /engineer/devices/:id/calibrations/add',
      'POST /engineer/devices/:id/calibrations/add',
      'GET /engineer/devices/:id/calibrations/fit',
      'POST /engineer/devices/:id/calibrations/:quantity/:version/withdraw',
      'POST /engineer/reprocess',
      'POST /engineer/reprocess/:id/cancel',
      'GET /engineer/codecs/compare',
      'POST /engineer/codecs/compare',
    ],
  ],
  ['manage', ['GET /manage', 'GET /manage/audit', 'GET /manage/publish', 'POST /manage/publish']],
  [
    'manage',
    [
      'POST /api/v1/reprocessing',
      'POST /api/v1/reprocessing/:id/cancel',
      'DELETE /api/v1/devices/:id',
      'DELETE /api/v1/devices/:id/credentials/:credential',
      'DELETE /api/v1/devices/:id/lorawan-keys',
      'DELETE /api/v1/rules/:id',
      'GET /api/v1/audit',
      'GET /api/v1/devices/:id/credentials',
      'GET /api/v1/devices/:id/downlinks',
      'GET /api/v1/devices/:id/lorawan-keys',
      'GET /api/v1/devices/template',
      'GET /api/v1/network-servers/:name/inventory',
      'PATCH /api/v1/devices/:id',
      'PATCH /api/v1/gateways/:id',
      'PATCH /api/v1/sites/:id',
      'POST /api/v1/claims/:device',
      'POST /api/v1/devices',
      'POST /api/v1/devices/:id/calibrations',
      'POST /api/v1/devices/:id/calibrations/:quantity/:version/withdraw',
      'POST /api/v1/devices/:id/calibrations/fit',
      'POST /api/v1/devices/:id/certificates',
      'POST /api/v1/devices/:id/deployments',
      'POST /api/v1/devices/:id/downlinks',
      'POST /api/v1/devices/:id/replace',
      'POST /api/v1/devices/:id/token',
      'POST /api/v1/devices/:id/withdraw',
      'POST /api/v1/devices/import',
      'POST /api/v1/network-servers/:name/adopt',
      'POST /api/v1/network-servers/:name/sync',
      'POST /api/v1/quarantine/:id/redrive',
      'POST /api/v1/rules',
      'POST /api/v1/sites',
      'POST /api/v1/profiles/:maker/:model/cases',
      'DELETE /api/v1/profiles/:maker/:model/cases/:name',
      'PUT /api/v1/devices/:id/lorawan-keys',
      'PUT /api/v1/devices/:id/quality',
      'PUT /api/v1/sites/:id/quality',
    ],
  ],
  [
    'administer',
    [
      'GET /manage/accounts',
      'POST /manage/accounts',
      'GET /manage/accounts/:id',
      'POST /manage/accounts/:id/role',
      'POST /manage/accounts/:id/disable',
      'POST /manage/accounts/:id/enable',
      'POST /manage/accounts/:id/reset',
      'GET /manage/keys',
      'POST /manage/keys',
      'POST /manage/keys/:id/revoke',
      'GET /api/v1/accounts',
      'POST /api/v1/accounts',
      'PATCH /api/v1/accounts/:id',
      'POST /api/v1/accounts/:id/reset',
      'GET /api/v1/keys',
      'POST /api/v1/keys',
      'DELETE /api/v1/keys/:id',
    ],
  ],
  [
    'read',
    [
      'GET /api/v1/me',
      'GET /api/v1/averages',
      'GET /api/v1/averages/summary',
      'GET /api/v1/devices',
      'GET /api/v1/devices/:id',
      'GET /api/v1/devices/:id/radio',
      'GET /api/v1/devices/:id/health',
      'GET /api/v1/devices/:id/uplinks',
      'GET /api/v1/devices/:id/deployments',
      'GET /api/v1/devices/:id/calibrations',
      'GET /api/v1/devices/:id/quality',
      'GET /api/v1/footfall',
      'GET /api/v1/gateways',
      'GET /api/v1/gateways/:id',
      'GET /api/v1/gateways/:id/devices',
      'GET /api/v1/indices',
      'GET /api/v1/indices/latest',
      'GET /api/v1/objectives',
      'GET /api/v1/profiles',
      'GET /api/v1/quarantine',
      'GET /api/v1/rules',
      'GET /api/v1/rules/:id',
      'GET /api/v1/sites/:id/deployments',
      'GET /api/v1/sites/:id/quality',
      'GET /api/v1/unregistered',
      'GET /api/v1/claims',
      'GET /api/v1/devices/:id/calibrations/:quantity/:version/plot',
      'GET /api/v1/observations/explain',
      'GET /api/v1/reprocessing',
      'GET /api/v1/reprocessing/:id',
      'POST /api/v1/scans',
      'GET /api/v1/labels',
      'GET /api/v1/network-servers',
      'GET /api/v1/network-servers/:name/devices',
      'GET /api/v1/devices/health',
      'GET /api/v1/devices/:id/preview',
      'GET /api/v1/devices/:id/watch',
      'POST /api/v1/profiles/:maker/:model/decode',
      'GET /api/v1/profiles/:maker/:model/cases',
      'POST /api/v1/codecs/compare',
      'GET /api/v1/footfall/compare',
    ],
  ],
];

const visitors = ['anonymous', ...personRoles] as const;
type Visitor = (typeof visitors)[number];

let house: House;
const keys = new Map<PersonRole, string>();
const sessions = new Map<PersonRole, string>();
beforeAll(async () => {
  house = await openHouse({ env: { KERBSIDE_DASHBOARD_OPEN: 'nothing' } });
  for (const role of personRoles) {
    keys.set(role, (await house.registry.createKey({ name: `a ${role}`, role })).secret);
    const { link } = await house.registry.inviteAccount({ email: `${role}@example.org`, role });
    const account = await house.registry.joinByLink(link.token, {
      name: `The ${role}`,
      email: '',
      hash: `not ${GOOD_PASSWORD}`,
    });
    sessions.set(
      role,
      (
        await house.registry.openSession({
          account: account.id,
          stage: 'full',
          idleMs: 3_600_000,
          lastsMs: 3_600_000,
          address: '::1',
          agent: '',
        })
      ).token,
    );
  }
});
afterAll(() => house.close());

const table = (): ReadonlyMap<string, Need> =>
  new Map(needs.flatMap(([need, routes]) => routes.map((route) => [route, need] as const)));
const ours = (): readonly string[] =>
  house.routes.filter((route) => !route.startsWith('HEAD ') && !route.startsWith('OPTIONS '));

/** Whether this one must be let in, by the table alone. */
const mayPass = (need: Need, visitor: Visitor, by: 'key' | 'session'): boolean => {
  if (need === 'open') return true;
  if (visitor === 'anonymous') return false;
  if (need === 'person') return by === 'session';
  return scopesOf[visitor].includes(need === 'see' ? 'read' : need);
};

/** What a request came to: let in (whatever came of it), not known, or not allowed. */
const outcome = async (
  route: string,
  visitor: Visitor,
  by: 'key' | 'session',
): Promise<'in' | 'unknown' | 'forbidden'> => {
  const [method = 'GET', pattern = '/'] = route.split(' ');
  const path = pattern.replaceAll(/:\w+/g, 'nobody').replace('*', 'nothing-here');
  const token = visitor === 'anonymous' ? undefined : sessions.get(visitor);
  const key = visitor === 'anonymous' ? undefined : keys.get(visitor);
  const form = token === undefined ? '' : house.registry.formToken(token);
  const isForm = !path.startsWith('/api/') && method === 'POST';
  const answer = await fetch(`${house.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      accept: path.startsWith('/api/') ? 'application/json' : 'text/html',
      origin: house.url,
      ...(by === 'key' && key !== undefined ? { authorization: `Bearer ${key}` } : {}),
      ...(by === 'session' && token !== undefined
        ? { cookie: `kerbside-session=${token}`, 'kerbside-form': form }
        : {}),
      ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
    ...(isForm ? { body: new URLSearchParams({ form }).toString() } : {}),
  });
  const to = answer.headers.get('location') ?? '';
  if (answer.status === 401 || (answer.status === 303 && to.startsWith('/sign-in') && !path.startsWith('/sign-in')))
    return 'unknown';
  if (answer.status !== 403) return 'in';
  // A form that was let in as far as its token, which keys and strangers have not.
  const text = await answer.text();
  return text.includes('form-token-wrong') ? 'in' : 'forbidden';
};

test('every route has a row that says who may use it, and every row a route', () => {
  const known = table();
  const missing = ours().filter((route) => !known.has(route));
  expect(missing).toEqual([]);
  expect([...known.keys()].filter((route) => !ours().includes(route))).toEqual([]);
  expect(known.size).toBeGreaterThan(60);
});

describe.each(visitors)('%s', (visitor) => {
  test.each(['key', 'session'] as const)('with a %s comes in exactly where the table says', async (by) => {
    const wrong: string[] = [];
    let asked = 0;
    for (const route of ours()) {
      const need = table().get(route);
      // Signing out ends the session that the others need.
      if (need === undefined || route === 'POST /sign-out') continue;
      const became = await outcome(route, visitor, by);
      const allowed = mayPass(need, visitor, by);
      asked += 1;
      if ((became === 'in') !== allowed) wrong.push(`${route} needs ${need}: ${became}`);
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(100);
  });
});
