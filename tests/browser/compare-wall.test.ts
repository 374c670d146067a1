import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openHouse, type House } from '../dashboard/house.ts';
import { needs, startProxy } from '../servers/index.ts';
import { openBrowser } from './browser.ts';
import { fitsPhone, judge, keep, NARROW, openVisits, WIDE } from './judge.ts';
import { furnish, HOSTILE } from './scene.ts';

needs('chromium')('comparing, and the wall, in a real browser', () => {
  let house: House;
  let browser: Browser;
  const visits = openVisits(() => browser);
  beforeAll(async () => {
    house = await openHouse({ prepare: (parts) => furnish(parts, parts.clock.now()) });
    await house.registry.addRule({
      name: 'NO2 above 60',
      quantity: 'no2',
      when: 'above',
      threshold: 60,
      severity: 'critical',
    });
    await house.say('dev-wrs-14', { no2: 71.3, pm2_5: 17.2 });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });
  afterEach(() => visits.done());

  describe('comparing', () => {
    const states = [
      ['no-site', '/compare'],
      ['one-site-and-its-past', '/compare?sites=wrs-14&past=week,year&range=7d'],
      ['two-sites', '/compare?sites=wrs-14,cheadle-1&quantity=no2'],
      ['three-sites', '/compare?sites=wrs-14,cheadle-1,hostile&range=30d'],
      ['four-sites', '/compare?sites=wrs-14,cheadle-1,merseyway,heaton-moor'],
      ['footfall', '/compare?sites=merseyway&quantity=footfall_in&past=week'],
      ['nothing-measured', '/compare?sites=bredbury'],
      ['unknown', '/compare?sites=nowhere&add=zzz'],
    ] as const;
    test.each(states)(
      '%s has no barrier that axe can find, and nothing sticks out, here and on a phone',
      async (name, path) => {
        const { page, complaints } = await visits.visit(`${house.url}${path}`);
        for (const details of await page.locator('details').all())
          await details.evaluate((element) => element.setAttribute('open', ''));
        await judge(page, `compare-${name}`);
        await fitsPhone(page, `compare-${name}`);
        expect(complaints).toEqual([]);
      },
    );

    test('without JavaScript sites are searched, added and taken out, and the address says all', async () => {
      const { page } = await visits.visit(`${house.url}/compare`, { javaScriptEnabled: false });
      await page.fill('#compare-add', 'wellington');
      await page.click('text=Search');
      await page.click('main >> text=Wellington Road South, column 14');
      await page.fill('#compare-add', 'cheadle 1');
      await page.click('button:has-text("Search")');
      await page.click('text=Cheadle High Street 1');
      await page.selectOption('#compare-quantity', 'no2');
      await page.click('text=Show');
      await page.click('text=Last 7 days');
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
        sites: 'wrs-14,cheadle-1',
        quantity: 'no2',
        range: '7d',
      });
      expect(await page.textContent('#chart-heading')).toBe('Nitrogen dioxide: 2 sites, last 7 days');
      expect(await page.isVisible('.kb-chart__wide svg')).toBe(true);
      await page.click('summary');
      expect(await page.locator('.kb-chart__table table thead th').allTextContents()).toEqual([
        'From',
        'Wellington Road South, column 14',
        'Cheadle High Street 1',
      ]);
      expect(await page.getAttribute('.kb-chart__csv a', 'href')).toBe(
        '/compare.csv?sites=wrs-14,cheadle-1&quantity=no2&range=7d',
      );
      await page.click('text=Remove >> nth=1');
      await page.click('text=The week before');
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
        sites: 'wrs-14',
        quantity: 'no2',
        range: '7d',
        past: 'week',
      });
    });

    test('a keyboard reaches the table, and the threshold is in the words of the picture', async () => {
      const { page } = await visits.visit(`${house.url}/compare?sites=wrs-14,cheadle-1&quantity=no2`);
      expect(await page.textContent('.kb-chart__wide desc')).toContain('Threshold “NO2 above 60”: 60.0 µg/m³');
      await page.locator('.kb-chart__table summary').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('region');
    });

    test('in forced colours axe finds nothing', async () => {
      const { page } = await visits.visit(`${house.url}/compare?sites=wrs-14,cheadle-1,merseyway,heaton-moor`, {
        forcedColors: 'active',
      });
      await judge(page, 'compare-forced');
      expect(await page.locator('.kb-chart__wide svg').count()).toBe(1);
    });
  });

  describe('the wall', () => {
    const pageNumber = (page: Page): Promise<string | null> => page.getAttribute('[data-wall]', 'data-page');
    const cut = (page: Page): Promise<boolean> => page.isVisible('[data-wall-cut]');

    test.each([
      ['all', '/wall', WIDE],
      ['all', '/wall', NARROW],
      ['some', '/wall?sites=hostile,wrs-14,bredbury', WIDE],
      ['none', '/wall?q=nobody', WIDE],
      ['held', '/wall?hold=1&page=2', NARROW],
    ] as const)('%s: axe finds no barrier and nothing sticks out', async (name, path, viewport) => {
      const { page, complaints } = await visits.visit(`${house.url}${path}`, { viewport });
      await judge(page, `wall-${name}`);
      expect(complaints).toEqual([]);
    });

    test('in forced colours, and at a screen of 3,840 pixels, axe finds nothing', async () => {
      await judge((await visits.visit(`${house.url}/wall`, { forcedColors: 'active' })).page, 'wall-forced');
      const large = await visits.visit(`${house.url}/wall`, { viewport: { width: 3_840, height: 2_160 } });
      await judge(large.page, 'wall-large');
      expect(large.complaints).toEqual([]);
    });

    test('is worst first, each value has its time, and what a silent sensor said last is called old', async () => {
      const { page } = await visits.visit(`${house.url}/wall`);
      expect(await page.locator('.kb-tile__name').first().textContent()).toBe('Wellington Road South, column 14');
      expect(await page.locator('.kb-tile').count()).toBe(6);
      const whens = await page.locator('.kb-tile__when').allTextContents();
      expect(whens.length).toBeGreaterThan(8);
      for (const words of whens) expect(words).toMatch(/at (\d+ \w+, )?\d\d:\d\d/);
      expect(await page.textContent('#site-edgeley')).toContain('old, at');
      expect(await page.textContent('#site-wrs-14')).not.toContain('old');
      const { page: named } = await visits.visit(`${house.url}/wall?sites=hostile,wrs-14`);
      expect(await named.locator('.kb-tile__name').allTextContents()).toEqual([
        HOSTILE,
        'Wellington Road South, column 14',
      ]);
    });

    test('without JavaScript the browser turns the pages, and a link holds them', async () => {
      const { page } = await visits.visit(`${house.url}/wall?every=5`, { javaScriptEnabled: false });
      await page.waitForURL(/page=2/, { timeout: 15_000 });
      await page.waitForURL(/page=3/, { timeout: 15_000 });
      await page.click('text=Stay on this page');
      expect(page.url()).toContain('hold=1');
      expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(0);
      await page.click('text=Next page');
      expect(page.url()).not.toContain('page=');
      await page.click('text=Turn pages again');
      expect(page.url()).not.toContain('hold');
    });

    test('a keyboard turns it both ways, holds it and lets it go', async () => {
      const { page } = await visits.visit(`${house.url}/wall`, {}, (page) => page.clock.install());
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => pageNumber(page)).toBe('2');
      await page.keyboard.press('ArrowLeft');
      await expect.poll(() => pageNumber(page)).toBe('1');
      await page.keyboard.press('ArrowLeft');
      await expect.poll(() => pageNumber(page)).toBe('3');
      await page.keyboard.press(' ');
      expect(await page.getAttribute('[data-wall-pause]', 'aria-pressed')).toBe('true');
      await page.clock.runFor(60_000);
      expect(await pageNumber(page)).toBe('3');
      // Held is the page, not the values.
      await house.say('dev-cheadle-6', { pm2_5: 91.7 });
      const nextText = async (): Promise<string | null> => {
        await page.clock.runFor(15_000);
        return page.textContent('main');
      };
      // A page that was drawn for somebody else is shown for two seconds at most.
      await expect.poll(nextText, { timeout: 15_000, interval: 500 }).toContain('91.7');
      await page.getByRole('button', { name: 'Pause turning' }).press(' ');
      await page.clock.runFor(1_000);
      await expect.poll(() => pageNumber(page)).toBe('1');
    });

    test('cut off, it says since when and marks every value; back again, it goes on', async () => {
      const proxy = await startProxy({ port: Number(new URL(house.url).port) });
      const { page } = await visits.visit(`http://127.0.0.1:${proxy.port}/wall?every=5`);
      const at = await page.getAttribute('[data-wall]', 'data-at');
      await proxy.mode('refuse');
      await expect.poll(() => cut(page), { timeout: 15_000 }).toBe(true);
      expect(await page.textContent('[data-wall-cut]')).toContain(`Cut off since ${at ?? ''}`);
      expect(await page.textContent('[data-wall-cut]')).toContain('What you see is from then, not from now');
      expect(await page.locator('.kb-tile__stale:visible').count()).toBe(await page.locator('.kb-tile').count());
      expect(
        await page.evaluate("getComputedStyle(document.querySelector('.kb-tile__number')).textDecorationLine"),
      ).toBe('line-through');
      await judge(page, 'wall-cut');
      await proxy.mode('pass');
      await expect.poll(() => cut(page), { timeout: 15_000 }).toBe(false);
      expect(await page.locator('.kb-tile__stale:visible').count()).toBe(0);
      await page.close();
      await proxy.stop();
    });

    test('a server that takes the question and never answers is a cut as well, and so are timers that slept', async () => {
      const { page } = await visits.visit(`${house.url}/wall`, {}, (page) => page.clock.install());
      await page.route('**/wall*', () => {});
      await page.clock.runFor(15_500);
      await page.clock.runFor(10_500);
      await expect.poll(() => cut(page)).toBe(true);
      await page.unroute('**/wall*');
      await page.clock.runFor(6_000);
      await expect.poll(() => cut(page)).toBe(false);
      await page.route('**/wall*', () => {});
      // The machine slept for an hour: the first tick after it finds out.
      await page.clock.fastForward('01:00:00');
      await page.clock.runFor(1_000);
      expect(await cut(page)).toBe(true);
      expect(await page.textContent('[data-wall-why]')).toContain('Nothing has come in');
    });

    test('when somebody must sign in again it says so, and never shows the form as values', async () => {
      const { page } = await visits.visit(`${house.url}/wall`, {}, (page) => page.clock.install());
      await page.route('**/wall*', (route) => route.fulfill({ status: 401, body: 'no' }));
      await page.clock.runFor(16_000);
      await expect.poll(() => page.textContent('[data-wall-why]')).toContain('sign in again');
      await keep(page, 'wall-signed-out');
    });

    // A bound of 25 % over five hours and 600 pages: what were kept of each page, even 300 bytes, would break it.
    test('over eight simulated hours neither the heap nor the document grows, with an hour in which the server is away', async () => {
      const { page } = await visits.visit(`${house.url}/wall?every=30`, {}, (page) => page.clock.install());
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Performance.enable');
      let turns = 0;
      page.on('response', () => {
        turns += 1;
      });
      /** A turn: the clock goes on, and the answer is waited for. */
      const turn = async (): Promise<void> => {
        const answer = page.waitForResponse('**/wall*');
        await page.clock.runFor(30_000);
        await (await answer).finished();
        await page.evaluate('new Promise((resolve) => queueMicrotask(resolve))');
      };
      const hours = async (n: number): Promise<void> => {
        for (let i = 0; i < n * 120; i += 1) await turn();
      };
      await hours(1);
      // What a browser keeps a bounded number of, such as the timing of 250 answers and the complaints of its console, is full after that.
      await page.route('**/wall*', (route) => route.abort());
      await page.clock.runFor('01:00:00');
      expect(await cut(page)).toBe(true);
      await page.unroute('**/wall*');
      await turn();
      await expect.poll(() => cut(page)).toBe(false);
      await hours(1);
      // The least of a few pages: what an answer under way, or a stack, still holds is gone with another page, and what leaks is not.
      const settled = async (): ReturnType<typeof measured> => {
        let least = await measured(devtools);
        for (let n = 0; n < 4; n += 1) {
          await turn();
          const { heap, nodes, listeners } = await measured(devtools);
          least = {
            heap: Math.min(least.heap, heap),
            nodes: Math.min(least.nodes, nodes),
            listeners: Math.min(least.listeners, listeners),
          };
        }
        return least;
      };
      const before = await settled();
      await hours(5);
      const after = await settled();
      process.stderr.write(
        `wall: ${turns} pages; heap ${before.heap} -> ${after.heap} bytes, nodes ${before.nodes} -> ${after.nodes}, listeners ${before.listeners} -> ${after.listeners}\n`,
      );
      // Seven hours of two pages a minute.
      expect(turns).toBeGreaterThan(835);
      expect(after.nodes).toBeLessThan(before.nodes * 1.2 + 100);
      expect(after.listeners).toBe(before.listeners);
      expect(after.heap).toBeLessThan(before.heap * 1.25);
    }, 400_000);
  });
});

/** After rubbish is collected: bytes of the heap, nodes, and listeners of the page. */
const measured = async (devtools: CDPSession): Promise<{ heap: number; nodes: number; listeners: number }> => {
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN;
  return { heap: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
};
