import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mappedRole, roleMap } from '../../dashboard/accounts/mapped-role.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { freePort } from '../servers/daemon.ts';
import { openProvider, type OwnProvider } from './provider.ts';
import { joinBy, openVisitor, type Seen, type Visitor } from './visitor.ts';

let provider: OwnProvider;
let house: House;
let front: ReturnType<typeof createServer>;
let base = '';

/** The server of a test listens on a port that nobody knows before; what people reach stands before it, as a proxy does. */
beforeAll(async () => {
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  provider = await openProvider(() => [`${base}/sign-in/elsewhere/back`]);
  house = await openHouse({
    env: {
      KERBSIDE_HTTP_PUBLIC_URL: base,
      KERBSIDE_OIDC_ISSUER: provider.issuer,
      KERBSIDE_OIDC_CLIENT_ID: 'kerbside',
      KERBSIDE_OIDC_CLIENT_SECRET: 'a secret of at least thirty-two characters',
      KERBSIDE_OIDC_ROLES: 'Sensors.Admins=administrator,Sensors.Staff=viewer,Sensors.Field=engineer',
      KERBSIDE_OIDC_NAME: 'the borough',
    },
  });
  front = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void (async () => {
        const headers = Object.entries(request.headers).flatMap(([name, value]) =>
          typeof value === 'string' && !['host', 'connection', 'content-length', 'transfer-encoding'].includes(name)
            ? [[name, value] as [string, string]]
            : [],
        );
        const answer = await fetch(`${house.url}${request.url ?? '/'}`, {
          method: request.method ?? 'GET',
          headers: [...headers, ['sec-fetch-site', 'same-origin'], ['x-sent-to', 'front']],
          redirect: 'manual',
          ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
        });
        response.statusCode = answer.status;
        for (const [name, value] of answer.headers)
          if (!['content-length', 'set-cookie', 'connection', 'transfer-encoding'].includes(name))
            response.setHeader(name, value);
        response.setHeader('set-cookie', answer.headers.getSetCookie());
        response.end(Buffer.from(await answer.arrayBuffer()));
      })();
    });
  });
  await new Promise<void>((resolve) => front.listen(port, '127.0.0.1', resolve));
  provider.people.set('ada', {
    email: 'Ada@example.org',
    name: 'Ada Brightwater',
    roles: ['Sensors.Admins', 'Sensors.Staff'],
  });
  provider.people.set('eve', { email: 'eve@example.org', name: 'Eve Marsh', roles: ['Sensors.Field'] });
  provider.people.set('mallory', { email: 'mallory@example.org', name: 'Mallory', roles: ['Payroll.Admins'] });
  provider.people.set('thief', { email: 'own@example.org', name: 'Thief', roles: ['Sensors.Admins'] });
  provider.people.set('nameless', { roles: ['Sensors.Staff'] });
});
afterAll(async () => {
  front.closeAllConnections();
  front.close();
  await house.close();
  await provider.close();
});
beforeEach(() => {
  provider.tamper = undefined;
});

/** Goes there as somebody; answers the address with which the browser comes back. */
const comeBack = async (visitor: Visitor, who: string, from = '/sign-in/elsewhere'): Promise<string> => {
  provider.who = who;
  let to = (await visitor.get(from)).path;
  const there = openVisitor(provider.issuer);
  for (let hops = 0; hops < 8; hops += 1) {
    const url = new URL(to);
    if (url.origin === base) return `${url.pathname}${url.search}`;
    to = (await there.get(`${url.pathname}${url.search}`)).path;
  }
  throw new Error(`never came back: ${to}`);
};
const signInThere = async (visitor: Visitor, who: string, from?: string): Promise<Seen> =>
  visitor.get(await comeBack(visitor, who, from));

/** The same token with other claims, which the service itself has signed: only the claims are wrong. */
const saying = (change: Record<string, unknown>) => (answer: Record<string, unknown>) => ({
  ...answer,
  id_token: provider.resigned(String(answer['id_token']), change),
});
/** The middle part of a token, altered; its signature is then of something else. */
const withClaims = (change: Record<string, unknown>) => (answer: Record<string, unknown>) => {
  const [head = '', body = '', signature = ''] = String(answer['id_token']).split('.');
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(body, 'base64url').toString());
  return {
    ...answer,
    id_token: [head, Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url'), signature].join('.'),
  };
};

