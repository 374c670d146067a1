import { axeOn } from './axe.ts';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';

/** Set `KERBSIDE_SHOTS` to a folder to keep pictures of the pages. */
const shots = process.env['KERBSIDE_SHOTS'];
export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 320, height: 800 };

/** Axe finds nothing, nothing sticks out, and the page is as wide as its window. */
export const judge = async (page: Page, name: string): Promise<void> => {
  const { violations, passes } = await axeOn(page);
  expect(passes.length).toBeGreaterThan(15);
  expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ target }) => target.join(' ')) }))).toEqual([]);
  const width = page.viewportSize()?.width ?? 0;
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  await keep(page, `${name}-${width}`);
};

/** The same page on a phone: nothing sticks out. Axe looks at each page of 320 pixels in `tests/every-page`. */
export const fitsPhone = async (page: Page, name: string): Promise<void> => {
  await page.setViewportSize(NARROW);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(NARROW.width);
  await keep(page, `${name}-${NARROW.width}`);
};

/** Keeps a picture where somebody wants to look. */
export const keep = async (page: Page, name: string): Promise<void> => {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
};

/** Pages of one browser, and what it complained about; `done` closes them. */
export const openVisits = (browser: () => Browser) => {
  const contexts: BrowserContext[] = [];
  return {
    async visit(
      url: string,
      options: Parameters<Browser['newContext']>[0] = {},
      prepare: (page: Page) => Promise<unknown> = async () => {},
    ): Promise<{ page: Page; complaints: string[] }> {
      const context = await browser().newContext({ viewport: WIDE, ...options });
      contexts.push(context);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      await prepare(page);
      await page.goto(url);
      return { page, complaints };
    },
    async done(): Promise<void> {
      for (const context of contexts.splice(0)) await context.close();
    },
  };
};
