import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeOn } from '../browser/axe.ts';
import { openBrowser } from '../browser/browser.ts';
import type { House } from '../dashboard/house.ts';
import { needs } from '../servers/index.ts';
import { openFurnished } from './furnished.ts';
import { pageTable, type PageRow } from './table.ts';
import { AT_400_PERCENT, WIDE } from './views.ts';
import type { Visitor, World } from './world.ts';

let house: House;
let world: World;
beforeAll(async () => {
  ({ house, world } = await openFurnished());
});
afterAll(() => house?.close());

/** First load: all of it, so that a phone in the rain has it soon. */
const SCRIPT_BYTES_AT_MOST = 100_000;

needs('chromium')('every page in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  /** Opens each page of the table in one way of looking, and collects what is wrong with it. */
  const walk = async (
    options: BrowserContextOptions,
    look: (page: Page, row: PageRow) => Promise<string[]>,
  ): Promise<string[]> => {
    const faults: string[] = [];
    const contexts = new Map<string, BrowserContext>();
    const contextOf = async (visitor: Visitor): Promise<BrowserContext> => {
      const known = contexts.get(visitor) ?? (await browser.newContext({ ...options, ...world.as(visitor) }));
      contexts.set(visitor, known);
      return known;
    };
    for (const row of pageTable) {
      const page = await (await contextOf(row.who ?? 'nobody')).newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
          faults.push(`${row.name}: ${message.text()}`);
      });
      page.on('pageerror', (error) => faults.push(`${row.name}: ${error.message}`));
      await page.goto(`${house.url}${row.path(world)}`);
      await row.act?.(page);
      faults.push(...(await look(page, row)).map((fault) => `${row.name}: ${fault}`));
      await page.close();
    }
    for (const context of contexts.values()) await context.close();
    return faults;
  };
  const sizes = new Map<string, Promise<number>>();
  const bytesOf = (url: string): Promise<number> => {
    const known = sizes.get(url) ?? fetch(url).then(async (answer) => (await answer.arrayBuffer()).byteLength);
    sizes.set(url, known);
    return known;
  };
  const listIn = async (page: Page, script: string): Promise<string[]> => {
    const found: unknown = await page.evaluate(script);
    if (!Array.isArray(found)) throw new Error('the page answered no list');
    return found.map(String);
  };

  test('at 400 %, which is as wide as a phone, nothing sticks out or lies over what has the focus, axe finds nothing, and there are less than 100 KB of script', async () => {
    let [focused, most] = [0, 0];
    const faults = await walk({ viewport: AT_400_PERCENT }, async (page, row) => {
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
      const { violations, passes } = await axeOn(page);
      const loaded = await Promise.all(
        (await listIn(page, row.opens === undefined ? SCRIPTS : FIRST_SCRIPTS)).map(bytesOf),
      );
      const script = loaded.reduce((sum, bytes) => sum + bytes, 0);
      most = Math.max(most, script);
      const hidden: string[] = [];
      for (let n = 0; n < 15; n += 1) {
        await page.keyboard.press('Tab');
        const [over = ''] = await listIn(page, FOCUS_SEEN);
        if (over === 'none') break;
        focused += 1;
        if (over !== 'seen') hidden.push(over);
      }
      return [
        ...(script < SCRIPT_BYTES_AT_MOST ? [] : [`${script} bytes of script`]),
        ...violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .map(({ html }) => html)
              .join(' | ')
              .slice(0, 200)}`,
        ),
        ...(passes.length > 12 ? [] : [`axe looked at ${passes.length} rules only`]),
        ...(wide === AT_400_PERCENT.width ? [] : [`it is ${wide} px wide`]),
        ...hidden,
      ];
    });
    expect(faults).toEqual([]);
    expect(most).toBeGreaterThan(10_000);
    expect(focused).toBeGreaterThan(pageTable.length * 5);
  }, 480_000);

  test('at 1280 pixels nothing sticks out; in forced colours signs and edges are seen on the ground of the system; who wants less motion has none', async () => {
    let signs = 0;
    const faults = await walk(
      { viewport: WIDE, forcedColors: 'active', colorScheme: 'dark', reducedMotion: 'reduce' },
      async (page) => {
        const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
        const found = await listIn(page, FORCED);
        signs += Number(found[0]);
        await page.evaluate("document.querySelectorAll('tr.kb-row').forEach((row) => row.classList.add('kb-changed'))");
        return [
          ...(wide === WIDE.width ? [] : [`it is ${wide} px wide`]),
          ...found.slice(1),
          ...(await listIn(page, MOTION)),
        ];
      },
    );
    expect(faults).toEqual([]);
    expect(signs).toBeGreaterThan(30);
  }, 240_000);

  test('motion is noticed where it is wanted', async () => {
    const page = await (await browser.newContext({ reducedMotion: 'no-preference' })).newPage();
    await page.goto(house.url);
    await page.evaluate("document.querySelectorAll('tr.kb-row').forEach((row) => row.classList.add('kb-changed'))");
    expect((await listIn(page, MOTION)).length).toBeGreaterThan(0);
    await page.context().close();
  });

  test('without JavaScript every page has its words, and every form can be sent: a token, labels, a button', async () => {
    let forms = 0;
    const faults = await walk({ viewport: WIDE, javaScriptEnabled: false }, async (page) => {
      const found = await listIn(page, FORMS);
      forms += Number(found[0]);
      return found.slice(1);
    });
    expect(faults).toEqual([]);
    expect(forms).toBeGreaterThan(20);
  }, 240_000);
});

/** Whether the middle of what has the focus is on the screen and on top of everything there. */
const FOCUS_SEEN = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return ['none'];
  const boxes = [...element.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
  const inside = boxes.some((box) => {
    const x = Math.min(Math.max((box.left + box.right) / 2, 0), innerWidth - 1);
    const y = Math.min(Math.max((box.top + box.bottom) / 2, 0), innerHeight - 1);
    if (y < box.top - 1 || y > box.bottom + 1) return false;
    const top = document.elementFromPoint(x, y);
    return top !== null && (element.contains(top) || top.contains(element) || element.labels !== null && element.labels !== undefined && [...element.labels].some((label) => label.contains(top)));
  });
  return [inside ? 'seen' : 'hidden: ' + element.outerHTML.slice(0, 120)];
})()`;

/** How many signs were looked at, then those whose colour is too close to the ground of the system. */
const FORCED = `(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((n) => n / 255).map((n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const probe = document.createElement('p');
  document.body.append(probe);
  probe.className = 'govuk-body';
  const ground = light(getComputedStyle(document.documentElement).backgroundColor === 'rgba(0, 0, 0, 0)' ? 'rgb(0,0,0)' : getComputedStyle(document.documentElement).backgroundColor);
  probe.remove();
  const faults = [];
  const apart = (colour) => (Math.max(light(colour), ground) + 0.05) / (Math.min(light(colour), ground) + 0.05);
  const seen = (element) => element.getClientRects().length > 0;
  const signs = [...document.querySelectorAll('svg.kb-icon, svg.kb-line')].filter(seen);
  for (const mark of document.querySelectorAll('svg.kb-icon path[stroke]')) {
    const [ink, under] = [getComputedStyle(mark).stroke, mark.parentElement.querySelector('[fill=currentColor]')];
    if (!seen(mark) || under === null) continue;
    const [a, b] = [light(ink), light(getComputedStyle(under).fill)];
    if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 3) faults.push('mark of ' + ink + ' on a sign: ' + mark.outerHTML.slice(0, 80));
  }
  for (const sign of signs) if (apart(getComputedStyle(sign).color) < 3) faults.push('sign of ' + getComputedStyle(sign).color + ': ' + sign.outerHTML.slice(0, 80));
  const edged = [...document.querySelectorAll('button.govuk-button, input, select, textarea')].filter(seen).filter(({ type }) => type !== 'radio' && type !== 'checkbox' && type !== 'file');
  for (const one of edged) {
    const { borderTopWidth, borderTopColor, borderBottomWidth } = getComputedStyle(one);
    if (parseFloat(borderTopWidth) + parseFloat(borderBottomWidth) === 0 || apart(borderTopColor) < 3) faults.push('edge: ' + one.outerHTML.slice(0, 80));
  }
  for (const current of document.querySelectorAll('.kb-filter[aria-current]')) if (parseFloat(getComputedStyle(current).borderTopWidth) < 2) faults.push('chosen by colour alone: ' + current.textContent);
  return [signs.length + edged.length, ...faults];
})()`;

/** The scripts that were loaded, however they were asked for. */
const SCRIPTS = `performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => new URL(name).pathname.endsWith('.js'))`;

/** Those that the page itself names. */
const FIRST_SCRIPTS = `[...document.scripts].map(({ src }) => src).filter((src) => src !== '')`;

/** Everything that moves, or would. */
const MOTION = `[...document.querySelectorAll('*')].flatMap((element) => {
  const { animationName, transitionDuration, transitionProperty } = getComputedStyle(element);
  const moves = animationName !== 'none' || (transitionProperty !== 'none' && transitionDuration.split(',').some((time) => parseFloat(time) > 0));
  return moves ? [element.outerHTML.slice(0, 80)] : [];
}).slice(0, 5)`;

/** How many forms there are, then what each lacks that would need a script. */
const FORMS = `(() => {
  const faults = [];
  if ((document.querySelector('main')?.innerText ?? '').trim().length < 40) faults.push('it has no words');
  const forms = [...document.querySelectorAll('form')];
  for (const form of forms) {
    const name = form.getAttribute('action') + ' ';
    if (form.querySelector('button:not([type=button]), input[type=submit]') === null) faults.push(name + 'has no button');
    if (form.method === 'post' && !(form.querySelector('input[name=form]')?.value.length > 10)) faults.push(name + 'has no token');
    for (const field of form.querySelectorAll('input:not([type=hidden]):not([type=submit]), select, textarea')) {
      if ((field.labels?.length ?? 0) === 0 && !field.hasAttribute('aria-label') && !field.hasAttribute('aria-labelledby')) faults.push(name + 'has a field without a label: ' + field.name);
      if (field.name === '' && field.getClientRects().length > 0) faults.push(name + 'has a field without a name');
    }
  }
  for (const link of document.querySelectorAll('a[href=""], a[href="#"], a:not([href])')) faults.push('a link that leads nowhere: ' + link.outerHTML.slice(0, 80));
  for (const button of document.querySelectorAll('button[type=button]')) if (button.getClientRects().length > 0) faults.push('a button that does nothing: ' + button.textContent);
  return [forms.length, ...faults];
})()`;
