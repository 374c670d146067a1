import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Answer } from './house.ts';
import { openHouse, until, type House } from './house.ts';
import { furnish, HOSTILE } from '../browser/scene.ts';
import { measured } from '../../device-profiles/vocabulary/index.ts';
import { StoreUnavailable } from '../../infra/timeseries/errors.ts';

const html = 'text/html,application/xhtml+xml;q=0.9';
const see = (house: House, path: string, key?: string): Promise<Answer> => house.ask(path, { accept: html, key });

describe('a town', () => {
  let house: House;
  let broken: Error | undefined;
  beforeAll(async () => {
    house = await openHouse({
      prepare: (parts) => furnish(parts, parts.clock.now()),
      // The real store, which fails to answer for history when the test says so.
      timeseries: (real) => ({
        write: (readings) => real.write(readings),
        withdraw: (values) => real.withdraw(values),
        range: (query) => real.range(query),
        latest: (query) => real.latest(query),
        aggregate: (query) => (broken === undefined ? real.aggregate(query) : Promise.reject(broken)),
        hours: (query) => real.hours(query),
        days: (query) => real.days(query),
        rollUp: () => real.rollUp(),
        prune: (before, tier) => real.prune(before, tier),
        close: () => real.close(),
      }),
    });
    await until(async () => (await see(house, '/')).text.includes('sensors reporting'));
  });
  afterAll(() => house.close());

  const everyPage = [
    '/',
    '/sites/wrs-14',
    '/sites/merseyway',
    '/devices/dev-hostile',
    '/devices',
    '/alerts',
    '/accessibility',
    '/?condition=late',
    '/nothing-here',
  ];

  test.each(everyPage)(
    '%s holds nothing inline: no script, no style, no handler, and is allowed to load only our own',
    async (path) => {
      const page = await see(house, path);
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      expect(page.text.length).toBeGreaterThan(1_000);
      expect(page.text.match(/<script(?![^>]* src="\/assets\/)[^>]*>/g)).toBeNull();
      expect(page.text.match(/<[^>]+ (?:style|on[a-z]+)=/g)).toBeNull();
      expect(page.text.match(/(?:src|href)="(?:https?:)?\/\//g)).toBeNull();
    },
  );

  test.each(['/', '/sites/hostile', '/devices', '/devices/dev-hostile'])(
    '%s shows a hostile name as the text that it is',
    async (path) => {
      const { text } = await see(house, path);
      expect(text).not.toContain('<img');
      expect(text).toContain(
        HOSTILE.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
      );
    },
  );

  test('the first page begins with a sentence, says when that was, and lists the worst first', async () => {
    const { text } = await see(house, '/');
    expect(text).toMatch(/<h1[^>]*>10 of 17 sensors reporting, no alerts<\/h1>/);
    expect(text).toMatch(/As at <time datetime="[^"]+Z">\d+ \w+ \d{4} at \d\d:\d\d:\d\d (GMT|BST)<\/time>/);
    const conditions = [...text.matchAll(/<tr role="row" id="[^"]+" class="kb-row kb-row--([\w-]+)"/g)].map(
      ([, condition]) => condition,
    );
    expect(conditions).toHaveLength(17);
    expect(conditions.filter((condition, i) => condition !== conditions[i - 1])).toEqual([
      'silent',
      'late',
      'never-heard',
      'suspect',
      'maintenance',
      'ok',
    ]);
  });

  test('a site without a name is called by its id, and a sensor without a site is listed as such', async () => {
    const { text } = await see(house, '/');
    expect(text).toContain('href="/sites/no-name">no-name</a>');
    expect(text).toContain('href="/devices/spare-1">spare-1</a>');
    expect(text).toContain('Not at a site yet');
  });

  test('a filter keeps one state, and one that is none is no filter', async () => {
    const late = await see(house, '/?condition=late');
    expect(late.text.match(/kb-row--/g)).toHaveLength(1);
    const all = await see(house, '/?condition=__proto__');
    expect(all.text.match(/kb-row--/g)).toHaveLength(17);
    const none = await see(house, '/?condition=empty');
    expect(none.text).toContain('No site is in the state “No sensor”.');
  });

  test('a value says what it is worth, and a missing one why; a gap of the day is no zero', async () => {
    const { text } = await see(house, '/sites/heaton-moor');
    expect(text).toContain('Suspect: outside physical bounds');
    expect(text).toContain('no value (warming up)');
    expect(text).toContain('No value</td>');
    expect(text).toMatch(/<svg [^>]*class="kb-chart__svg[^>]*role="img"[^>]*aria-labelledby="/);
  });

  test.each([
    ['/sites/nowhere', 404, 'Page not found'],
    ['/devices/nobody', 404, 'Page not found'],
    ['/nothing', 404, 'Page not found'],
    ['/sites/..%2f..%2fetc%2fpasswd', 400, 'That address does not make sense here'],
    ['/assets/..%2f..%2fbuild.ts', 404, ''],
    ['/assets/manifest.json', 404, ''],
    ['/alerts?before=nonsense', 400, 'That address does not make sense here'],
  ])('%s is answered %d, in words', async (path, status, words) => {
    const page = await see(house, path);
    expect(page.status).toBe(status);
    expect(page.text).toContain(words);
    expect(page.text).not.toContain('import ');
  });

  test('programs that ask for what is not there are answered in their own language', async () => {
    expect((await house.ask('/sites/nowhere')).json).toMatchObject({ code: 'site-unknown' });
    expect((await see(house, '/api/v1/nothing')).json).toMatchObject({ code: 'route-unknown' });
    expect((await house.ask('/nothing', { method: 'POST', accept: html })).json).toMatchObject({
      code: 'route-unknown',
    });
  });

  test('while the store does not answer, a site still shows its newest values and says what is missing', async () => {
    broken = new StoreUnavailable('asleep');
    const { status, text } = await see(house, '/sites/cheadle-2');
    broken = undefined;
    expect(status).toBe(200);
    expect(text).toContain('The history cannot be read just now.');
    expect(text).toContain('<span class="kb-number">');
  });

  test('what is broken on our side is said without its insides', async () => {
    broken = new TypeError('secret of the house');
    const { status, text } = await see(house, '/sites/cheadle-3');
    broken = undefined;
    expect(status).toBe(500);
    expect(text).toContain('Sorry, something is broken on our side');
    expect(text).not.toContain('secret of the house');
  });

  test('style, script and icon carry their hash and are kept for a year', async () => {
    const { text } = await see(house, '/');
    const files = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, file]) => file ?? '');
    expect(files).toHaveLength(4);
    for (const file of files) {
      const asset = await house.ask(file, { accept: '*/*' });
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(asset.text.length).toBeLessThan(80_000);
    }
  });
});

test('an installation without sensors says how to begin', async () => {
  const house = await openHouse();
  expect((await see(house, '/')).text).toContain('kerbside devices add');
  expect((await see(house, '/devices')).text).toContain('No sensors are registered yet.');
  expect((await see(house, '/alerts')).text).toContain('No alerts are open.');
  await house.registry.addSite({ id: 'a6' });
  expect((await see(house, '/')).text).toContain('No sensor');
  expect((await see(house, '/sites/a6')).text).toContain('No sensor stands here now.');
  await house.close();
});

test('where pages are not open nobody sees them without a key', async () => {
  const house = await openHouse({
    env: { KERBSIDE_DASHBOARD_OPEN: 'nothing', KERBSIDE_DASHBOARD_NAME: 'Borough <b>of</b> Nowhere' },
  });
  const shut = await see(house, '/');
  expect(shut.url).toBe(`${house.url}/sign-in`);
  expect((await see(house, '/sites/a?b=1')).url).toBe(
    `${house.url}/sign-in?back=${encodeURIComponent('/sites/a?b=1')}`,
  );
  expect(shut.text).toContain('Sign in');
  expect(shut.text).toContain('Borough &lt;b&gt;of&lt;/b&gt; Nowhere');
  expect((await see(house, '/', house.keys.viewer)).status).toBe(200);
  await house.close();
});

test('ten thousand sensors: the first page is a hundred rows, worst first, and what is behind the pages is not worked out for each', async () => {
  const house = await openHouse({
    prepare: async ({ registry, timeseries, clock }) => {
      const made = await registry.addDevices(
        Array.from({ length: 10_000 }, (_, i) => ({ id: `aq-${i}`, profile: 'kerbside/canonical', site: `site-${i}` })),
      );
      const heard = made.filter((_, i) => i % 100 !== 7);
      await timeseries.write(
        heard.map(({ device }) => ({
          device: device.id,
          site: null,
          borough: null,
          time: clock.now(),
          receivedAt: clock.now(),
          observations: (['no2', 'pm2_5', 'pm10', 'o3', 'temperature'] as const).map((quantity) => ({
            quantity,
            value: measured(12.5),
            raw: 12.5,
            flag: 1 as const,
          })),
        })),
      );
    },
  });
  await until(
    async () => (await see(house, '/')).text.includes('9,900 of 10,000 sensors reporting'),
    'the values to be read',
  );
  const { text } = await see(house, '/');
  expect(text.match(/kb-row--never-heard/g)).toHaveLength(100);
  expect(text.length).toBeLessThan(300_000);
  expect((await see(house, '/?page=2')).text.match(/kb-row--ok/g)).toHaveLength(100);

  // Each is another page, so each is drawn; the overview behind them, which goes through all devices, is not worked out for each.
  const pages = 40;
  const overviews = vi.spyOn(house.registry, 'devices');
  for (let page = 1; page <= pages; page += 1) await see(house, `/?page=${page}`);
  expect(overviews.mock.calls.length).toBeLessThan(pages / 2);
  await house.registry.addSite({ id: 'another' });
  await see(house, '/');
  expect(overviews.mock.calls.length, 'a change of the registry is seen, and so the count counts').toBeGreaterThan(0);
  await house.close();
}, 60_000);
