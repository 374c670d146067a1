import * as fc from 'fast-check';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fitPlot } from '../../dashboard/calibration/plot.ts';
import { fitOf, PAIRS_AT_LEAST } from '../../device-profiles/calibration/fit.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { prepareCalibrations } from '../dashboard/calibration-rows.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { needs } from '../servers/index.ts';
import { openBrowser } from '../browser/browser.ts';

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const span = { from: instant(Date.UTC(2026, 9, 1)), to: instant(Date.UTC(2026, 9, 15)) };
const numbers = (svg: string): number[] =>
  [...svg.matchAll(/[ "MLHVh](-?\d+(?:\.\d+)?|NaN|Infinity)/g)].map(([, number]) => Number(number));
const points = (svg: string): [number, number][] =>
  [...svg.matchAll(/M(-?[\d.]+) (-?[\d.]+)h0/g)].map(([, x, y]) => [Number(x), Number(y)]);

describe('the plot of a fit', () => {
  test('has each pair once, inside of its square, whatever the numbers are, and no number that is none', () => {
    const value = fc.oneof(
      fc.constantFrom(1e-162, -1e-162),
      fc.double({ min: -50, max: 500, noNaN: true }),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.constant(0),
    );
    let drawn = 0;
    fc.assert(
      fc.property(
        fc.array(fc.record({ sensor: value, reference: value }), { minLength: PAIRS_AT_LEAST, maxLength: 60 }),
        (pairs) => {
          const fit = fitOf(pairs);
          if (typeof fit === 'string') return;
          const svg = fitPlot({ sensor: 'a<b', reference: '"c"&', quantity: 'no2', ...span, fit, pairs });
          expect(points(svg)).toHaveLength(pairs.length);
          for (const [x, y] of points(svg))
            expect([x >= 79.9 && x <= 600.1, y >= 55.9 && y <= 576.1]).toEqual([true, true]);
          expect(numbers(svg).every(Number.isFinite)).toBe(true);
          expect(svg).not.toMatch(/NaN|Infinity|style=|<script|<style|a<b/);
          expect(svg).toContain('a&lt;b');
          drawn += 1;
        },
      ),
    );
    expect(drawn).toBeGreaterThan(50);
  });

  test('puts the line where the numbers say, and says them', () => {
    const pairs = Array.from({ length: 30 }, (_, n) => ({ sensor: n, reference: 2 * n }));
    const fit = fitOf(pairs);
    if (typeof fit === 'string') throw new Error(fit);
    const svg = fitPlot({ sensor: 'aq-1', reference: 'a6', quantity: 'no2', ...span, fit, pairs });
    // From (0, 0) to (30, 60) on axes from 0 to 60: half way across and all the way up.
    expect(svg).toContain('d="M80 576L340 56"');
    expect(svg).toContain('Reference = 0 + 2 x sensor; n = 30 hours<');
    expect(svg).toMatch(/Before: r2 1, bias -14\.5 µg\/m³, RMSE 16\.9 µg\/m³/);
    expect(svg).toMatch(/<title id="plot-title">Nitrogen dioxide: aq-1 beside a6<\/title>/);
    expect(svg).toMatch(/<desc id="plot-words">Each point is an hour that both measured/);
  });
});

describe('over the API and at the command line', () => {
  let house: House;
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-plot-'));
  beforeAll(async () => {
    house = await openHouse();
    await prepareCalibrations(house);
  });
  afterAll(async () => {
    await house.close();
    rmSync(folder, { recursive: true });
  });
  const path = '/api/v1/devices/cal-1/calibrations';
  const stretch = [
    '--quantity',
    'no2',
    '--reference',
    'station-1',
    '--from',
    '2026-01-05T00:00:00Z',
    '--to',
    '2026-01-06T06:00:00Z',
  ];
  const kerbside = async (...words: readonly string[]) => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../kerbside.ts'), 'calibrations', 'fit', ...words, '--url', house.url],
      {
        env: { PATH: process.env['PATH'], KERBSIDE_KEY: house.keys.administrator },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code: Number(code), out, err };
  };

  test('it is the same picture: of a stretch that is tried, of a calibration that was kept, and in a file, which is not written over', async () => {
    const body = {
      quantity: 'no2',
      reference: { device: 'station-1' },
      from: '2026-01-05',
      to: '2026-01-06T06:00:00Z',
    };
    const tried = await house.ask(`${path}/fit`, {
      method: 'POST',
      key: house.keys.administrator,
      accept: 'image/svg+xml',
      body,
    });
    expect(tried).toMatchObject({ status: 200, text: expect.stringMatching(/^<svg /) });
    expect(tried.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(tried.headers.get('content-security-policy')).toContain("default-src 'none'");
    const kept = await house.ask(`${path}/no2/3/plot`);
    expect(points(kept.text)).toEqual(points(tried.text));
    expect(points(kept.text)).toHaveLength(30);

    const file = join(folder, 'fit.svg');
    const told = await kerbside('cal-1', ...stretch, '--plot', file);
    expect(told).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /station-1 = -(20|19\.9+)\S* \+ (2|1\.9+)\S* x cal-1, no2 in ug\/m3[\s\S]*HOURS[\s\S]*before +30/,
      ),
    });
    expect(readFileSync(file, 'utf8')).toBe(tried.text);
    expect(await kerbside('cal-1', ...stretch, '--plot', file)).toMatchObject({
      code: 4,
      err: expect.stringContaining('is there already'),
    });
    expect(await kerbside('cal-1', ...stretch, '--plot', join(folder, 'no', 'fit.svg'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot be written'),
    });
    expect(JSON.parse((await kerbside('cal-1', ...stretch, '--json')).out)).toMatchObject({
      unit: 'ug/m3',
      fit: { before: { pairs: 30 } },
    });
  });

  needs('chromium')('in a real browser', () => {
    test('it is shown whole, under the strictest policy', async () => {
      const browser = await openBrowser();
      try {
        const page = await browser.newPage({
          viewport: { width: 700, height: 760 },
          extraHTTPHeaders: { authorization: `Bearer ${house.keys.viewer}` },
        });
        const complaints: string[] = [];
        // The icon that a browser asks for by itself is not there.
        page.on('console', (message) => void (message.text().includes('404') || complaints.push(message.text())));
        await page.goto(`${house.url}${path}/no2/3/plot`);
        expect(await page.locator('text >> nth=0').textContent()).toBe('Nitrogen dioxide: sensor beside reference');
        const shots = process.env['KERBSIDE_SHOTS'];
        if (shots !== undefined) await page.screenshot({ path: join(shots, 'fit-plot.png') });
        const outside =
          "[...document.querySelectorAll('text')].map((one) => [one.textContent, one.getBoundingClientRect()]).filter(([, box]) => box.left < 0 || box.right > 640 || box.bottom > 730).map(([words]) => words)";
        expect(await page.evaluate(outside)).toEqual([]);
        // Names as long as they may be, and numbers as they are beside a road.
        const pairs = Array.from({ length: 336 }, (_, n) => ({
          sensor: 18 + 16 * Math.sin(n) ** 2 + 9 * Math.cos(n * 1.7),
          reference: 6 + 24 * Math.sin(n) ** 2 + 8 * Math.cos(n * 1.9),
        }));
        const fit = fitOf(pairs);
        if (typeof fit === 'string') throw new Error(fit);
        await page.goto('about:blank');
        await page.setContent(
          `<body style="margin:0">${fitPlot({ sensor: 's'.repeat(64), reference: 'W'.repeat(64), quantity: 'no2', ...span, fit, pairs })}`,
        );
        if (shots !== undefined) await page.screenshot({ path: join(shots, 'fit-road.png') });
        expect(await page.evaluate(outside)).toEqual([]);
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
      }
    });
  });
});
