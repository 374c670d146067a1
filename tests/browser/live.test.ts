import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openHouse, type House } from '../dashboard/house.ts';
import { needs } from '../servers/index.ts';
import { openBrowser } from './browser.ts';

// As in axe.ts: two browsers on two cores may take long.
vi.setConfig({ testTimeout: 120_000 });

needs('chromium')('a live page in a real browser', () => {
  let house: House;
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    house = await openHouse({ env: { KERBSIDE_DASHBOARD_LANGUAGES: 'en,cy' } });
    await house.registry.addRule({ name: 'NO2 above 60', quantity: 'no2', when: 'above', threshold: 60 });
    for (const id of ['a', 'b', 'c', 'd']) {
      await house.registry.addSite({ id, name: `Street ${id}` });
      await house.registry.addDevice({ id: `dev-${id}`, profile: 'kerbside/canonical', site: id });
      await house.say(`dev-${id}`, { no2: 20 });
    }
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    for (const id of ['a', 'b', 'c', 'd']) await house.say(`dev-${id}`, { no2: 20 });
  });
  const open = async (prepare: (page: Page) => Promise<void> = async () => {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    contexts.push(context);
    const page = await context.newPage();
    await prepare(page);
    await page.goto(house.url);
    return page;
  };
  const live = async (page: Page): Promise<void> => {
    await expect.poll(() => page.textContent('[data-live-state]'), { timeout: 8_000 }).toMatch(/^Live/);
  };
  const order = (page: Page): Promise<string[]> =>
    page.locator('tr.kb-row').evaluateAll((rows) => rows.map(({ id }) => id));
  const button = (page: Page) => page.locator('[data-live-waiting]');

  test('under the pointer rows keep their places; how many would move is offered, and shown when asked for', async () => {
    const page = await open();
    await live(page);
    const before = await order(page);
    await page.hover('#site-b');
    await house.say('dev-d', { no2: 90 });
    await house.say('dev-c', { no2: 80 });
    await expect.poll(() => button(page).textContent(), { timeout: 8_000 }).toBe('2 updates - show');
    expect(await page.textContent('#site-d .kb-condition')).toContain('Alert');
    expect(await order(page)).toEqual(before);
    await button(page).focus();
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => (await order(page)).slice(0, 2).toSorted(), { timeout: 8_000 })
      .toEqual(['site-c', 'site-d']);
    await expect.poll(() => button(page).isVisible()).toBe(false);
    // Whoever came by keyboard is not thrown back to the beginning.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Pause updates');
  });

  test('while it is paused it says how many places changed, and shows them once without going on', async () => {
    const page = await open();
    await live(page);
    await page.click('text=Pause updates');
    await house.say('dev-a', { no2: 33 });
    await expect.poll(() => button(page).textContent(), { timeout: 8_000 }).toBe('1 update - show');
    await house.say('dev-b', { no2: 34 });
    await expect.poll(() => button(page).textContent(), { timeout: 8_000 }).toBe('2 updates - show');
    expect(await page.textContent('#site-a .kb-number')).toBe('20.0');
    await button(page).click();
    await expect.poll(() => page.textContent('#site-a .kb-number')).toBe('33.0');
    expect(await button(page).isVisible()).toBe(false);
    expect(await page.textContent('[data-live-state]')).toMatch(/^Paused at/);
    await house.say('dev-a', { no2: 35 });
    await expect.poll(() => button(page).textContent(), { timeout: 8_000 }).toBe('1 update - show');
    expect(await page.textContent('#site-a .kb-number')).toBe('33.0');
  });

  test('where Socket.IO is stopped on the way the page is asked for all the same, and says that it is not live', async () => {
    const page = await open((fresh) => fresh.route('**/socket.io/**', (route) => route.abort()).then(() => undefined));
    await expect.poll(() => page.isVisible('[data-live-cut]'), { timeout: 10_000 }).toBe(true);
    await house.say('dev-b', { no2: 44 });
    await expect.poll(() => page.textContent('#site-b .kb-number'), { timeout: 25_000 }).toBe('44.0');
    expect(await page.textContent('[data-live-state]')).toMatch(
      /^Not live: asked again each 10 seconds, last \d\d:\d\d:\d\d$/,
    );
    expect(await page.isVisible('[data-live-cut]')).toBe(true);
  }, 45_000);

  test('several changes of the overall state are told once, as it is when the pause is over', async () => {
    const page = await open();
    await live(page);
    const told: string[] = [];
    await page.exposeFunction('told', (words: string) => told.push(words));
    await page.evaluate(
      "new MutationObserver(() => window.told(document.querySelector('[role=status]').textContent)).observe(document.querySelector('[role=status]'), { childList: true, characterData: true, subtree: true })",
    );
    await house.say('dev-a', { no2: 99 });
    await expect.poll(() => told.length, { timeout: 8_000 }).toBe(1);
    await house.say('dev-b', { no2: 99 });
    await expect.poll(() => page.textContent('h1'), { timeout: 8_000 }).toMatch(/2 alerts$/);
    await house.say('dev-c', { no2: 99 });
    await expect.poll(() => page.textContent('h1'), { timeout: 8_000 }).toMatch(/3 alerts$/);
    expect(told).toHaveLength(1);
    await expect.poll(() => told.length, { timeout: 25_000 }).toBe(2);
    expect(told[1]).toMatch(/3 alerts$/);
    expect(await page.locator('[aria-live], [role=status]').count()).toBe(1);
  }, 60_000);

  test('in Welsh its script speaks Welsh as well', async () => {
    const page = await open();
    await page.goto(`${house.url}/?lang=cy`);
    await expect.poll(() => page.textContent('[data-live-pause]')).toBe('Oedi diweddariadau');
    await page.click('[data-live-pause]');
    expect(await page.textContent('[data-live-pause]')).toBe('Ailddechrau diweddariadau');
    expect(await page.textContent('h1')).toContain('synhwyrydd');
  });
});
