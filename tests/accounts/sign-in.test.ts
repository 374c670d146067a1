import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { openSignIn, type SignIn } from '../../dashboard/accounts/sign-in.ts';
import { openPasswords, type Passwords } from '../../infra/accounts/password.ts';
import { codeOf, stepAt } from '../../infra/accounts/totp.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openMetrics, type Metrics } from '../../infra/metrics/index.ts';
import type { Account, Registry } from '../../infra/registry/contract.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { inFolder, monday, optionsIn } from '../registry/ground.ts';

const PASSWORD = 'otter lamp violin gravel';
let now = monday;
const clock = { now: () => now, set: (at: typeof monday) => void (now = at) };
const pass = (ms: number): void => clock.set(instant(now + ms));
const seat = (address = '203.0.113.7') => ({ address, agent: 'a browser' });

let registry: Registry;
let metrics: Metrics;
let signIn: SignIn;
let ada: Account;
let hashed = 0;
let leave: () => void;
beforeEach(async () => {
  now = monday;
  await new Promise<void>((ready) => {
    void inFolder(async (dir) => {
      registry = await openRegistry(optionsIn(dir, clock));
      ready();
      await new Promise<void>((resolve) => (leave = resolve));
      await registry.close();
    });
  });
  const cheap = openPasswords({ ln: 4, r: 8, p: 1 });
  const counting: Passwords = {
    hash: (password) => cheap.hash(password),
    matches: (password, kept) => {
      hashed += 1;
      return cheap.matches(password, kept);
    },
  };
  const settings = {
    idleMs: 3_600_000,
    lastsMs: 86_400_000,
    mustHaveCode: new Set(['engineer'] as const),
    service: 'Kerbside',
  };
  metrics = openMetrics();
  signIn = openSignIn({ registry, passwords: counting, clock, log: openLog('silent'), metrics, settings });
  const { token } = await registry.firstLink();
  ada = await registry.joinByLink(token, {
    name: 'Ada Brightwater',
    email: 'ada@example.org',
    hash: await cheap.hash(PASSWORD),
  });
  await registry.inviteAccount({ email: 'invited@example.org', role: 'viewer' });
  const off = await registry.inviteAccount({ email: 'off@example.org', role: 'viewer' });
  await registry.joinByLink(off.link.token, { name: 'Off', email: '', hash: await cheap.hash(PASSWORD) });
  await registry.disableAccount(off.account.id);
  hashed = 0;
});
afterEach(() => leave());

const attempt = (email: string, password = PASSWORD, from?: string) =>
  signIn.withPassword({ email, password }, seat(from));

const counts = async (): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries(
    (await metrics.signIns.get()).values.map(({ labels, value }) => [`${labels.by} ${labels.outcome}`, value]),
  );

describe('signing in', () => {
  test('is counted, by what was shown and what came of it', async () => {
    await attempt('ada@example.org');
    for (let n = 0; n < 7; n += 1) await attempt('nobody@example.org', 'wrong');
    expect(await counts()).toEqual({ 'password right': 1, 'password wrong': 5, 'password wait': 2 });
  });

  test('costs one hashing, whoever is asked for, so that its time says nothing', async () => {
    for (const [email, password] of [
      ['ada@example.org', 'wrong'],
      ['nobody@example.org', 'wrong'],
      ['invited@example.org', 'wrong'],
      ['off@example.org', PASSWORD],
      ['', ''],
      [' ADA@example.org', PASSWORD],
    ] as const) {
      hashed = 0;
      const { is } = await attempt(email, password);
      expect([email, is, hashed]).toEqual([email, email.includes('ADA') ? 'next' : 'wrong', 1]);
    }
  });

  test('is slowed by account, the same for one that is not there; whoever waits costs no hashing', async () => {
    for (const email of ['ada@example.org', 'nobody@example.org']) {
      const all = [];
      for (let n = 0; n < 7; n += 1) all.push((await attempt(email, 'wrong', `203.0.113.${n}`)).is);
      expect(all).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'wait', 'wait']);
      hashed = 0;
      expect(await attempt(email)).toEqual({ is: 'wait', ms: 1_000 });
      expect(hashed).toBe(0);
    }
    pass(1_000);
    expect((await attempt('ada@example.org')).is).toBe('next');
  });

  test('is slowed by address over many accounts, of which the network counts in IPv6; another address is not', async () => {
    const all = [];
    for (let n = 0; n < 32; n += 1)
      all.push((await attempt(`somebody-${n}@example.org`, 'wrong', `2001:db8:1:2::${n.toString(16)}`)).is);
    expect(all.filter((is) => is === 'wrong')).toHaveLength(30);
    expect((await attempt('ada@example.org', PASSWORD, '2001:db8:1:2:ffff::1')).is).toBe('wait');
    expect((await attempt('ada@example.org', PASSWORD, '2001:db8:1:3::1')).is).toBe('next');
  });

  test('many attempts at once are many attempts', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => attempt('ada@example.org', 'wrong')));
    expect(all.filter(({ is }) => is === 'wrong')).toHaveLength(5);
  });

  test('nobody is locked out for good: after any number of guesses one waits a minute', async () => {
    for (let n = 0; n < 40; n += 1) {
      const { is } = await attempt('ada@example.org', 'wrong', `198.51.100.${n}`);
      pass(is === 'wait' ? 60_000 : 1);
    }
    pass(60_000);
    expect((await attempt('ada@example.org', PASSWORD, '192.0.2.1')).is).toBe('next');
  });

  test('an old hash is replaced by one of today, and still opens', async () => {
    const old = await openPasswords({ ln: 3, r: 8, p: 1 }).hash(PASSWORD);
    await registry.setPassword(ada.id, old);
    expect((await attempt('ada@example.org')).is).toBe('next');
    expect(registry.accountByEmail('ada@example.org')?.password).toContain('ln=4');
    expect((await attempt('ada@example.org')).is).toBe('next');
  });
});

