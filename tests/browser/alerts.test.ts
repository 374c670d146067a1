import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { alertId, borough, deviceId, instant, ruleId, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert, PersonRole } from '../../infra/registry/contract.ts';
import { openHouse, until, type House } from '../dashboard/house.ts';
import { needs } from '../servers/index.ts';
import { axeOn } from './axe.ts';
import { openBrowser } from './browser.ts';
import { furnish, HOSTILE } from './scene.ts';

/** Set `KERBSIDE_SHOTS` to a folder to keep pictures of the pages. */
const shots = process.env['KERBSIDE_SHOTS'];
const widths = [
  { width: 1280, height: 900 },
  { width: 320, height: 800 },
];
const LONG =
  'A name that goes on and on, for the whole of the northern approach, both carriageways and the footbridge nobody uses';

needs('chromium')('alerts and their rules in a real browser', () => {
  let house: House;
  let browser: Browser;
  let contexts: BrowserContext[] = [];
  const sessions = new Map<PersonRole, string>();
  const alerts = new Map<string, string>();
  beforeAll(async () => {
    house = await openHouse({ prepare: (parts) => furnish(parts, parts.clock.now()) });
    const { registry } = house;
    await registry.addRule({
      id: ruleId('no2-60'),
      name: 'NO2 above 60',
      quantity: 'no2',
      when: 'above',
      threshold: 60,
      clearAt: 50,
      severity: 'critical',
    });
    await registry.addRule({
      id: ruleId('pm-hour'),
      name: LONG,
      quantity: 'pm2_5',
      when: 'above',
      threshold: 5,
      forMs: 3_600_000,
    });
    await registry.addRule({
      id: ruleId('evil'),
      name: HOSTILE,
      quantity: 'o3',
      when: 'above',
      threshold: 90,
      borough: borough('stockport'),
      enabled: true,
    });
    for (const id of ['dev-wrs-14', 'dev-cheadle-1', 'dev-cheadle-2']) await house.say(id, { no2: 71.3, pm2_5: 17.2 });
    await house.say('dev-heaton-moor', { o3: 120 });
    await house.say('dev-cheadle-2', { no2: 20 });
    const old: Alert = {
      id: alertId('old'),
      rule: ruleId('gone'),
      ruleName: 'A rule of last year',
      severity: 'information',
      device: deviceId('dev-wrs-14'),
      site: siteId('wrs-14'),
      quantity: 'laeq',
      state: 'resolved',
      startedAt: instant(house.now() - 300 * 86_400_000),
      firedAt: instant(house.now() - 300 * 86_400_000),
      resolvedAt: instant(house.now() - 299 * 86_400_000),
      value: 50,
      valueAt: instant(house.now() - 299 * 86_400_000),
      worst: 88,
      threshold: 80,
    };
    await registry.saveAlerts([old]);
    await until(async () => (await registry.alerts({ limit: 20 })).alerts.length >= 7);
    for (const { id, device, quantity } of (await registry.alerts({ limit: 20 })).alerts)
      alerts.set(`${device} ${quantity}`, id);
    const taken = alertId(alerts.get('dev-cheadle-1 no2') ?? '');
    await registry.as({ kind: 'account', name: 'Opal Reed (opal@example.org)' }).acknowledgeAlert(taken);
    await registry
      .as({ kind: 'account', name: 'Opal Reed (opal@example.org)' })
      .noteAlert(taken, `Rang the depot: ${HOSTILE}\n\nThey say it is the generator. ${'x'.repeat(300)}`);
    for (const role of ['viewer', 'operator', 'engineer'] as const) {
      const { link } = await registry.inviteAccount({ email: `${role}@example.org`, role });
      const account = await registry.joinByLink(link.token, { name: `Robin the ${role}`, email: '', hash: 'x' });
      sessions.set(
        role,
        (
          await registry.openSession({
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
    role: PersonRole | undefined,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<{ page: Page; complaints: string[] }> => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      baseURL: house.url,
      ...options,
    });
    contexts.push(context);
    if (role !== undefined)
      await context.addCookies([{ name: 'kerbside-session', value: sessions.get(role) ?? '', url: house.url }]);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  };
  /** What axe finds, and whether the page is wider than the screen, at both widths. */
  const faultsOf = async (page: Page, name: string): Promise<string[]> => {
    const faults: string[] = [];
    for (const details of await page.locator('details').all())
      await details.evaluate((element) => element.setAttribute('open', ''));
    for (const viewport of widths) {
      await page.setViewportSize(viewport);
      const { violations, passes } = await axeOn(page);
      expect(passes.length).toBeGreaterThan(15);
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
      if ((await page.title()) === 'owned' || (await page.locator('main img').count()) > 0)
        faults.push(`${name}: a name became markup`);
      if (shots !== undefined) {
        mkdirSync(shots, { recursive: true });
        await page.screenshot({ path: join(shots, `${name}-${viewport.width}.png`), fullPage: true });
      }
    }
    await page.setViewportSize(widths[0] ?? { width: 1280, height: 900 });
    return faults;
  };
  const story = (which: string): string => `/alerts/${alerts.get(which) ?? ''}`;

  /** Looks at states one by one; at the end says how many, and all that is wrong with them. */
  const looking = () => {
    const faults: string[] = [];
    let looked = 0;
    return {
      look: async (page: Page, name: string): Promise<void> => {
        looked += 1;
        faults.push(...(await faultsOf(page, name)));
      },
      found: (complaints: readonly string[]) => ({ looked, faults: [...faults, ...complaints] }),
    };
  };

  test('for everybody: each page and each of its states has nothing that axe finds, and fits a screen of 320 px', async () => {
    const { look, found } = looking();
    const stranger = await open(undefined);
    for (const [path, name] of [
      ['/alerts', 'alerts'],
      ['/alerts?state=acknowledged', 'alerts-acknowledged'],
      ['/alerts?state=pending', 'alerts-pending'],
      ['/alerts?state=resolved', 'alerts-over'],
      ['/alerts?site=bredbury', 'alerts-none'],
      ['/alerts?site=nowhere&since=soon', 'alerts-wrong'],
      [story('dev-cheadle-1 no2'), 'story-stranger'],
      ['/alerts/nobody', 'story-unknown'],
    ] as const) {
      await stranger.page.goto(path);
      await look(stranger.page, name);
    }
    expect(found(stranger.complaints)).toEqual({ looked: 8, faults: [] });
  }, 240_000);

  test('for an operator: each page and each of its states has nothing that axe finds, and fits a screen of 320 px', async () => {
    const { look, found } = looking();
    const operator = await open('operator');
    for (const [which, name] of [
      ['dev-wrs-14 no2', 'story-firing'],
      ['dev-cheadle-1 no2', 'story-acknowledged'],
      ['dev-cheadle-2 no2', 'story-over'],
      ['dev-wrs-14 pm2_5', 'story-pending'],
      ['dev-heaton-moor o3', 'story-hostile'],
      ['dev-wrs-14 laeq', 'story-old'],
    ] as const) {
      await operator.page.goto(story(which));
      await look(operator.page, name);
    }
    await operator.page.getByRole('button', { name: 'Write down' }).click();
    await look(operator.page, 'story-wrong');
    await operator.page.goto('/rules');
    await look(operator.page, 'rules-operator');
    expect(found(operator.complaints)).toEqual({ looked: 8, faults: [] });
  }, 240_000);

  test('for an engineer: each page and each of its states has nothing that axe finds, and fits a screen of 320 px', async () => {
    const { look, found } = looking();
    const { page, complaints } = await open('engineer');
    for (const [path, name] of [
      ['/rules', 'rules'],
      ['/new-rule', 'rule-new'],
      ['/rules/pm-hour', 'rule'],
    ] as const) {
      await page.goto(path);
      await look(page, name);
    }
    await page.goto('/new-rule');
    await page.getByRole('button', { name: 'Save' }).click();
    await look(page, 'rule-wrong');
    expect(await page.title()).toMatch(/^Error: /);
    await page.goto('/rules/no2-60');
    await page.getByRole('button', { name: 'See how often' }).click();
    await look(page, 'rule-tried');
    expect(found(complaints)).toEqual({ looked: 5, faults: [] });
  }, 240_000);

  test('without JavaScript and by keyboard an operator takes an alert up and writes what he found', async () => {
    const { page } = await open('operator', { javaScriptEnabled: false });
    await page.goto('/alerts');
    await page.getByRole('link', { name: 'NO2 above 60' }).first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/alerts/*');
    await page.getByRole('button', { name: 'Acknowledge' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**?done=acknowledged');
    expect(await page.textContent('#events')).toContain('by Robin the operator');
    expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    await page.getByRole('textbox', { name: 'Note' }).focus();
    await page.keyboard.type('A bus stood with its engine on.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**?done=noted');
    expect(await page.textContent('#events')).toContain('A bus stood with its engine on.');
    expect(await page.textContent('main [role=status]')).toContain('Your note is written down.');
  });

  test('without JavaScript an engineer writes a rule, sees what it would have done, mends it, and takes it away', async () => {
    const { page } = await open('engineer', { javaScriptEnabled: false });
    await page.goto('/rules');
    await page.getByRole('button', { name: 'Write a new rule' }).click();
    await page.getByLabel('Quantity').selectOption('no2');
    await page.getByLabel('At one site').check();
    await page.getByLabel('Which borough').fill('nowhere at all');
    await page.getByLabel('The threshold').fill('forty');
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await page.getByRole('alert').textContent()).toMatch(
      /There is a problem[\s\S]*Enter the name or the id of a site[\s\S]*Enter the threshold as a number/,
    );
    await page.getByRole('link', { name: 'Enter the threshold as a number' }).click();
    expect(new URL(page.url()).hash).toBe('#threshold');
    await page.getByLabel('Which borough').fill('wellington road south, column 14');
    await page.getByLabel('The threshold').fill('40');
    await page.getByRole('button', { name: 'See how often' }).click();
    expect(await page.textContent('#trial')).toMatch(
      /It would have fired (once|\d+ times) in the last 30 days, at 1 of 1 sensor/,
    );
    expect(house.registry.rules()).toHaveLength(3);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**?done=added');
    expect(await page.textContent('h1')).toBe('Nitrogen dioxide above 40 µg/m³');
    await page.getByLabel('For how many minutes').fill('30');
    await page.getByLabel('Critical').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**?done=changed');
    expect(house.registry.rules().find(({ quantity, site }) => quantity === 'no2' && site === 'wrs-14')).toMatchObject({
      threshold: 40,
      clearAt: 40,
      forMs: 1_800_000,
      severity: 'critical',
      enabled: true,
    });
    await page.goto('/rules');
    await page.getByRole('button', { name: 'Switch off Nitrogen dioxide above 40 µg/m³' }).click();
    await page.waitForURL('**?done=off');
    expect(house.registry.rules().find(({ site }) => site === 'wrs-14')?.enabled).toBe(false);
    await page.getByRole('link', { name: 'Nitrogen dioxide above 40 µg/m³' }).first().click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.waitForURL('**?done=removed');
    expect(house.registry.rules()).toHaveLength(3);
  });

  test('whoever may only look has no form, and the values around an alert come as a file', async () => {
    const { page } = await open('viewer');
    await page.goto(story('dev-cheadle-1 no2'));
    expect(await page.textContent('#events')).toContain('Acknowledged by Opal Reed');
    expect(await page.locator('main form').count()).toBe(0);
    const file = await page.request.get(`${story('dev-cheadle-1 no2')}/values.csv`);
    expect(file.headers()['content-type']).toContain('text/csv');
    const [heading, ...rows] = (await file.text()).trim().split('\r\n');
    expect(heading).toBe('time,device,quantity,unit,value,flag,threshold');
    expect(rows.at(-1)).toMatch(/Z,dev-cheadle-1,no2,ug\/m3,71\.3,1,60$/);
    const stranger = await open(undefined);
    await stranger.page.goto(story('dev-cheadle-1 no2'));
    const text = (await stranger.page.textContent('main')) ?? '';
    expect(text).toContain('Acknowledged');
    expect(text).not.toMatch(/Opal|generator/);
  });
});
