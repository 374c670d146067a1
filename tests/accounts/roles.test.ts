import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { personRoles, scopesOf, type PersonRole } from '../../infra/registry/contract.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { apiNeeds } from './api-needs.ts';
import type { Need } from './need.ts';
import { pageNeeds } from './page-needs.ts';
import { GOOD_PASSWORD } from './visitor.ts';

/**
 * Every route of the dashboard's server and what it needs; a route without a row here is a failure, so that none can be
 * added without somebody deciding who may use it.
 */
const needs = [...pageNeeds, ...apiNeeds];

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
