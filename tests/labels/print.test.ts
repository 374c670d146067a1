import decode from 'jsqr';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labelSheets } from '../../dashboard/labels/index.ts';
import { qrTextOf } from '../../dashboard/labels/label.ts';
import { MODULE_AT_LEAST_MM } from '../../dashboard/labels/qr.ts';
import { placesOn, sheetNamed, sheetNames, sheets } from '../../dashboard/labels/sheets.ts';
import { shortCodeOf } from '../../device-profiles/identity/short-code.ts';
import { openBrowser } from '../browser/browser.ts';
import { needs } from '../servers/index.ts';
import { cut, readPng } from './png.ts';
import { BASE, devices, HOSTILE, sites } from './street.ts';

/** Set `KERBSIDE_SHOTS` to a folder to keep pictures of the sheets. */
const shots = process.env['KERBSIDE_SHOTS'];
/** What an office printer draws. A browser has 96 points of its own in an inch. */
const PRINTER_DPI = 300;
const CSS_DPI = 96;
const MM_A_INCH = 25.4;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

needs('chromium')('labels on paper', () => {
  let browser: Browser;
  let server: Server;
  let address = '';
  let answer: { readonly html: string; readonly policy: string } = { html: '', policy: '' };
  beforeAll(async () => {
    browser = await openBrowser();
    server = createServer((_, reply) => {
      reply.setHeader('Content-Type', 'text/html; charset=utf-8');
      reply.setHeader('Content-Security-Policy', answer.policy);
      reply.end(answer.html);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    address = `http://127.0.0.1:${port}/`;
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** A page that is drawn as a printer would. */
  const newPage = async (): Promise<Page> => {
    const viewport = { width: 900, height: 1_200 };
    const page = await browser.newPage({ viewport, deviceScaleFactor: PRINTER_DPI / CSS_DPI });
    await page.emulateMedia({ media: 'print' });
    return page;
  };

  /** The sheets as a printer sees them, and what the browser complained about. */
  const open = async (sheet: string, count: number): Promise<{ page: Page; complaints: string[] }> => {
    answer = labelSheets({ devices: devices(count), sites, base: BASE, sheet, skip: 1, outlines: true });
    const page = await newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => void (request.url() === address || complaints.push(request.url())));
    await page.goto(address);
    return { page, complaints: complaints.filter((text) => !text.includes('favicon')) };
  };

  it.each(sheetNames)('every QR code of a sheet of %s is read back, at what an office printer draws', async (name) => {
    const sheet = sheetNamed(name) ?? sheets[21];
    const wanted = devices(placesOn(sheet) + 3);
    const { page, complaints } = await open(name, wanted.length);
    const read = await readAll(page, `${name}.png`);
    const texts = new Map(wanted.map((device) => [device.id, qrTextOf(device, BASE)]));
    expect(read.size).toBe(wanted.length);
    expect(read).toEqual(texts);
    expect(complaints).toEqual([]);
    expect(await page.title()).toBe(`${wanted.length} labels on 2 sheets`);
    await page.close();
  });

  it.each(sheetNames)('on a sheet of %s nothing leaves its label, however long the names are', async (name) => {
    const sheet = sheetNamed(name) ?? sheets[21];
    const { page } = await open(name, placesOn(sheet) - 1);
    const boxes = await page.locator('.label').evaluateAll((labels) =>
      labels.map((label) => {
        const box = ({ x, y, width, height }: Box) => ({ x, y, width, height });
        const words = label.querySelector('.words');
        const parts = [...label.querySelectorAll('svg, .words, .words p')];
        return {
          label: box(label.getBoundingClientRect()),
          inside: parts.map((part) => box(part.getBoundingClientRect())),
          code: label.querySelector('.code')?.textContent ?? '',
          id: label.querySelector('svg')?.getAttribute('aria-label') ?? '',
          high: words === null ? Infinity : words.scrollHeight - words.clientHeight,
          wide: words === null ? Infinity : words.scrollWidth - words.clientWidth,
        };
      }),
    );
    const mm = (pixels: number): number => (pixels / CSS_DPI) * MM_A_INCH;
    let looked = 0;
    expect(boxes).toHaveLength(placesOn(sheet) - 1);
    for (const [i, { label, inside, code, id, high, wide }] of boxes.entries()) {
      const place = i + 1;
      const side = (210 - sheet.columns * sheet.widthMm - (sheet.columns - 1) * sheet.gapMm) / 2;
      const wantedX = side + (place % sheet.columns) * (sheet.widthMm + sheet.gapMm);
      const top = (297 - sheet.rows * sheet.heightMm) / 2;
      expect(mm(label.x)).toBeCloseTo(wantedX, 0);
      expect(mm(label.y)).toBeCloseTo(top + Math.floor(place / sheet.columns) * sheet.heightMm, 0);
      expect(Math.abs(mm(label.width) - sheet.widthMm)).toBeLessThan(0.1);
      expect(Math.abs(mm(label.height) - sheet.heightMm)).toBeLessThan(0.1);
      // Both are whole pixels, rounded.
      expect({ id, high: high > 1, wide: wide > 1 }).toEqual({ id, high: false, wide: false });
      for (const part of inside) {
        expect(part.x).toBeGreaterThanOrEqual(label.x);
        expect(part.y).toBeGreaterThanOrEqual(label.y);
        expect(part.x + part.width).toBeLessThanOrEqual(label.x + label.width);
        expect(part.y + part.height).toBeLessThanOrEqual(label.y + label.height);
        looked += 1;
      }
      expect(code).toBe(shortCodeOf(id.replace('QR code of ', '')));
    }
    expect(looked).toBeGreaterThan(4 * boxes.length);
    await page.close();
  });

  it('each sheet is one page of A4, the advice is not printed, and a hostile name is text', async () => {
    const { page } = await open('21', 45);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(3);
    const [, width, height] = /\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf) ?? [];
    // Points of 1/72 inch.
    expect(Number(width)).toBeCloseTo((210 / MM_A_INCH) * 72, 0);
    expect(Number(height)).toBeCloseTo((297 / MM_A_INCH) * 72, 0);
    expect(await page.locator('.advice').isVisible()).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('.name', { hasText: '<img' }).first().textContent()).toBe(HOSTILE);
    await page.emulateMedia({ media: 'screen' });
    expect(await page.locator('.advice').isVisible()).toBe(true);
    await page.close();
  });

  it('a page whose style was changed on the way is not shown with it: the policy holds', async () => {
    const made = labelSheets({ devices: devices(8), sites, base: BASE });
    answer = { ...made, html: made.html.replace('</style>', ' .label { color: red }</style>') };
    const page = await browser.newPage();
    await page.goto(address);
    const display = await page.evaluate<string>(`getComputedStyle(document.querySelector('.sheet')).display`);
    expect(display).toBe('block');
    // And the same page as it was made is shown with it.
    answer = made;
    await page.reload();
    expect(await page.evaluate<string>(`getComputedStyle(document.querySelector('.sheet')).display`)).toBe('grid');
    await page.close();
  });

  it('the smallest module that we print is read at 300 dpi', async () => {
    // Eleven modules more or less make another version, so this is as fine as a label gets.
    const id = 'f'.repeat(64);
    const base = `https://${'a'.repeat(63)}.${'b'.repeat(60)}.example.gov.uk`;
    const device = { id, name: 'fine' };
    answer = labelSheets({ devices: [device], sites, base, sheet: '24' });
    const page = await newPage();
    await page.goto(address);
    const side = Number((await page.locator('svg').getAttribute('viewBox'))?.split(' ')[3]);
    expect(sheets[24].qrMm / side).toBeGreaterThanOrEqual(MODULE_AT_LEAST_MM);
    expect(sheets[24].qrMm / side).toBeLessThan(MODULE_AT_LEAST_MM * 1.25);
    expect(await readAll(page)).toEqual(new Map([[id, qrTextOf(device, base)]]));
    await page.close();
  });

  /** What a scanner reads from each label of the sheets, by the device's id. */
  const readAll = async (page: Page, shot?: string): Promise<ReadonlyMap<string, string>> => {
    const read = new Map<string, string>();
    for (const [i, sheet] of (await page.locator('.sheet').all()).entries()) {
      const png = await sheet.screenshot();
      if (shots !== undefined && shot !== undefined) writeFileSync(join(shots, `labels-${i}-${shot}`), png);
      const picture = readPng(png);
      for (const { id, box } of await labelsOf(sheet)) {
        const label = cut(picture, box);
        const found = decode.default(label.rgba, label.width, label.height, { inversionAttempts: 'dontInvert' });
        if (found !== null) read.set(id, found.data);
      }
    }
    return read;
  };
});

/** The labels of a sheet: whose they are, and where on the sheet, in dots of the printer. */
const labelsOf = async (sheet: Locator): Promise<readonly { readonly id: string; readonly box: Box }[]> => {
  const found = await sheet.evaluate((sheet) => {
    const origin = sheet.getBoundingClientRect();
    return [...sheet.querySelectorAll('.label')].map((label) => {
      const { x, y, width, height } = label.getBoundingClientRect();
      const id = label.querySelector('svg')?.getAttribute('aria-label')?.replace('QR code of ', '') ?? '';
      return { id, x: x - origin.x, y: y - origin.y, width, height };
    });
  });
  const dots = (pixels: number): number => Math.round((pixels * PRINTER_DPI) / CSS_DPI);
  return found.map(({ id, x, y, width, height }) => {
    return { id, box: { x: dots(x), y: dots(y), width: dots(width), height: dots(height) } };
  });
};
