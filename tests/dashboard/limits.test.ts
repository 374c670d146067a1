import { afterAll, beforeAll, expect, test } from 'vitest';
import { furnish } from '../browser/scene.ts';
import { openHouse, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ prepare: (parts) => furnish(parts, parts.clock.now()) });
});
afterAll(() => house.close());

const html = 'text/html,application/xhtml+xml;q=0.9';

/** Pages and files of pages that cost much, each asked by somebody of its own. */
const heavy: readonly (readonly [what: string, path: string])[] = [
  ['the values of a site', '/sites/wrs-14/values.csv'],
  ['the counts of a site', '/sites/wrs-14/counts.csv'],
  ['the values of a sensor', '/devices/dev-hostile/values.csv'],
  ['the file of a comparison', '/compare.csv?site=wrs-14'],
  ['a value explained', '/devices/dev-hostile/explain'],
  ['the codec tester', '/engineer/codecs'],
];

test.each(heavy)('whoever asks for %s without end is told to wait, and others go on', async (_, path) => {
  const [impatient, other] = await Promise.all(
    ['impatient', 'other'].map(
      async (name) => (await house.registry.createKey({ name, role: 'administrator' })).secret,
    ),
  );
  const statuses: number[] = [];
  for (let i = 0; i < 61; i += 1) statuses.push((await house.ask(path, { accept: html, key: impatient })).status);
  expect(statuses.slice(0, 60).filter((status) => status === 429)).toEqual([]);
  const refused = await house.ask(path, { accept: html, key: impatient });
  expect([statuses[60], refused.status]).toEqual([429, 429]);
  expect(refused.text).toContain('<h1');
  expect(refused.text).toContain('too-many-requests');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await house.ask(path, { accept: html, key: other })).status).toBe(statuses[0]);
});