describe('signing in by another service', () => {
  test('makes an account with the role that its words give, and goes where one wanted to', async () => {
    const ada = openVisitor(base);
    expect((await ada.get('/sign-in')).text).toContain('Sign in with the borough');
    const seen = await signInThere(ada, 'ada', '/sign-in/elsewhere?back=%2Fmanage');
    expect([seen.status, seen.path]).toEqual([200, '/manage']);
    expect(house.registry.accounts()).toMatchObject([
      { email: 'ada@example.org', name: 'Ada Brightwater', role: 'administrator', elsewhere: true },
    ]);
    expect(ada.cookies.has('kerbside-elsewhere')).toBe(false);
  });

  test('signing out ends the session here, and says how to sign out there', async () => {
    const ada = openVisitor(base);
    await signInThere(ada, 'ada');
    const out = await ada.send(await ada.get('/account'), '/sign-out');
    expect(out.text).toContain(`${provider.issuer}/session/end`);
    expect((await ada.get('/account')).path).toContain('/sign-in');
  });

  test('nobody without a role here has an account, and one who lost his is out at once', async () => {
    const mallory = openVisitor(base);
    const seen = await signInThere(mallory, 'mallory');
    expect(seen.status).toBe(403);
    expect(seen.text).toContain('you have no role here');
    expect((await house.metrics.signIns.get()).values).toContainEqual({
      labels: { by: 'elsewhere', outcome: 'wrong' },
      value: 1,
    });
    expect(house.registry.accountByEmail('mallory@example.org')).toBeUndefined();
    const [eve, later] = [openVisitor(base), openVisitor(base)];
    expect((await signInThere(eve, 'eve')).path).toBe('/');
    provider.people.set('eve', { email: 'eve@example.org', name: 'Eve Marsh', roles: [] });
    expect((await signInThere(later, 'eve')).status).toBe(403);
    expect((await eve.get('/account')).path).toContain('/sign-in');
    provider.people.set('eve', { email: 'eve@example.org', name: 'Eve Marsh', roles: ['Sensors.Staff'] });
    expect((await signInThere(later, 'eve')).path).toBe('/');
    expect(house.registry.accountByEmail('eve@example.org')?.account.role).toBe('viewer');
  });

  test('an address there is no proof for an account here: it is not taken over', async () => {
    const { link } = await house.registry.inviteAccount({ email: 'own@example.org', role: 'viewer' });
    await joinBy(openVisitor(base), link.token, { name: 'Olive Stone' });
    const seen = await signInThere(openVisitor(base), 'thief');
    expect(seen.status).toBe(403);
    expect(seen.text).toContain('has an account of its own here');
    expect(house.registry.accountByEmail('own@example.org')?.account).toMatchObject({
      name: 'Olive Stone',
      role: 'viewer',
      elsewhere: false,
    });
  });

  test('who is disabled here stays out, whatever the other service says', async () => {
    const id = house.registry.accountByEmail('eve@example.org')?.account.id ?? '';
    await house.registry.disableAccount(id);
    expect((await signInThere(openVisitor(base), 'eve')).text).toContain('is disabled here');
    await house.registry.enableAccount(id);
  });

  test('who has no address there is not let in', async () => {
    expect((await signInThere(openVisitor(base), 'nameless')).text).toContain('must give an e-mail address');
  });
});

