import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { ownPath } from '../../dashboard/accounts/own-path.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { GOOD_PASSWORD, joinBy, openVisitor, signIn, type Visitor } from './visitor.ts';

let house: House;
let ada: Visitor;
let eve: Visitor;
const idOf = (email: string): string => house.registry.accountByEmail(email)?.account.id ?? '';
beforeAll(async () => {
  house = await openHouse();
  [ada, eve] = [openVisitor(house.url), openVisitor(house.url)];
  await joinBy(ada, (await house.registry.firstLink()).token);
  await joinBy(
    eve,
    (await house.registry.inviteAccount({ email: 'eve@example.org', role: 'administrator' })).link.token,
    { name: 'Eve Marsh' },
  );
});
afterAll(() => house.close());

const tokenIn = (text: string): string => /name="form" value="([^"]+)"/.exec(text)?.[1] ?? '';
const formToken = async (visitor: Visitor): Promise<string> => tokenIn((await visitor.get('/account')).text);
const posts = (): readonly string[] =>
  house.routes
    .filter((route) => route.startsWith('POST /') && !route.includes(' /api/'))
    .map((route) => route.slice('POST '.length).replaceAll(/:\w+/g, 'nobody'));

describe('a form that changes something', () => {
  test('is taken from our own page with the token of its own session, and in no other way', async () => {
    const [own, others] = [await formToken(ada), await formToken(eve)];
    expect(own).toMatch(/^[\w-]{43}$/);
    expect(own).not.toBe(others);
    const wrong: readonly (readonly [why: string, fields: Record<string, string>, headers: Record<string, string>])[] =
      [
        ['without a token', {}, {}],
        ["with another's token", { form: others }, {}],
        ['with a token that was cut', { form: own.slice(0, -1) }, {}],
        ['from another site', { form: own }, { origin: 'https://evil.example' }],
        ['from a sandbox', { form: own }, { origin: 'null' }],
        ['from another site, as the browser says', { form: own }, { 'sec-fetch-site': 'cross-site' }],
        ['from a neighbour', { form: own }, { 'sec-fetch-site': 'same-site' }],
      ];
    const paths = posts();
    expect(paths.length).toBeGreaterThan(14);
    for (const path of paths) {
      for (const [why, fields, headers] of wrong) {
        const { status, text } = await ada.post(
          path,
          { ...fields, session: '', role: 'viewer', email: 'x@example.org' },
          headers,
        );
        expect([path, why, status]).toEqual([path, why, 403]);
        expect(text).toMatch(/form-token-wrong|origin-foreign/);
      }
    }
    expect((await ada.get('/account')).path).toBe('/account');
    expect(house.registry.accounts()).toHaveLength(2);
  });

  test('a token from before signing in is worth nothing after it', async () => {
    const visitor = openVisitor(house.url);
    const before = await visitor.get('/sign-in');
    await visitor.send(before, '/sign-in', { email: 'ada@example.org', password: GOOD_PASSWORD });
    expect((await visitor.post('/sign-out', { form: tokenIn(before.text) })).status).toBe(403);
    expect((await visitor.get('/account')).path).toBe('/account');
  });

  test('the API takes a session for reading, and for a change only with the token in a header and from here', async () => {
    const cookie = `kerbside-session=${ada.cookies.get('kerbside-session') ?? ''}`;
    const ask = (method: string, headers: Record<string, string>): Promise<Response> =>
      fetch(`${house.url}/api/v1/sites`, {
        method,
        headers: { cookie, 'content-type': 'application/json', ...headers },
        ...(method === 'POST' ? { body: JSON.stringify({ id: `s-${Math.random()}` }) } : {}),
      });
    const form = await formToken(ada);
    expect((await ask('GET', {})).status).toBe(200);
    expect((await ask('GET', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await ask('POST', {})).status).toBe(403);
    expect((await ask('POST', { origin: house.url })).status).toBe(403);
    expect((await ask('POST', { 'kerbside-form': form })).status).toBe(403);
    expect((await ask('POST', { origin: 'https://evil.example', 'kerbside-form': form })).status).toBe(403);
    expect((await ask('POST', { origin: house.url, 'kerbside-form': form })).status).toBe(201);
    expect(
      (await ask('POST', { origin: house.url, 'kerbside-form': form, authorization: 'Bearer kb_wrong' })).status,
    ).toBe(401);
    const [line] = await house.registry.audit({ limit: 1, action: 'site-added' });
    expect(line?.actor).toEqual({ kind: 'account', name: 'Ada Brightwater (ada@example.org)' });
  });

  test("nobody ends another's session, and an administrator's page is nothing to others", async () => {
    const [session] = house.registry.sessions(idOf('eve@example.org'));
    const seen = await ada.send(await ada.get('/account'), '/account/sessions/end', { session: session?.id ?? '' });
    expect(seen.status).toBe(422);
    expect((await eve.get('/account')).path).toBe('/account');
  });
});

describe('who signs in', () => {
  test('is told the same, whether there is such an account or not', async () => {
    const changes = house.registry.as({ kind: 'command-line', name: 'a test' });
    await changes.inviteAccount({ email: 'invited@example.org', role: 'viewer' });
    const said = [];
    for (const email of [
      'ada@example.org',
      'nobody@example.org',
      'invited@example.org',
      '',
      `${'x'.repeat(5_000)}@example.org`,
    ]) {
      const seen = await signIn(openVisitor(house.url), email, 'otter lamp violet');
      said.push([
        seen.status,
        seen.text
          .replaceAll(/value="[^"]*"/g, '')
          .replaceAll(/<time.*?<\/time>/g, '')
          .replaceAll(/data-as-of="\d+"/g, ''),
      ]);
    }
    expect(new Set(said.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(said[0]?.[0]).toBe(422);
  });

  test('waits after five slips, for the same time whether there is such an account or not, and comes in afterwards', async () => {
    // However long the machine takes for each try, all are of the same second.
    house.holdClock();
    for (const email of ['ada@example.org', 'somebody@example.org']) {
      const visitor = openVisitor(house.url);
      const statuses = [];
      for (let n = 0; n < 7; n += 1) statuses.push((await signIn(visitor, email, 'otter lamp violet')).status);
      // Ada's slip of the test before is one of the five.
      expect(statuses.slice(-2)).toEqual([429, 429]);
      expect(statuses.slice(0, 4)).toEqual([422, 422, 422, 422]);
      const seen = await signIn(visitor, email);
      expect(seen.status).toBe(429);
      expect(seen.text).toContain('Too many attempts. Try again in 1 second');
      expect(seen.headers.get('retry-after')).toBe('1');
    }
    house.setNow(instant(house.now() + 2_000));
    expect((await signIn(openVisitor(house.url), 'ada@example.org')).path).toBe('/');
  });

  test('is sent back to a path of this server only', async () => {
    const visitor = openVisitor(house.url);
    const page = await visitor.get('/sign-in?back=%2Fdevices%3Fpage%3D2');
    expect((await visitor.send(page, '/sign-in', { email: 'ada@example.org', password: GOOD_PASSWORD })).path).toBe(
      '/devices?page=2',
    );
    const other = openVisitor(house.url);
    expect(
      (
        await other.send(await other.get('/sign-in'), '/sign-in', {
          email: 'ada@example.org',
          password: GOOD_PASSWORD,
          back: '//evil.example/x',
        })
      ).path,
    ).toBe('/');
  });

  test('whatever is asked for, it is a path of this server', () => {
    const tricks = [
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      'https://evil.example',
      '/..//evil.example',
      'javascript:alert(1)',
      '/%0d%0aSet-Cookie:x',
      '\\/evil.example',
    ];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.webPath(),
          fc.constantFrom(...tricks),
          fc.tuple(fc.constantFrom(...tricks), fc.string()).map((parts) => parts.join('')),
        ),
        (text) => {
          const path = ownPath(text);
          expect(path.startsWith('/') && new URL(path, 'http://here.example').host === 'here.example').toBe(true);
          expect(/[\s\\]/.test(path) || path.startsWith('//')).toBe(false);
        },
      ),
    );
    expect(ownPath('/sites/a?x=1')).toBe('/sites/a?x=1');
  });
});

