import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { House } from '../dashboard/house.ts';
import { needs, startProxy } from '../servers/index.ts';
import { axeOn } from './axe.ts';
import { openBrowser } from './browser.ts';
import { NARROW, openVisits, WIDE } from './judge.ts';
import { live, openTown } from './town.ts';

needs('chromium')('a page that stays open, in a real browser', () => {
  let house: House;
  let browser: Browser;
  const visits = openVisits(() => browser);
  const visit = (path: string, options: Parameters<Browser['newContext']>[0] = {}) =>
    visits.visit(`${house.url}${path}`, options);
  beforeAll(async () => {
    house = await openTown();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });
  afterEach(() => visits.done());
  const numberOf = (page: Page, row: string): Promise<string | null> => page.textContent(`#${row} .kb-number`);

  test('what somebody types into the search is not taken away by an update', async () => {
    const { page } = await visit('/');
    await live(page);
    await page.focus('#q');
    await page.keyboard.type('chead');
    await house.say('dev-cheadle-2', { pm2_5: 34.4 });
    await expect.poll(() => numberOf(page, 'site-cheadle-2'), { timeout: 8_000 }).toBe('34.4');
    expect(await page.inputValue('#q')).toBe('chead');
  });

  test.each([WIDE, NARROW])(
    'a chart is looked at closer with the keyboard, stays open through updates, and axe finds nothing in it',
    async (viewport) => {
      const { page, complaints } = await visit('/sites/cheadle-3', { viewport });
      await live(page);
      const chart = page.locator('#history-dev-cheadle-3-pm2_5');
      await chart.locator('.kb-explore__button').focus();
      await page.keyboard.press('Enter');
      const slider = chart.getByRole('slider');
      await slider.focus();
      await page.keyboard.press('Home');
      const first = await slider.getAttribute('aria-valuetext');
      await page.keyboard.press('End');
      expect(await slider.getAttribute('aria-valuetext')).not.toBe(first);
      expect(await slider.getAttribute('aria-valuetext')).toMatch(/\d+ \w+, \d\d:\d\d: [\d.]+ µg\/m³$/);
      await house.say('dev-cheadle-3', { pm2_5: 61.1 });
      await expect.poll(() => numberOf(page, 'value-dev-cheadle-3-pm2_5'), { timeout: 8_000 }).toBe('61.1');
      expect(await slider.count()).toBe(1);
      const { violations } = await axeOn(page);
      expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ target }) => target.join(' ')) }))).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
      await chart.locator('.kb-explore__button').click();
      expect(await slider.count()).toBe(0);
      expect(complaints).toEqual([]);
    },
  );

  test('a new value is on the page within seconds, without reloading it', async () => {
    const { page, complaints } = await visit('/');
    await live(page);
    await page.evaluate('window.stillTheSamePage = true');
    await house.say('dev-cheadle-2', { pm2_5: 33.3 });
    await expect.poll(() => numberOf(page, 'site-cheadle-2'), { timeout: 8_000 }).toBe('33.3');
    expect(await page.evaluate('window.stillTheSamePage')).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('an alert changes the sentence and the title, and is said to those who listen', async () => {
    const { page } = await visit('/');
    await live(page);
    await house.say('dev-cheadle-3', { no2: 99 });
    await expect.poll(() => page.textContent('h1'), { timeout: 8_000 }).toMatch(/2 alerts$/);
    await expect.poll(() => page.title()).toMatch(/2 alerts - Kerbside$/);
    await expect.poll(() => page.textContent('[role=status]')).toMatch(/2 alerts$/);
    await house.say('dev-cheadle-3', { no2: 9 });
    await expect.poll(() => page.textContent('h1'), { timeout: 8_000 }).toMatch(/1 alert$/);
    // Heard once; the next change is not shouted after it.
    expect(await page.textContent('[role=status]')).toMatch(/2 alerts$/);
  });

  test('the page of a site is told of that site only', async () => {
    const { page } = await visit('/sites/cheadle-4');
    await live(page);
    await house.say('dev-cheadle-4', { pm2_5: 44.4 });
    await expect.poll(() => numberOf(page, 'value-dev-cheadle-4-pm2_5'), { timeout: 8_000 }).toBe('44.4');
    const shown = await page.textContent('[data-live-state]');
    await house.say('dev-cheadle-5', { pm2_5: 55.5 });
    await page.waitForTimeout(2_500);
    expect(await page.textContent('[data-live-state]')).toBe(shown);
  });

  test('paused is paused; resumed, the page catches up', async () => {
    const { page } = await visit('/');
    await live(page);
    await page.click('text=Pause updates');
    const before = await numberOf(page, 'site-cheadle-5');
    await house.say('dev-cheadle-5', { pm2_5: 12.1 });
    await page.waitForTimeout(2_500);
    expect(await numberOf(page, 'site-cheadle-5')).toBe(before);
    expect(await page.textContent('[data-live-state]')).toMatch(/^Paused at/);
    await page.click('text=Resume updates');
    await expect.poll(() => numberOf(page, 'site-cheadle-5'), { timeout: 8_000 }).toBe('12.1');
  });

  test('an update takes neither the focus nor what was opened, and does not move rows that are in use', async () => {
    const { page } = await visit('/sites/cheadle-6');
    await live(page);
    await page.click('summary >> text=Table of PM2.5');
    await page.locator('summary', { hasText: 'Table of Ozone' }).focus();
    await house.say('dev-cheadle-6', { pm2_5: 66.6 });
    await expect.poll(() => numberOf(page, 'value-dev-cheadle-6-pm2_5'), { timeout: 8_000 }).toBe('66.6');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Ozone');
    expect(await page.locator('details[open]').count()).toBe(1);

    const { page: list } = await visit('/');
    await live(list);
    const order = () => list.locator('tr.kb-row').evaluateAll((rows) => rows.map(({ id }) => id));
    const before = await order();
    await list.focus('#site-cheadle-1 a');
    // It would now be the first of the list.
    await house.say('dev-cheadle-2', { no2: 88, pm2_5: 22.2 });
    await expect.poll(() => list.textContent('#site-cheadle-2 .kb-condition'), { timeout: 8_000 }).toContain('Alert');
    expect(await order()).toEqual(before);
    expect(await list.evaluate('document.activeElement.textContent')).toBe('Cheadle High Street 1');
    await house.say('dev-cheadle-2', { no2: 8 });
  });

  test('while the connection is cut a banner says so, and goes when it is back', async () => {
    const proxy = await startProxy({ port: Number(new URL(house.url).port) });
    const { page } = await visit('/', { baseURL: house.url });
    await page.goto(`http://127.0.0.1:${proxy.port}/`);
    await live(page);
    expect(await page.isVisible('[data-live-cut]')).toBe(false);
    await proxy.mode('refuse');
    await expect.poll(() => page.isVisible('[data-live-cut]'), { timeout: 10_000 }).toBe(true);
    expect(await page.textContent('[data-live-state]')).toContain('Not live');
    await house.say('dev-cheadle-1', { pm2_5: 11.1 });
    await proxy.mode('pass');
    await expect.poll(() => page.isVisible('[data-live-cut]'), { timeout: 20_000 }).toBe(false);
    // What happened meanwhile is made up for.
    await expect.poll(() => numberOf(page, 'site-cheadle-1'), { timeout: 8_000 }).toBe('11.1');
    await page.close();
    await proxy.stop();
  });
});