describe('an answer that is not to be believed', () => {
  /** What somebody is told, and whether he is signed in after all. */
  const told = async (visitor: Visitor, path: string) => {
    const { status, text } = await visitor.get(path);
    return {
      status,
      words: /href="#email">([^<]*)</.exec(text)?.[1] ?? '',
      signedIn: visitor.cookies.has('kerbside-session'),
    };
  };
  const saysNo = (words: string) => ({ status: 403, words: expect.stringContaining(words), signedIn: false });
  const unbelieved = 'could not be believed';

  test.each([
    ['of another issuer', { iss: 'https://login.example/other/v2.0' }],
    ['for somebody else', { aud: 'another-client' }],
    ['for another sign-in', { nonce: 'another' }],
    ['without a nonce', { nonce: undefined }],
    ['that is over', { exp: 1_000_000_000 }],
  ])('a token %s', async (_what, change) => {
    const visitor = openVisitor(base);
    const back = await comeBack(visitor, 'eve');
    provider.tamper = saying(change);
    expect(await told(visitor, back)).toEqual(saysNo(unbelieved));
  });

  test('a token whose roles were changed on the way; what the service itself signs is believed', async () => {
    const [visitor, other] = [openVisitor(base), openVisitor(base)];
    const back = await comeBack(visitor, 'eve');
    provider.tamper = withClaims({ roles: ['Sensors.Admins'] });
    expect(await told(visitor, back)).toEqual(saysNo(unbelieved));
    const sound = await comeBack(other, 'eve');
    provider.tamper = saying({ roles: ['Sensors.Field'] });
    expect((await other.get(sound)).path).toBe('/');
    expect(house.registry.accountByEmail('eve@example.org')?.account.role).toBe('engineer');
  });

  test('a token with the algorithm "none"', async () => {
    const visitor = openVisitor(base);
    const back = await comeBack(visitor, 'eve');
    provider.tamper = (answer) => {
      const [, body = ''] = String(answer['id_token']).split('.');
      return { ...answer, id_token: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.` };
    };
    expect(await told(visitor, back)).toEqual(saysNo(unbelieved));
  });

  test('no token at all', async () => {
    const visitor = openVisitor(base);
    const back = await comeBack(visitor, 'eve');
    provider.tamper = ({ id_token: _none, ...answer }) => answer;
    expect(await told(visitor, back)).toEqual(saysNo(unbelieved));
  });

  test('another state, another issuer in the answer, a refusal there, a code that was used', async () => {
    const visitor = openVisitor(base);
    const back = new URL(await comeBack(visitor, 'eve'), base);
    const altered = (name: string, value: string): string => {
      const url = new URL(back);
      url.searchParams.set(name, value);
      return `${url.pathname}${url.search}`;
    };
    const cookie = visitor.cookies.get('kerbside-elsewhere') ?? '';
    const again = () => visitor.cookies.set('kerbside-elsewhere', cookie);
    expect(await told(visitor, altered('state', 'x'))).toEqual(saysNo(unbelieved));
    again();
    expect(await told(visitor, altered('iss', 'https://evil.example'))).toEqual(saysNo(unbelieved));
    again();
    const url = new URL(back);
    url.searchParams.delete('code');
    url.searchParams.set('error', 'access_denied');
    expect(await told(visitor, `${url.pathname}${url.search}`)).toEqual(saysNo('did not sign you in'));
    again();
    expect((await visitor.get(`${back.pathname}${back.search}`)).path).toBe('/');
    const second = openVisitor(base);
    second.cookies.set('kerbside-elsewhere', cookie);
    expect(await told(second, `${back.pathname}${back.search}`)).toEqual(saysNo('did not sign you in'));
  });

  test('in a browser that did not begin it, or with a cookie that was altered', async () => {
    const visitor = openVisitor(base);
    const back = await comeBack(visitor, 'eve');
    expect(await told(openVisitor(base), back)).toEqual(saysNo('was not begun here'));
    const cookie = visitor.cookies.get('kerbside-elsewhere') ?? '';
    visitor.cookies.set('kerbside-elsewhere', `${cookie.slice(0, -4)}AAAA`);
    expect(await told(visitor, back)).toEqual(saysNo('was not begun here'));
  });
});

test('of several roles the one counts that may most, and words that only look like one are none', () => {
  const map = roleMap('A=viewer,B=administrator,C D=engineer');
  expect(mappedRole(['A', 'C D'], map)).toBe('engineer');
  expect(mappedRole('B', map)).toBe('administrator');
  for (const claim of [undefined, null, [], {}, 'b', ['a'], ['constructor'], [['B']], 7])
    expect(mappedRole(claim, map)).toBeUndefined();
});

test("an issuer that is anybody's, without TLS, or half configured, is refused at the start", () => {
  const env = {
    KERBSIDE_OIDC_CLIENT_ID: 'x',
    KERBSIDE_OIDC_CLIENT_SECRET: 'x',
    KERBSIDE_OIDC_ROLES: 'A=viewer',
    KERBSIDE_HTTP_PUBLIC_URL: 'https://x.example',
  };
  const read = (more: Record<string, string>) => () => readConfig({ env: { ...env, ...more } });
  expect(
    read({ KERBSIDE_OIDC_ISSUER: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0' }),
  ).not.toThrow();
  expect(read({ KERBSIDE_OIDC_ISSUER: 'https://login.microsoftonline.com/common/v2.0' })).toThrow(
    'must name one tenant',
  );
  expect(read({ KERBSIDE_OIDC_ISSUER: 'http://login.example.org' })).toThrow('must begin with https');
  expect(read({ KERBSIDE_OIDC_ISSUER: 'https://login.example.org', KERBSIDE_OIDC_ROLES: '' })).toThrow('oidc.roles');
  expect(read({ KERBSIDE_OIDC_ROLES: 'A=king' })).toThrow('oidc.roles');
});
