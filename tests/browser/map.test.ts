import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openHouse, type House } from '../dashboard/house.ts';
import { archiveOf, waterTile } from '../map/tiles.ts';
import { needs } from '../servers/index.ts';
import { openBrowser } from './browser.ts';
import { judge, keep, NARROW, openVisits, WIDE } from './judge.ts';
import { furnish, HOSTILE } from './scene.ts';

const grounds = ['none', 'boundaries', 'tiles', 'pictures'] as const;
type Ground = (typeof grounds)[number];

const boundaries = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { WD23NM: 'Edgeley' },
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [-2.19, 53.39],
            [-2.15, 53.39],
            [-2.15, 53.41],
            [-2.19, 53.41],
            [-2.19, 53.39],
          ],
        ],
      },
    },
    {
      type: 'Feature',
      properties: { WD23NM: 'Cheadle' },
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [-2.24, 53.38],
            [-2.19, 53.38],
            [-2.19, 53.41],
            [-2.24, 53.41],
            [-2.24, 53.38],
          ],
        ],
      },
    },
  ],
};

/** A picture of one colour, as PNG. */
const png = (): Buffer => {
  const crcOf = (bytes: Buffer): number => {
    let crc = ~0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let i = 0; i < 8; i += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
  };
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const framed = Buffer.alloc(8);
    framed.writeUInt32BE(data.length);
    framed.writeUInt32BE(crcOf(body), 4);
    return Buffer.concat([framed.subarray(0, 4), body, framed.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(1);
  head.writeUInt32BE(1, 4);
  head[8] = 8;
  head[9] = 2;
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.from([0, 200, 220, 190]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

/** Without a graphics card the processor draws the map. */
const DRAWN_MS = 120_000;
const SOON = { timeout: 15_000 };

needs('chromium')('the map in a real browser', () => {
  let dir: string;
  let browser: Browser;
  let pictures: Server;
  let asked = 0;
  const houses = new Map<Ground, House>();
  const visits = openVisits(() => browser);
  const urlOf = (ground: Ground): string => houses.get(ground)?.url ?? '';

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kerbside-map-'));
    await writeFile(join(dir, 'wards.geojson'), JSON.stringify(boundaries));
    await writeFile(join(dir, 'town.pmtiles'), archiveOf('mvt', waterTile()));
    pictures = createServer((_request, answer) => {
      asked += 1;
      answer.writeHead(200, { 'Content-Type': 'image/png', 'Access-Control-Allow-Origin': '*' }).end(png());
    }).listen(0, '127.0.0.1');
    await once(pictures, 'listening');
    const address = pictures.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const envs: Readonly<Record<Ground, Record<string, string>>> = {
      none: {},
      boundaries: { KERBSIDE_MAP_BOUNDARIES: 'wards.geojson' },
      tiles: {
        KERBSIDE_MAP_TILES: 'town.pmtiles',
        KERBSIDE_MAP_BOUNDARIES: 'wards.geojson',
        KERBSIDE_MAP_ATTRIBUTION: '© OpenStreetMap contributors',
      },
      pictures: { KERBSIDE_MAP_URL: `http://127.0.0.1:${port}/{z}/{x}/{y}.png` },
    };
    for (const ground of grounds)
      houses.set(
        ground,
        await openHouse({
          env: { KERBSIDE_DATA_DIR: dir, ...envs[ground] },
          prepare: (parts) => furnish(parts, parts.clock.now()),
        }),
      );
    const house = houses.get('none');
    await house?.registry.addRule({
      name: 'NO2 above 60',
      quantity: 'no2',
      when: 'above',
      threshold: 60,
      severity: 'critical',
    });
    await house?.say('dev-wrs-14', { no2: 71.3, pm2_5: 17.2 });
    browser = await openBrowser();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    for (const house of houses.values()) await house.close();
    pictures?.close();
    await rm(dir, { recursive: true });
  });
  afterEach(() => visits.done());

  const moving = async (page: Page): Promise<void> => {
    await expect.poll(() => page.locator('.kb-marker').count(), { timeout: 15_000 }).toBeGreaterThan(4);
  };
  const focused = (page: Page, selector: string): Promise<unknown> =>
    page.evaluate(`document.activeElement === document.querySelector('${selector}')`);
  /** Where the button of a site is on the screen. */
  const placeOf = async (page: Page, name: RegExp) =>
    (await page.getByRole('button', { name }).first().boundingBox()) ?? { x: NaN, y: NaN };

  describe.each(grounds)('on %s', (ground) => {
    test.each(ground === grounds[0] ? [WIDE, NARROW] : [WIDE])(
      'axe finds no barrier, nothing sticks out, and nothing is asked of anybody else: $width pixels',
      async (viewport) => {
        const elsewhere: string[] = [];
        const { page, complaints } = await visits.visit(`${urlOf(ground)}/map`, { viewport }, async (page) => {
          page.on('request', (request) => {
            if (!request.url().startsWith(urlOf(ground)) && !request.url().startsWith('data:'))
              elsewhere.push(new URL(request.url()).origin);
          });
        });
        if (ground === grounds[0]) await judge(page, `map-${ground}-closed`);
        if (viewport === NARROW) await page.getByRole('button', { name: 'Open the map that moves' }).click();
        await moving(page);
        await expect.poll(() => page.isVisible('.kb-picture'), SOON).toBe(false);
        await expect
          .poll(() => page.getAttribute('[data-map]', 'data-laid'), { timeout: 10_000 })
          .toBe(ground === 'boundaries' || ground === 'tiles' ? 'graticule and boundaries' : 'graticule');
        await page.waitForTimeout(1_000);
        await judge(page, `map-${ground}`);
        expect(new Set(elsewhere).size).toBe(ground === 'pictures' ? 1 : 0);
        expect(complaints).toEqual([]);
      },
      DRAWN_MS,
    );
  });

  test('pictures of the one server that was chosen are loaded, and of another none', async () => {
    const { page, complaints } = await visits.visit(`${urlOf('pictures')}/map`);
    await moving(page);
    await expect.poll(() => asked, SOON).toBeGreaterThan(0);
    const other = await page.evaluate(
      (url) =>
        fetch(url).then(
          () => 'loaded',
          () => 'refused',
        ),
      `${urlOf('none')}/map`,
    );
    expect(other).toBe('refused');
    expect(complaints.some((words) => words.includes('Content Security Policy'))).toBe(true);
  });

  test('a ground that does not answer is said, and the sites are where they are', async () => {
    const { page } = await visits.visit(`${urlOf('pictures')}/map`, {}, (page) =>
      page.route('**/*.png', (route) => route.abort()),
    );
    await moving(page);
    await expect.poll(() => page.textContent('[data-map-note]'), SOON).toContain('could not be loaded');
    expect(await page.getByRole('button', { name: /^Wellington Road South/ }).count()).toBe(1);
  });

  test('a tile of the archive is drawn: the map has its water', async () => {
    const { page, complaints } = await visits.visit(`${urlOf('tiles')}/map`);
    await moving(page);
    await page.waitForTimeout(1_500);
    const [plain] = [await visits.visit(`${urlOf('none')}/map`)];
    await moving(plain.page);
    await plain.page.waitForTimeout(500);
    const clip = { x: 620, y: 640, width: 4, height: 4 };
    const [wet, dry] = [await page.screenshot({ clip }), await plain.page.screenshot({ clip })];
    expect(wet.equals(dry)).toBe(false);
    expect(await page.textContent('main')).toContain('© OpenStreetMap contributors');
    expect(complaints).toEqual([]);
  });

  test('a site is a real button with its name, state and value; pressed, it says more and gives the focus back', async () => {
    const { page } = await visits.visit(`${urlOf('none')}/map`);
    await moving(page);
    const button = page.getByRole('button', { name: 'Wellington Road South, column 14, alert, NO₂ 71.3 µg/m³' });
    await button.focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('region', { name: 'Chosen on the map' });
    expect(await focused(page, '[data-map-panel]')).toBe(true);
    expect(await panel.textContent()).toMatch(
      /Wellington Road South, column 14: Alert, NO₂ 71.3 µg\/m³, Good, at \d\d:\d\d/,
    );
    await judge(page, 'map-chosen');
    await page.keyboard.press('Escape');
    expect(await panel.isVisible()).toBe(false);
    expect(await focused(page, '[aria-label^="Wellington Road South"]')).toBe(true);
  });

  test('sites that cover each other are one button, which goes nearer; those in one place are listed, a name that is a script as a name', async () => {
    const { page } = await visits.visit(`${urlOf('none')}/map`, { reducedMotion: 'reduce' });
    await moving(page);
    const both = page.getByRole('button', { name: /^2 sites: .*Cheadle High Street 3/ });
    for (let nearer = 0; nearer < 8 && (await both.count()) === 0; nearer += 1) {
      await page
        .getByRole('button', { name: /sites.*(Cheadle High Street|the worst)/ })
        .first()
        .press('Enter');
      await page.waitForTimeout(400);
    }
    await both.press('Enter');
    const text = await page.getByRole('region', { name: 'Chosen on the map' }).textContent();
    expect(text).toContain('Cheadle High Street 3');
    expect(text).toContain(HOSTILE);
    expect(await page.locator('main img').count()).toBe(0);
  });

  test('buttons move it and go nearer, and so do keys: no dragging is needed', async () => {
    const { page } = await visits.visit(`${urlOf('none')}/map`, { reducedMotion: 'reduce' });
    await moving(page);
    const at = () => placeOf(page, /^Wellington Road South/);
    const first = await at();
    await page.getByRole('button', { name: 'Right', exact: true }).click();
    await expect.poll(async () => (await at()).x, SOON).toBeLessThan(first.x - 100);
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect.poll(async () => Math.abs((await at()).x - first.x), SOON).toBeLessThan(3);
    const between = async () => Math.abs((await placeOf(page, /^Hazel Grove/)).x - (await at()).x);
    const before = await between();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await expect.poll(between, SOON).toBeGreaterThan(before * 1.8);
    await page.locator('.maplibregl-canvas').focus();
    const middle = await at();
    await page.keyboard.press('ArrowUp');
    await expect.poll(async () => (await at()).y, SOON).toBeGreaterThan(middle.y + 50);
  });

  test('where motion is reduced nothing flies: the map is there in the next frame', async () => {
    const jumped = async (reducedMotion: 'reduce' | 'no-preference'): Promise<boolean> => {
      const { page } = await visits.visit(`${urlOf('none')}/map`, { reducedMotion });
      await moving(page);
      const first = await placeOf(page, /^Wellington Road South/);
      // Two frames later, in the page's own time.
      const now = await page.evaluate(`(async () => {
        document.querySelector('[data-map-do=east]').click();
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        return document.querySelector('.kb-marker[aria-label^="Wellington Road South"]').getBoundingClientRect().x;
      })()`);
      return typeof now === 'number' && first.x - now > 150;
    };
    expect([await jumped('reduce'), await jumped('no-preference')]).toEqual([true, false]);
  });

  test('without JavaScript there are the picture with numbers, the list with positions, and a form that narrows', async () => {
    const { page } = await visits.visit(`${urlOf('boundaries')}/map`, { javaScriptEnabled: false });
    expect(await page.locator('.kb-picture__mark').count()).toBe(14);
    expect(await page.locator('.kb-picture__name').allTextContents()).toEqual(['Edgeley', 'Cheadle']);
    expect(await page.textContent('#site-wrs-14')).toContain('53.40410, -2.15890');
    expect(await page.isVisible('[data-map-open]')).toBe(false);
    await page.selectOption('#condition', 'late');
    await page.click('text=Show');
    expect(new URL(page.url()).searchParams.get('condition')).toBe('late');
    expect(await page.locator('tr.kb-row').count()).toBe(1);
    expect(await page.textContent('h2')).toBe('1 of 16 sites');
    await page.fill('#q', 'nobody lives here');
    await page.click('text=Show >> nth=0');
    expect(await page.textContent('main')).toContain('No site is like that');
    await keep(page, 'map-empty');
  });

  test('without WebGL the page says so and keeps its picture', async () => {
    const { page, complaints } = await visits.visit(`${urlOf('none')}/map`, {}, (page) =>
      page.addInitScript('HTMLCanvasElement.prototype.getContext = () => null'),
    );
    await expect.poll(() => page.textContent('[data-map-note]'), SOON).toContain('cannot draw a map that moves');
    expect(await page.isVisible('.kb-picture')).toBe(true);
    await judge(page, 'map-no-webgl');
    expect(complaints).toEqual([]);
  });

  test('in forced colours signs and buttons have edges, and axe finds nothing', async () => {
    const { page } = await visits.visit(`${urlOf('boundaries')}/map`, { forcedColors: 'active' });
    await moving(page);
    await judge(page, 'map-forced');
    expect(await page.evaluate("getComputedStyle(document.querySelector('.kb-marker')).borderTopWidth")).toBe('2px');
  });

  test('a state that changes is on the button, while the map stays where it is', async () => {
    const house = houses.get('none');
    const { page } = await visits.visit(`${urlOf('none')}/map`);
    await moving(page);
    const canvas = await page.locator('.maplibregl-canvas').elementHandle();
    await expect.poll(() => page.textContent('[data-live-state]'), SOON).toMatch(/^Live/);
    await house?.say('dev-heaton-moor', { no2: 88 });
    await expect
      .poll(() => page.getByRole('button', { name: 'Heaton Moor Road, alert, NO₂ 88.0 µg/m³' }).count(), {
        timeout: 25_000,
      })
      .toBe(1);
    expect(await canvas?.evaluate((element) => element.isConnected)).toBe(true);
    await house?.say('dev-heaton-moor', { no2: 8 });
  });

  test('no other page loads it, and its first load is under 100 KB of script', async () => {
    const scripts = new Map<string, number>();
    /** All of them are read before the page is closed. */
    const reading: Promise<void>[] = [];
    const { page } = await visits.visit(`${urlOf('none')}/map`, { viewport: NARROW }, async (page) => {
      page.on('response', (answer) => {
        if (answer.request().resourceType() !== 'script') return;
        reading.push(answer.body().then((body) => void scripts.set(new URL(answer.url()).pathname, body.length)));
      });
    });
    await page.waitForTimeout(500);
    await Promise.all(reading);
    expect(scripts.size).toBe(2);
    expect([...scripts.values()].reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
    await page.goto(`${urlOf('none')}/`);
    await Promise.all(reading);
    expect([...scripts.keys()].filter((path) => path.includes('/map-') && !path.includes('/map-open'))).toEqual([]);
  });
});
