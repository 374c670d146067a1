import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openHouse, type House } from '../dashboard/house.ts';
import { codeOf, stepAt } from '../../infra/accounts/totp.ts';
import { needs } from '../servers/index.ts';
import { axeOn } from './axe.ts';
import { openBrowser } from './browser.ts';
import { HOSTILE } from './scene.ts';

/** Set `KERBSIDE_SHOTS` to a folder to keep pictures of the pages. */
const shots = process.env['KERBSIDE_SHOTS'];
const widths = [
  { width: 1280, height: 900 },
  { width: 320, height: 800 },
];
const PASSWORD = 'otter lamp violin gravel';
const LONG = 'Bartholomew Featherstonehaugh-Cholmondeley of the Highways and Transportation Directorate';

needs('chromium')('the pages of accounts in a real browser', () => {
  let house: House;
  let browser: Browser;
  let contexts: BrowserContext[] = [];
  const links = { first: '', invitation: '', reset: '' };
  let person = '';
  beforeAll(async () => {
    house = await openHouse({ env: { KERBSIDE_SIGN_IN_SECOND_FACTOR_FOR: 'operator' } });
    const { registry } = house;
    links.first = (await registry.firstLink()).token;
    await registry.joinByLink(
      (await registry.inviteAccount({ email: 'idle@example.org', role: 'partner' })).link.token,
      { name: LONG, email: '', hash: 'x' },
    );
    await registry.disableAccount(registry.accountByEmail('idle@example.org')?.account.id ?? '');
    const invited = await registry.inviteAccount({
      email: `a.very.long.address.that.goes.on.and.on.and.on@highways.transportation.example.gov.uk`,
      role: 'engineer',
      name: HOSTILE,
    });
    links.invitation = invited.link.token;
    person = invited.account.id;
    const { account } = await registry.inviteAccount({ email: 'reset@example.org', role: 'viewer' });
    await registry.joinByLink(
      (await registry.inviteAccount({ email: 'reset@example.org', role: 'viewer' })).link.token,
      { name: 'Rosa Field', email: '', hash: 'x' },
    );
    links.reset = (await registry.resetAccount(account.id)).link.token;
    await registry.createKey({ name: LONG, role: 'engineer', scopes: ['read', 'operate'] });
    await registry.revokeKey((await registry.createKey({ name: HOSTILE, role: 'viewer' })).key.id);
    for (let n = 0; n < 3; n += 1)
      await registry.addSite({ id: `site-${n}`, name: n === 1 ? LONG : `Site ${n}`, published: n === 0 });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });
  afterEach(async () => {
    for (const context of contexts) await context.close();
    contexts = [];
  });

  const open = async (
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<{ page: Page; complaints: string[] }> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    contexts.push(context);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  };
  const fill = async (page: Page, fields: Readonly<Record<string, string>>, button: string): Promise<void> => {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
    await page.getByRole('button', { name: button, exact: true }).click();
  };
  /** What axe finds, and whether the page is wider than the screen, at both widths. */
  const faultsOf = async (page: Page, name: string): Promise<string[]> => {
    const faults: string[] = [];
    for (const viewport of widths) {
      await page.setViewportSize(viewport);
      const { violations } = await axeOn(page);
      faults.push(
        ...violations.map(
          ({ id, nodes }) =>
            `${name} ${viewport.width}: ${id}: ${nodes
              .map(({ html }) => html)
              .join(' | ')
              .slice(0, 300)}`,
        ),
      );
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      if (wide !== viewport.width) faults.push(`${name} ${viewport.width}: it is ${String(wide)} px wide`);
      if (shots !== undefined) {
        mkdirSync(shots, { recursive: true });
        await page.screenshot({ path: join(shots, `${name}-${viewport.width}.png`), fullPage: true });
      }
    }
    await page.setViewportSize(widths[0] ?? { width: 1280, height: 900 });
    return faults;
  };

  test('each page and each of its states has nothing that axe finds, and fits a screen of 320 px', async () => {
    const { page, complaints } = await open();
    const faults: string[] = [];
    const names: string[] = [];
    const look = async (name: string): Promise<void> => {
      names.push(name);
      faults.push(...(await faultsOf(page, name)));
    };
    const go = async (path: string, name: string): Promise<void> => {
      await page.goto(`${house.url}${path}`);
      await look(name);
    };
    await go('/sign-in', 'sign-in');
    await fill(page, { 'E-mail address': 'nobody@example.org', Password: 'wrong' }, 'Sign in');
    await look('sign-in-wrong');
    await go('/join/nonsense', 'join-unknown');
    await go(`/join/${links.invitation}`, 'join-invitation');
    await go(`/join/${links.reset}`, 'join-reset');
    await go(`/join/${links.first}`, 'join-first');
    await fill(
      page,
      { 'Your name': '', 'E-mail address': 'ada@example.org', Password: 'short', 'The same password again': 'other' },
      'Continue',
    );
    await look('join-wrong');
    await fill(
      page,
      {
        'Your name': 'Ada Brightwater',
        'E-mail address': 'ada@example.org',
        Password: PASSWORD,
        'The same password again': PASSWORD,
      },
      'Continue',
    );
    await look('account');
    await fill(
      page,
      { 'Your password now': 'wrong', 'New password': 'wrong', 'The new password again': 'wrong' },
      'Change password',
    );
    await look('account-wrong');
    await go('/account/second-factor', 'second-factor');
    await fill(page, { Code: '000000' }, 'Continue');
    await look('second-factor-wrong');
    for (const [path, name] of [
      ['/manage', 'manage'],
      ['/manage/accounts', 'accounts'],
      [`/manage/accounts/${person}`, 'person'],
      ['/manage/keys', 'keys'],
      ['/manage/audit', 'audit'],
      ['/manage/audit?from=x&subject=y', 'audit-wrong'],
      ['/manage/audit?actor=nobody-at-all', 'audit-empty'],
      ['/manage/publish', 'publish'],
      ['/', 'front-signed-in'],
    ] as const)
      await go(path, name);
    await page.goto(`${house.url}/manage/accounts`);
    await fill(page, { 'E-mail address': 'nobody' }, 'Make an invitation');
    await look('accounts-wrong');
    await fill(page, { 'E-mail address': 'new@example.org' }, 'Make an invitation');
    await look('invited');
    await page.goto(`${house.url}/manage/keys`);
    await fill(page, { 'Whom or what it is for': '', 'Last day': 'soon' }, 'Make a key');
    await look('keys-wrong');
    await fill(page, { 'Whom or what it is for': 'A wall', 'Last day': '2027-03-31' }, 'Make a key');
    await look('key-made');
    await page.goto(`${house.url}/account`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await look('signed-out');
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await page.title()).not.toBe('owned');
    expect(names.length).toBeGreaterThan(24);
  }, 180_000);

  test('without JavaScript and by keyboard: an operator is invited, must set up a second factor, signs out and in again', async () => {
    const { link } = await house.registry.inviteAccount({ email: 'opal@example.org', role: 'operator' });
    const { page } = await open({ javaScriptEnabled: false });
    const type = async (...texts: readonly string[]): Promise<void> => {
      for (const text of texts) {
        await page.keyboard.type(text);
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Enter');
    };
    await page.goto(`${house.url}/join/${link.token}`);
    await page.getByLabel('Your name').focus();
    await type('Opal Reed', PASSWORD, PASSWORD);
    await page.waitForURL('**/sign-in/second-factor**');
    const words = (await page.locator('.kb-secret').first().textContent()) ?? '';
    const bits = Array.from(words.replaceAll(/\s/g, ''), (sign) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0'),
    ).join('');
    const secret = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
    await page.getByLabel('Code', { exact: true }).focus();
    await type(codeOf(secret, stepAt(house.now())));
    await page.locator('.kb-codes li').last().waitFor();
    const codes = await page.locator('.kb-codes li').allTextContents();
    expect(codes).toHaveLength(10);
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByRole('button', { name: 'Sign out' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/signed-out');
    await page.goto(`${house.url}/sign-in`);
    await page.getByLabel('E-mail address').focus();
    await type('opal@example.org', PASSWORD);
    await page.waitForURL('**/sign-in/code');
    await page.getByLabel('Code', { exact: true }).focus();
    await type(codes[0] ?? '');
    await page.waitForURL(`${house.url}/`);
    expect(await page.locator('.kb-who').textContent()).toContain('Opal Reed');
  });

  test('under a name without TLS, where browsers say nothing of where a form comes from but its origin', async () => {
    const { port } = new URL(house.url);
    const named = await openBrowser([`--host-resolver-rules=MAP sensors.test 127.0.0.1`]);
    try {
      const { link } = await house.registry.inviteAccount({ email: 'lan@example.org', role: 'viewer' });
      const page = await (await named.newContext()).newPage();
      const sent: (string | undefined)[] = [];
      page.on('request', (request) => {
        if (request.method() === 'POST')
          void request.allHeaders().then((headers) => sent.push(headers['sec-fetch-site'] ?? headers['origin']));
      });
      await page.goto(`http://sensors.test:${port}/join/${link.token}`);
      await fill(
        page,
        { 'Your name': 'Lan Field', Password: PASSWORD, 'The same password again': PASSWORD },
        'Continue',
      );
      await page.waitForURL(`http://sensors.test:${port}/`);
      expect(await page.locator('.kb-who').textContent()).toContain('Lan Field');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL('**/signed-out');
      expect(sent.length).toBeGreaterThan(1);
      expect(new Set(sent)).toEqual(new Set([`http://sensors.test:${port}`]));
    } finally {
      await named.close();
    }
  });

  test('the states of the second step, and codes shown once, have nothing that axe finds', async () => {
    const { link } = await house.registry.inviteAccount({ email: 'olga@example.org', role: 'operator' });
    const { page } = await open();
    const faults: string[] = [];
    await page.goto(`${house.url}/join/${link.token}`);
    await fill(
      page,
      { 'Your name': 'Olga Marsh', Password: PASSWORD, 'The same password again': PASSWORD },
      'Continue',
    );
    faults.push(...(await faultsOf(page, 'enrol')));
    const secret = await house.registry.pendingSecondFactor(
      house.registry.accountByEmail('olga@example.org')?.account.id ?? '',
    );
    await fill(page, { Code: codeOf(secret, stepAt(house.now())) }, 'Continue');
    faults.push(...(await faultsOf(page, 'recovery-codes')));
    await page.context().clearCookies();
    await page.goto(`${house.url}/sign-in`);
    await fill(page, { 'E-mail address': 'olga@example.org', Password: PASSWORD }, 'Sign in');
    faults.push(...(await faultsOf(page, 'code')));
    await fill(page, { Code: '123456' }, 'Continue');
    faults.push(...(await faultsOf(page, 'code-wrong')));
    await fill(page, { Code: codeOf(secret, stepAt(house.now()) + 1) }, 'Continue');
    await page.goto(`${house.url}/account`);
    faults.push(...(await faultsOf(page, 'account-with-code')));
    await page.goto(`${house.url}/manage`);
    faults.push(...(await faultsOf(page, 'forbidden')));
    expect(faults).toEqual([]);
    expect(await page.locator('h1').textContent()).toContain('You may not do that');
  }, 60_000);
});