describe('a second step', () => {
  const setUp = async (): Promise<Uint8Array> => {
    const secret = await registry.pendingSecondFactor(ada.id);
    expect(await registry.confirmSecondFactor(ada.id, codeOf(secret, stepAt(now)))).toHaveLength(10);
    pass(60_000);
    return secret;
  };

  test('opens nothing before it is taken, and its session is another one afterwards', async () => {
    const secret = await setUp();
    const first = await attempt('ada@example.org');
    if (first.is !== 'next') throw new Error(first.is);
    expect(first.session.stage).toBe('code');
    const second = await signIn.withCode({ ...first, code: codeOf(secret, stepAt(now)) }, seat());
    expect(second).toMatchObject({ is: 'next', session: { stage: 'full' } });
    expect(registry.session(first.token, false)).toBeUndefined();
  });

  test('is slowed by account however many sign-ins are begun', async () => {
    await setUp();
    const all = [];
    for (let n = 0; n < 7; n += 1) {
      const begun = await attempt('ada@example.org');
      if (begun.is === 'next') all.push((await signIn.withCode({ ...begun, code: '000000' }, seat())).is);
    }
    expect(all).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'wait', 'wait']);
    expect(await counts()).toMatchObject({ 'code wrong': 5, 'code wait': 2, 'password right': 7 });
  });

  test('ends when nobody takes it within ten minutes', async () => {
    await setUp();
    const begun = await attempt('ada@example.org');
    pass(600_000);
    expect(begun.is === 'next' && registry.session(begun.token, true)).toBeUndefined();
  });

  test('is setting one up where the role must have one', async () => {
    const { account, link } = await registry.inviteAccount({ email: 'eve@example.org', role: 'engineer' });
    await registry.joinByLink(link.token, { name: 'Eve', email: '', hash: 'x' });
    expect((await signIn.admit(account, seat())).session.stage).toBe('enrol');
  });

  test('of many requests with one code, one recovery code or one link, one is right', async () => {
    const secret = await setUp();
    const code = codeOf(secret, stepAt(now));
    const taken = await Promise.all(Array.from({ length: 8 }, () => registry.useSecondFactor(ada.id, code)));
    expect(taken.filter((one) => one !== undefined)).toEqual(['app']);
    pass(60_000);
    const again = await registry.pendingSecondFactor(ada.id);
    const codes = (await registry.confirmSecondFactor(ada.id, codeOf(again, stepAt(now)))) ?? [];
    const recovered = await Promise.all(
      Array.from({ length: 8 }, () => registry.useSecondFactor(ada.id, codes[3] ?? '')),
    );
    expect(recovered.filter((one) => one !== undefined)).toEqual(['recovery']);
    expect(registry.recoveryCodesLeft(ada.id)).toBe(9);
    const { link } = await registry.inviteAccount({ email: 'once@example.org', role: 'viewer' });
    const joined = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => registry.joinByLink(link.token, { name: `Nth ${n}`, email: '', hash: 'x' })),
    );
    expect(joined.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a link', () => {
  test('is good until the next one, until it is too old, and until its account is disabled', async () => {
    const first = await registry.inviteAccount({ email: 'eve@example.org', role: 'viewer' });
    const second = await registry.inviteAccount({ email: 'eve@example.org', role: 'engineer' });
    expect(registry.link(first.link.token)).toBeUndefined();
    expect(registry.link(second.link.token)).toMatchObject({ purpose: 'invitation', account: { role: 'engineer' } });
    pass(7 * 86_400_000);
    expect(registry.link(second.link.token)).toBeUndefined();
    await expect(registry.joinByLink(second.link.token, { name: 'Eve', email: '', hash: 'x' })).rejects.toMatchObject({
      code: 'link-unknown',
    });
    const third = await registry.inviteAccount({ email: 'eve@example.org', role: 'viewer' });
    await registry.disableAccount(third.account.id);
    expect(registry.link(third.link.token)).toBeUndefined();
  });

  test('a reset ends the password, the second factor and the sessions, and its link gives a new password', async () => {
    const begun = await attempt('ada@example.org');
    const { link } = await registry.resetAccount(ada.id);
    expect(begun.is === 'next' && registry.session(begun.token, true)).toBeUndefined();
    expect((await attempt('ada@example.org')).is).toBe('wrong');
    await registry.joinByLink(link.token, {
      name: 'Ada',
      email: 'other@example.org',
      hash: await openPasswords({ ln: 4, r: 8, p: 1 }).hash('plum harbour ticket'),
    });
    expect((await attempt('ada@example.org', 'plum harbour ticket')).is).toBe('next');
  });
});
