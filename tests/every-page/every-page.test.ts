import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeOn } from '../browser/axe.ts';
import { openBrowser } from '../browser/browser.ts';
import { furnish, tellRadio } from '../browser/scene.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { needs } from '../servers/index.ts';
import { pageRoutes, pageTable, type PageRow } from './table.ts';
import { AT_400_PERCENT, WIDE } from './views.ts';
import { worldOf, type Visitor, type World } from './world.ts';

let house: House;
let world: World;
beforeAll(async () => {
  house = await openHouse({
    prepare: (parts) => furnish(parts, parts.clock.now()),
    env: {
      KERBSIDE_DASHBOARD_LANGUAGES: 'en,cy',
      // A network server to be chosen; nobody listens there, and nobody asks it.
      KERBSIDE_THINGS_STACK_REGISTER_DEVICES: 'true',
      KERBSIDE_THINGS_STACK_API_URL: 'http://127.0.0.1:9',
      KERBSIDE_THINGS_STACK_API_KEY: 'k',
      KERBSIDE_THINGS_STACK_APPLICATION_ID: 'street',
    },
  });
  await house.registry.addRule({
    name: 'NO2 above 60',
    quantity: 'no2',
    when: 'above',
    threshold: 60,
    severity: 'critical',
  });
  await house.say('dev-wrs-14', { no2: 71.3, pm2_5: 17.2 });
  await house.registry.addDevice({
    id: 'lora-1',
    profile: 'decentlab/dl-pm',
    devEui: '70b3d57ed0050abc',
    name: 'By the canal',
    status: 'planned',
  });
  await house.say('dev-bredbury', { nobody: 'knows' });
  tellRadio(house.radio, house.now());
  world = await worldOf({
    url: house.url,
    registry: house.registry,
    preferred: { site: 'wrs-14', gateway: '00800000a00016b6' },
  });
});
afterAll(() => house?.close());

/** First load: all of it, so that a phone in the rain has it soon. */
const SCRIPT_BYTES_AT_MOST = 100_000;

describe('the table of pages', () => {
  test('has a row for every route that answers with a page, and no row for another', () => {
    const routes = pageRoutes(house.routes);
    expect(routes.length).toBeGreaterThan(15);
    const rows = new Set(pageTable.map(({ route }) => route));
    expect({
      withoutRow: routes.filter((route) => !rows.has(route)),
      withoutRoute: [...rows].filter((route) => !routes.includes(route)),
    }).toEqual({ withoutRow: [], withoutRoute: [] });
    expect(new Set(pageTable.map(({ name }) => name)).size).toBe(pageTable.length);
    for (const { name } of pageTable) expect(name).toMatch(/^[a-z0-9-]+$/);
  });

  test('a route without a row is noticed', () => {
    expect(pageRoutes(['GET /wall', 'POST /wall', 'GET /api/v1/sites', 'GET /assets/*', 'HEAD /'])).toEqual(['/wall']);
  });
});

test('the tool that takes pictures of all of them starts', () => {
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'screenshots.ts'), '--help'], {
    encoding: 'utf8',
  });
  expect({ status, says: stdout.includes('take pictures of every page') }).toEqual({ status: 0, says: true });
});

const cookieOf = (row: PageRow): string => {
  const { storageState } = world.as(row.who ?? 'nobody');
  return typeof storageState === 'object'
    ? storageState.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    : '';
};
/** What would be inline, or from elsewhere, in the HTML of a page. */
const strangersIn = (html: string): string[] => [
  ...[
    ...html.matchAll(
      /<style\b|<script(?![^>]*\bsrc=")[^>]*>|<[^>]*\s(?:style|on\w+)\s*=\s*["'][^>]*>|javascript:[^"']*/gi,
    ),
  ].map(([found]) => found.slice(0, 80)),
  ...[
    ...html.matchAll(
      /<(?:script|img|link|iframe|form|source|object|embed|use)\b[^>]*?\s(?:src|href|action|data)="((?:[a-z]+:)?\/\/[^"]*)"/gi,
    ),
  ].map(([, url]) => url ?? ''),
];

describe('the content security policy', () => {
  test('lets nothing run or load on any page but our own files, and no page has anything inline', async () => {
    let walked = 0;
    const answered: string[] = [];
    for (const row of pageTable) {
      const answer = await fetch(`${house.url}${row.path(world)}`, {
        headers: { accept: 'text/html', cookie: cookieOf(row) },
        redirect: 'manual',
      });
      const html = await answer.text();
      const policy = new Map(
        (answer.headers.get('content-security-policy') ?? '')
          .split(';')
          .map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]),
      );
      expect({
        row: row.name,
        default: policy.get('default-src'),
        script: policy.get('script-src'),
        style: policy.get('style-src'),
        frame: policy.get('frame-ancestors'),
      }).toEqual({ row: row.name, default: "'none'", script: "'self'", style: "'self'", frame: "'none'" });
      // The map alone asks another server, where the configuration names one; here it names none.
      for (const [name, sources] of policy)
        expect({ row: row.name, name, unsafe: /unsafe|https?:|\*/.test(sources) }).toEqual({
          row: row.name,
          name,
          unsafe: false,
        });
      expect({ row: row.name, inline: strangersIn(html) }).toEqual({ row: row.name, inline: [] });
      if (answer.status !== (row.status ?? 200) || !html.includes('<main'))
        answered.push(`${row.name}: ${answer.status} ${answer.headers.get('location') ?? ''}`);
      walked += 1;
    }
    expect(answered).toEqual([]);
    expect(walked).toBe(pageTable.length);
  });

  test.each([
    '<p style="color:red">',
    '<style>',
    '<script>alert(1)</script>',
    '<a onclick="x()">',
    '<script src="https://cdn.example/x.js">',
    '<img src="//elsewhere/x.png">',
    '<a href="javascript:x()">',
  ])('%s would be noticed', (html) => {
    expect(strangersIn(html)).toHaveLength(1);
  });
});

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
