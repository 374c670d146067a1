import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { House } from '../dashboard/house.ts';
import { needs } from '../servers/index.ts';
import { axeOn } from './axe.ts';
import { openBrowser } from './browser.ts';
import { fitsPhone, judge, keep, NARROW, openVisits, WIDE } from './judge.ts';
import { HOSTILE } from './scene.ts';
import { live, openTown } from './town.ts';

const everyPage = [
  '/',
  '/?q=castle&borough=stockport&condition=silent',
  '/?q=nothing-of-the-kind',
  '/sites/wrs-14',
  '/sites/wrs-14?range=7d',
  '/sites/wrs-14?range=custom&from=2026-13-01&to=x',
  '/sites/merseyway?range=30d',
  '/devices/dev-merseyway',
  '/devices/dev-edgeley',
  '/devices/dev-bredbury',
  '/devices/box-9',
  '/devices',
  '/gateways',
  '/gateways/00800000a00016b6',
  '/alerts',
  '/accessibility',
  '/nothing-here',
] as const;

needs('chromium')('the pages in a real browser', () => {
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

  test.each(everyPage)(
    '%s has no barrier that axe can find, and nothing sticks out, here and on a phone',
    async (path) => {
      const { page, complaints } = await visit(path);
      if (path !== '/nothing-here' && path !== '/accessibility' && !path.startsWith('/gateways')) await live(page);
      for (const details of await page.locator('details').all())
        await details.evaluate((element) => element.setAttribute('open', ''));
      const name = path.replaceAll(/[/?&=]/g, '_');
      await judge(page, name);
      await fitsPhone(page, name);
      // That there is no such page the browser says too.
      expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
    },
  );

  test.each([WIDE.width, NARROW.width])(
    'a value leads to how it came about, without JavaScript, at %d pixels',
    async (width) => {
      const { page, complaints } = await visit('/devices/dev-wrs-14', {
        viewport: { width, height: 900 },
        javaScriptEnabled: false,
      });
      await page.click('#value-dev-wrs-14-no2 >> text=Explain');
      expect(await page.textContent('h1')).toBe('Nitrogen dioxide, explained');
      const text = (await page.textContent('main')) ?? '';
      for (const words of [
        '71.3 µg/m³',
        'no2 = 71.3',
        'kerbside/canonical',
        'gross-range',
        'It gives exactly what is stored',
        'shown to whoever has a key',
      ])
        expect(text).toContain(words);
      expect(await page.locator('section.kb-step').count()).toBe(9);
      expect(await page.locator('#step-6 tbody tr').count()).toBeGreaterThanOrEqual(10);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await keep(page, `explain-${width}`);
      // Axe itself is a script, and the page has the same words with and without.
      const { page: scripted } = await visit(new URL(page.url()).pathname + new URL(page.url()).search, {
        viewport: { width, height: 900 },
      });
      const { violations, passes } = await axeOn(scripted);
      expect(passes.length).toBeGreaterThan(15);
      expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ target }) => target.join(' ')) }))).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  test('without JavaScript the first screen says how things are, lists everything, and links work', async () => {
    const { page } = await visit('/', { javaScriptEnabled: false });
    expect(await page.textContent('h1')).toMatch(/^\d+ of 17 sensors reporting, 1 alert$/);
    expect(await page.locator('tr.kb-row').count()).toBe(17);
    expect(await page.textContent('[data-live-state]')).toBe('Reload this page for newer values.');
    expect(await page.isVisible('[data-live-pause]')).toBe(false);
    await page.click('#site-merseyway a');
    expect(await page.textContent('h1')).toBe('Merseyway precinct');
    expect(await page.locator('#history svg.kb-chart__svg').count()).toBeGreaterThan(1);
    await page.click('#history summary >> text=Table');
    expect(await page.isVisible('#history table.kb-hours')).toBe(true);
  });

  test.each([true, false])(
    'sites are searched by keyboard, and the filter stays in the address and on each link (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const { page } = await visit('/', { javaScriptEnabled });
      await page.focus('#q');
      await page.keyboard.type('cheadle');
      await page.keyboard.press('Enter');
      await page.waitForURL(/q=cheadle/);
      expect(await page.locator('tr.kb-row').count()).toBe(6);
      expect(await page.textContent('#searched')).toBe('6 sites with “cheadle”.');
      expect(await page.inputValue('#q')).toBe('cheadle');
      await page.click('.kb-filters >> text=OK');
      expect(new URL(page.url()).search).toMatch(/q=cheadle.*condition=ok/);
      expect(await page.getAttribute('text=Show these on a map', 'href')).toMatch(/^\/map\?q=cheadle.*condition=ok/);
      await page.selectOption('#quantity', 'no2');
      await page.click('text=Show sites');
      expect(new URL(page.url()).searchParams.get('condition')).toBe('ok');
      await page.click('text=Show all sites');
      expect(await page.locator('tr.kb-row').count()).toBe(17);
    },
  );

  test('other days are asked for with a plain form, without JavaScript', async () => {
    const { page } = await visit('/sites/wrs-14', { javaScriptEnabled: false });
    await page.click('#range-days summary');
    const today = new Date(house.now()).toISOString().slice(0, 10);
    await page.fill('#range-from', today);
    await page.fill('#range-to', today);
    await page.click('text=Show these days');
    expect(new URL(page.url()).searchParams.get('range')).toBe('custom');
    expect(await page.inputValue('#range-from')).toBe(today);
    expect(await page.locator('#history svg.kb-chart__svg').count()).toBeGreaterThan(1);
  });

  test('on paper a site has its address and the time, and no buttons', async () => {
    const { page } = await visit('/sites/wrs-14?range=7d');
    await page.emulateMedia({ media: 'print' });
    expect(await page.textContent('.kb-printed')).toBe(`${house.url}/sites/wrs-14?range=7d`);
    expect(await page.isVisible('.kb-printed')).toBe(true);
    expect(await page.isVisible('.kb-as-at')).toBe(true);
    expect(await page.locator('.kb-explore__button:visible, .kb-search:visible, nav:visible').count()).toBe(0);
  });

  test('each state has a shape and a word of its own: none is told by colour alone', async () => {
    const { page } = await visit('/');
    const signs = await page.locator('tr.kb-row .kb-condition').evaluateAll((elements) =>
      elements.map((element) => ({
        word: element.textContent?.trim() ?? '',
        shape: element.querySelector('svg')?.innerHTML ?? '',
      })),
    );
    const words = new Set(signs.map(({ word }) => word));
    expect(words).toEqual(new Set(['Alert', 'Late', 'Maintenance', 'Never heard', 'OK', 'Quality suspect', 'Silent']));
    expect(new Set(signs.map(({ shape }) => shape)).size).toBe(words.size);
  });

  test('a silent sensor says what is silent with it, one in maintenance that it is', async () => {
    const { page } = await visit('/devices');
    expect(await page.textContent('#device-dev-edgeley .kb-cause')).toBe(
      'its gateway box-3 is silent too, and with it 1 other sensor',
    );
    expect(await page.textContent('#device-dev-portwood .kb-condition')).toContain('Maintenance');
    expect(await page.locator('#device-dev-portwood .kb-cause').count()).toBe(0);
    await page.click('#device-dev-edgeley a');
    expect(await page.textContent('#sensors .kb-cause')).toMatch(/^Silent: its gateway box-3 is silent too/);
  });

  test('a gateway says how it is, whom it hears, and who falls silent with it, without JavaScript', async () => {
    const { page } = await visit('/', { javaScriptEnabled: false });
    await page.click('nav >> text=Gateways');
    expect(await page.textContent('h1')).toBe('Radio gateways');
    expect(await page.locator('tr.kb-row').count()).toBe(3);
    expect(await page.textContent('#gateway-ttn-gw-2')).toMatch(/Silent[\s\S]*not connected/);
    expect(await page.textContent('#gateway-hostile')).toContain(HOSTILE);
    await page.click('#gateway-00800000a00016b6 a');
    expect(await page.textContent('h1')).toBe('Town hall');
    expect(await page.textContent('#alone')).toBe(
      'If this gateway fails, this sensor falls silent: no other gateway hears it.',
    );
    const text = (await page.textContent('main')) ?? '';
    for (const words of ['868.100 MHz', 'M, 1.0 % a transmitter', '-97 dBm', '85.0 %', '26.5 °C'])
      expect(text).toContain(words);
  });

  test('an EUI stands in one line in the lists of gateways and of the sensors that one hears', async () => {
    const at = house.now();
    house.radio.tell({
      kind: 'stats',
      gateway: 'aa555a0000000101',
      connector: 'semtech-udp',
      at,
      received: 1,
      receivedOk: 1,
    });
    await expect
      .poll(async () => (await house.ask('/gateways', { accept: 'text/html' })).text)
      .toContain('aa555a0000000101');
    for (const width of [1280, 1030, 800]) {
      const { page } = await visit('/gateways', { viewport: { width, height: 900 } });
      const euis = page.locator('main .kb-place >> text=/^[0-9a-f]{16}$/');
      expect(await euis.count()).toBe(2);
      const lines = await euis.evaluateAll((all) =>
        all.map((one) => {
          const range = one.ownerDocument.createRange();
          range.selectNodeContents(one);
          return new Set([...range.getClientRects()].map(({ top }) => top)).size;
        }),
      );
      expect(lines).toEqual([1, 1]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  test('one that is heard in vain says so, and an edge box is a gateway', async () => {
    const { page } = await visit('/');
    expect(await page.textContent('#site-bredbury .kb-cause')).toMatch(/but nothing of it was understood$/);
    expect(await page.textContent('#waiting')).toMatch(/^1 message waits in the quarantine/);
    const { page: list } = await visit('/devices');
    expect(await list.textContent('#device-box-9')).toMatch(/Gateway[\s\S]*OK[\s\S]*Forwarded/);
  });

  test('a keyboard reaches everything: the skip link first, and it leads to the content', async () => {
    const { page } = await visit('/');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to main content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main-content');
    const seen = new Set<unknown>();
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press('Tab');
      seen.add(await page.evaluate('document.activeElement.textContent.trim()'));
    }
    expect([...seen]).toEqual(expect.arrayContaining(['Cheadle High Street 1', 'Merseyway precinct']));
  });

  test('a name that is a script is a name', async () => {
    for (const path of ['/', '/sites/hostile', '/devices']) {
      const { page } = await visit(path);
      expect(await page.title()).not.toBe('owned');
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.textContent('main')).toContain(HOSTILE);
    }
  });

  test('the API reference opens and lists the routes', async () => {
    const { page, complaints } = await visit('/api/docs');
    await expect.poll(() => page.locator('.opblock').count(), { timeout: 15_000 }).toBeGreaterThan(15);
    expect(complaints).toEqual([]);
  });
});
