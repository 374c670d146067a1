import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { House } from '../dashboard/house.ts';
import { openFurnished } from './furnished.ts';
import { pageRoutes, pageTable, type PageRow } from './table.ts';
import type { World } from './world.ts';

let house: House;
let world: World;
beforeAll(async () => {
  ({ house, world } = await openFurnished());
});
afterAll(() => house?.close());

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
