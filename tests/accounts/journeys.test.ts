import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, stepAt } from '../../infra/accounts/totp.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, until, type House } from '../dashboard/house.ts';
import { GOOD_PASSWORD, joinBy, openVisitor, signIn, type Seen } from './visitor.ts';

/** The key that a page for setting up a second factor says in words. */
const keyIn = ({ text }: Seen): Uint8Array => {
  const [, words = ''] = /kb-secret[^>]*>([A-Z2-7 ]+)</.exec(text) ?? [];
  const bits = Array.from(words.replaceAll(' ', ''), (sign) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0'),
  ).join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
};

describe('from the first link on', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.close());

  test('the first administrator comes by the link, which is good once', async () => {
    const { token } = await house.registry.firstLink();
    const [ada, thief] = [openVisitor(house.url), openVisitor(house.url)];
    const theirs = await thief.get(`/join/${token}`);
    expect(theirs.status).toBe(200);
    // All that is wrong is said at once, each at its field.
    const refused = await ada.send(await ada.get(`/join/${token}`), `/join/${token}`, {
      name: ' ',
      email: '',
      password: 'short',
      repeated: '',
    });
    expect(refused.status).toBe(422);
    expect(refused.text).toMatch(
      /href="#name">Enter your name<[\s\S]*href="#email">Enter your e-mail address<[\s\S]*href="#password">/,
    );
    expect(
      (
        await ada.send(refused, `/join/${token}`, {
          name: 'Ada',
          email: 'ada at example',
          password: 'short',
          repeated: '',
        })
      ).text,
    ).toMatch(/href="#email">[^<]*ada at example[^<]* is not an e-mail address/);
    const seen = await joinBy(ada, token);
    expect([seen.status, seen.path]).toEqual([200, '/account']);
    expect(seen.text).toContain('Ada Brightwater');
    const late = await thief.send(theirs, `/join/${token}`, {
      name: 'Mallory',
      email: 'm@example.org',
      password: GOOD_PASSWORD,
      repeated: GOOD_PASSWORD,
    });
    expect(late.status).toBe(404);
    expect(late.text).toContain('used already');
    expect(house.registry.accounts()).toMatchObject([
      { email: 'ada@example.org', role: 'administrator', status: 'active' },
    ]);
    await expect(house.registry.firstLink()).rejects.toMatchObject({ code: 'administrator-exists' });
  });

  test('an invitation makes an engineer, who can do what engineers do and nothing else', async () => {
    const ada = openVisitor(house.url);
    await signIn(ada, 'ada@example.org');
    const shown = await ada.send(await ada.get('/manage/accounts'), '/manage/accounts', {
      email: 'Eve@Example.org ',
      role: 'engineer',
    });
    expect(shown.text).toContain('eve@example.org');
    const [, token = ''] = /\/join\/([\w-]{32})/.exec(shown.text) ?? [];
    const eve = openVisitor(house.url);
    const seen = await joinBy(eve, token, { name: 'Eve Marsh' });
    expect(seen.path).toBe('/');
    expect(seen.text).toContain('Eve Marsh');
    expect((await eve.get('/manage/audit')).status).toBe(200);
    const refused = await eve.get('/manage/accounts');
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('may not administer');
  });

  test('a second factor is set up, asked for, taken once, and its recovery codes are each good once', async () => {
    const eve = openVisitor(house.url);
    await signIn(eve, 'eve@example.org');
    const setUp = await eve.get('/account/second-factor');
    const secret = keyIn(setUp);
    expect(secret).toHaveLength(20);
    const code = codeOf(secret, stepAt(house.now()));
    const codes = await eve.send(setUp, '/account/second-factor', { code });
    const recovery = [...codes.text.matchAll(/<li>([\da-z]{5}-[\da-z]{5})<\/li>/g)].map(([, one]) => one ?? '');
    expect(recovery).toHaveLength(10);
    const again = openVisitor(house.url);
    const asked = await signIn(again, 'eve@example.org');
    expect(asked.path).toBe('/sign-in/code');
    expect((await again.get('/account')).path).toContain('/sign-in?back');
    expect((await again.send(asked, '/sign-in/code', { code })).status).toBe(422);
    house.setNow(instant(house.now() + 60_000));
    const next = codeOf(secret, stepAt(house.now()));
    expect((await again.send(asked, '/sign-in/code', { code: next })).path).toBe('/');
    for (const expected of ['/', '/sign-in/code']) {
      const third = openVisitor(house.url);
      const page = await signIn(third, 'eve@example.org');
      expect(
        (await third.send(page, '/sign-in/code', { code: recovery[0]?.toUpperCase().replace('-', ' ') ?? '' })).path,
      ).toBe(expected);
    }
  });

  test('another app takes the place of the first only with the password', async () => {
    const eve = openVisitor(house.url);
    const { account } = house.registry.accountByEmail('eve@example.org') ?? {};
    const { token } = await house.registry.openSession({
      account: account?.id ?? '',
      stage: 'full',
      idleMs: 3_600_000,
      lastsMs: 7_200_000,
      address: '::1',
      agent: '',
    });
    eve.cookies.set('kerbside-session', token);
    const page = await eve.get('/account/second-factor');
    const code = codeOf(keyIn(page), stepAt(house.now()));
    const refused = await eve.send(page, '/account/second-factor', { code, current: 'otter lamp violet' });
    expect(refused.text).toContain('That is not your password');
    expect((await eve.send(page, '/account/second-factor', { code, current: GOOD_PASSWORD })).text).toContain(
      'Keep your recovery codes',
    );
  });

  test('a password that is changed ends all other sessions, and this one goes on under a new id', async () => {
    const [here, there] = [openVisitor(house.url), openVisitor(house.url)];
    await signIn(here, 'ada@example.org');
    await signIn(there, 'ada@example.org');
    const before = here.cookies.get('kerbside-session');
    const wanted = 'plum harbour ticket snow';
    const done = await here.send(await here.get('/account'), '/account/password', {
      current: GOOD_PASSWORD,
      password: wanted,
      repeated: wanted,
    });
    expect(done.text).toContain('Your password is changed');
    expect(here.cookies.get('kerbside-session')).not.toBe(before);
    expect((await there.get('/account')).path).toContain('/sign-in');
    expect((await here.get('/account')).status).toBe(200);
    const back = await here.send(await here.get('/account'), '/account/password', {
      current: wanted,
      password: GOOD_PASSWORD,
      repeated: GOOD_PASSWORD,
    });
    expect(back.status).toBe(200);
  });

  test('each sign-in has a new id, and one that somebody planted before is worth nothing', async () => {
    const victim = openVisitor(house.url);
    victim.cookies.set('kerbside-session', 'a'.repeat(32));
    await signIn(victim, 'ada@example.org');
    expect(victim.cookies.get('kerbside-session')).not.toBe('a'.repeat(32));
    const attacker = openVisitor(house.url);
    attacker.cookies.set('kerbside-session', 'a'.repeat(32));
    expect((await attacker.get('/account')).path).toContain('/sign-in');
  });

  test('a session ends when it is signed out, idle, too old, altered, or its account is disabled or has another role', async () => {
    const eve = house.registry.accounts().find(({ email }) => email === 'eve@example.org');
    const changes = house.registry.as({ kind: 'command-line', name: 'a test' });
    const open = async () => {
      const { token } = await house.registry.openSession({
        account: eve?.id ?? '',
        stage: 'full',
        idleMs: 3_600_000,
        lastsMs: 7_200_000,
        address: '::1',
        agent: '',
      });
      const visitor = openVisitor(house.url);
      visitor.cookies.set('kerbside-session', token);
      return visitor;
    };
    const isIn = async (visitor: Awaited<ReturnType<typeof open>>): Promise<boolean> =>
      (await visitor.get('/account')).path === '/account';
    const signedOut = await open();
    const kept = new Map(signedOut.cookies);
    await signedOut.send(await signedOut.get('/account'), '/sign-out');
    for (const [name, value] of kept) signedOut.cookies.set(name, value);
    expect(await isIn(signedOut)).toBe(false);
    const altered = await open();
    altered.cookies.set('kerbside-session', `${(altered.cookies.get('kerbside-session') ?? '').slice(0, -1)}!`);
    expect(await isIn(altered)).toBe(false);
    const idle = await open();
    expect(await isIn(idle)).toBe(true);
    house.setNow(instant(house.now() + 3_599_000));
    expect(await isIn(idle)).toBe(true);
    house.setNow(instant(house.now() + 3_595_000));
    expect(await isIn(idle)).toBe(true);
    house.setNow(instant(house.now() + 10_000));
    expect(await isIn(idle)).toBe(false);
    const demoted = await open();
    await changes.setAccountRole(eve?.id ?? '', 'viewer');
    expect(await isIn(demoted)).toBe(false);
    const disabled = await open();
    expect(await isIn(disabled)).toBe(true);
    await changes.disableAccount(eve?.id ?? '');
    expect(await isIn(disabled)).toBe(false);
    expect((await signIn(openVisitor(house.url), 'eve@example.org')).text).toContain(
      'The e-mail address or the password is wrong',
    );
    await changes.enableAccount(eve?.id ?? '');
  });

  test('a redraw by script keeps no session alive', async () => {
    const eve = house.registry.accounts().find(({ email }) => email === 'eve@example.org');
    const { token } = await house.registry.openSession({
      account: eve?.id ?? '',
      stage: 'full',
      idleMs: 3_600_000,
      lastsMs: 86_400_000,
      address: '::1',
      agent: '',
    });
    const wall = openVisitor(house.url);
    wall.cookies.set('kerbside-session', token);
    for (const minutes of [40, 30]) {
      house.setNow(instant(house.now() + minutes * 60_000));
      await wall.get('/account', { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' });
    }
    expect((await wall.get('/account')).path).toContain('/sign-in');
  });

  test('the last administrator can be neither disabled nor made less', async () => {
    const ada = house.registry.accounts().find(({ email }) => email === 'ada@example.org');
    const visitor = openVisitor(house.url);
    await signIn(visitor, 'ada@example.org');
    const page = await visitor.get(`/manage/accounts/${ada?.id ?? ''}`);
    for (const deed of ['disable', 'role']) {
      const seen = await visitor.send(page, `/manage/accounts/${ada?.id ?? ''}/${deed}`, { role: 'viewer' });
      expect(seen.status).toBe(422);
      expect(seen.text).toContain('is the only administrator');
    }
  });

  test('what was done is in the audit trail, with names, and can be filtered', async () => {
    await until(async () => (await house.registry.audit({ limit: 100, action: 'sign-in-failed' })).length > 0);
    const visitor = openVisitor(house.url);
    await signIn(visitor, 'ada@example.org');
    const all = await visitor.get('/manage/audit');
    for (const words of [
      'account joined',
      'signed in',
      'role changed',
      'second factor on',
      'recovery code used',
      'password changed',
      'sign in failed',
    ])
      expect(all.text).toContain(words);
    const eve = await visitor.get('/manage/audit?actor=eve&action=second-factor-on');
    expect(eve.text).toContain('Eve Marsh (eve@example.org)');
    expect(eve.text).not.toContain('Ada Brightwater (ada');
    expect((await visitor.get('/manage/audit?from=yesterday')).status).toBe(422);
    const csv = await visitor.get('/api/v1/audit?action=second-factor-on&format=csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.text.trim().split('\r\n')).toHaveLength(3);
  });
});