test('a name that is a script is a name, on every page that says it', async () => {
  const evil = '"><script>alert(1)</script><!--form-->';
  const { link, account } = await house.registry.inviteAccount({
    email: 'evil@example.org',
    role: 'administrator',
    name: evil,
  });
  const visitor = openVisitor(house.url);
  await joinBy(visitor, link.token, { name: evil });
  await house.registry.as({ kind: 'account', name: evil }).createKey({ name: evil, role: 'viewer' });
  await house.registry.addSite({ id: 'evil', name: evil });
  const pages = [
    '/',
    '/account',
    '/manage',
    '/manage/accounts',
    `/manage/accounts/${account.id}`,
    '/manage/keys',
    '/manage/audit',
    `/manage/audit?actor=${encodeURIComponent(evil)}`,
    '/manage/publish',
  ];
  let said = 0;
  for (const path of pages) {
    const { text, status } = await visitor.get(path);
    expect([path, status]).toEqual([path, 200]);
    expect(text).not.toContain('<script>alert');
    said += text.includes('&lt;script&gt;alert(1)&lt;/script&gt;&lt;!--form--&gt;') ? 1 : 0;
  }
  expect(said).toBe(pages.length);
});

test('a cookie is for this host and this server only', async () => {
  const page = await fetch(`${house.url}/sign-in`);
  expect(page.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^kerbside-form=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/),
  ]);
  const tls = await openHouse({ env: { KERBSIDE_HTTP_PUBLIC_URL: 'https://sensors.example.org' } });
  const secure = await fetch(`${tls.url}/sign-in`);
  expect(secure.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-kerbside-form=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
  ]);
  const { token } = await tls.registry.firstLink();
  await joinBy(openVisitor(tls.url), token);
  const opened = await tls.registry.openSession({
    account: tls.registry.accounts()[0]?.id ?? '',
    stage: 'full',
    idleMs: 60_000,
    lastsMs: 60_000,
    address: '',
    agent: '',
  });
  const status = async (cookie: string): Promise<number> =>
    (await fetch(`${tls.url}/account`, { headers: { cookie, accept: 'text/html' }, redirect: 'manual' })).status;
  expect(await status(`__Host-kerbside-session=${opened.token}`)).toBe(200);
  expect(await status(`kerbside-session=${opened.token}`)).toBe(303);
  await tls.close();
});

test('no page that says who somebody is is kept by a cache', async () => {
  for (const path of ['/account', '/manage/accounts', '/manage/keys'])
    expect((await ada.get(path)).headers.get('cache-control')).toBe('no-store');
  expect((await openVisitor(house.url).get('/sign-in')).headers.get('cache-control')).toBe('no-store');
  expect((await ada.get('/')).headers.get('cache-control')).toBe('private, no-cache');
  expect((await ada.get('/')).text).toContain('Ada Brightwater');
  expect((await openVisitor(house.url).get('/')).text).not.toContain('Ada Brightwater');
});
