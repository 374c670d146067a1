import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openHouse, type House } from '../dashboard/house.ts';
import { needs, startProxy } from '../servers/index.ts';
import { axeOn } from './axe.ts';
import { openBrowser } from './browser.ts';
import { fitsPhone, judge, keep, NARROW, WIDE } from './judge.ts';
import { furnish, HOSTILE, tellRadio } from './scene.ts';

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
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    house = await openHouse({ prepare: (parts) => furnish(parts, parts.clock.now()) });
    await house.registry.addRule({
      name: 'NO2 above 60',
      quantity: 'no2',
      when: 'above',
      threshold: 60,
      severity: 'critical',
    });
    await house.registry.addRule({
      name: 'PM2.5 above 5 for an hour',
      quantity: 'pm2_5',
      when: 'above',
      threshold: 5,
      forMs: 3_600_000,
    });
    await house.say('dev-wrs-14', { no2: 71.3, pm2_5: 17.2 });
    await house.say('dev-cheadle-1', { no2: 64, pm2_5: 3 });
    await house.say('dev-cheadle-1', { no2: 20, pm2_5: 3 });
    // Heard, and not understood; and an edge box that measures nothing.
    await house.say('dev-bredbury', { nobody: 'knows' });
    await house.registry.addDevice({ id: 'box-9', profile: 'kerbside/canonical', speaksFor: ['dev-hostile'] });
    await house.say('dev-hostile', { no2: 20 }, house.now(), 'box-9');
    await house.registry.addDevice({
      id: 'lora-1',
      profile: 'decentlab/dl-pm',
      name: 'By the canal',
      status: 'planned',
    });
    tellRadio(house.radio, house.now());
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });

  /** A page, and what the browser complained about. */
  const visit = async (
    path: string,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<{ page: Page; complaints: string[] }> => {
    const context = await browser.newContext({ viewport: WIDE, ...options });
    contexts.push(context);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('404')) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${house.url}${path}`);
    return { page, complaints };
  };
  const live = async (page: Page): Promise<void> => {
    await expect.poll(() => page.textContent('[data-live-state]')).toMatch(/^Live/);
  };
  const numberOf = (page: Page, row: string): Promise<string | null> => page.textContent(`#${row} .kb-number`);

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
      expect(complaints).toEqual([]);
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

  test('what somebody types into the search is not taken away by an update', async () => {
    const { page } = await visit('/');
    await live(page);
    await page.focus('#q');
    await page.keyboard.type('chead');
    await house.say('dev-cheadle-2', { pm2_5: 34.4 });
    await expect.poll(() => numberOf(page, 'site-cheadle-2'), { timeout: 8_000 }).toBe('34.4');
    expect(await page.inputValue('#q')).toBe('chead');
  });

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
