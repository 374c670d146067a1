import { afterAll, beforeAll, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import type { Visitor } from '../accounts/visitor.ts';
import { HOSTILE, signedIn } from './engineer.ts';

const DAY_MS = 86_400_000;
let house: House;
let ada: Visitor;
const start = Date.now();
beforeAll(async () => {
  house = await openHouse();
  ada = await signedIn(house);
});
afterAll(() => house.close());

/** The sensors of the table, in its order. */
const rowsOf = (text: string): readonly string[] => [...text.matchAll(/kb-place__name" href="\/engineer\/devices\/([^"]+)"/g)].map(([, id = '']) => decodeURIComponent(id));

test('without a sensor it says so', async () => {
  const page = await ada.get('/engineer/health');
  expect(page.text).toContain('No sensor stands in the street yet');
});

test('the fleet is put in order and filtered by the address, and downloaded as it is shown', async () => {
  const { registry } = house;
  await registry.addSite({ id: 'north', name: HOSTILE });
  await registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical', site: 'north' });
  await registry.addDevice({ id: 'aq-2', profile: 'kerbside/canonical' });
  await registry.addDevice({ id: 'aq-10', profile: 'kerbside/canonical', name: '=1+1' });
  await registry.addDevice({ id: 'spare', profile: 'kerbside/canonical', status: 'planned' });
  // Ten days of a battery that falls; aq-1 is silent since yesterday.
  for (let day = 10; day >= 0; day -= 1) {
    house.setNow(instant(start - day * DAY_MS));
    await house.say('aq-2', { battery_level: 30 + 2 * day, no2: 20 });
    if (day > 1) await house.say('aq-1', { battery_level: 90, no2: 20 });
  }
  const page = await ada.get('/engineer/health');
  expect(page.text).not.toContain(HOSTILE);
  expect(rowsOf(page.text)).toEqual(expect.arrayContaining(['aq-1', 'aq-2', 'aq-10']));
  expect(rowsOf(page.text)).not.toContain('spare');
  expect(rowsOf(page.text)[0]).toBe('aq-1');
  expect(page.text).toMatch(/about \d+ days left/);
  expect(rowsOf((await ada.get('/engineer/health?sort=id')).text)).toEqual(['aq-1', 'aq-2', 'aq-10']);
  expect(rowsOf((await ada.get('/engineer/health?sort=battery')).text)[0]).toBe('aq-2');
  expect(rowsOf((await ada.get('/engineer/health?battery=30')).text)).toEqual(['aq-2']);
  expect(rowsOf((await ada.get('/engineer/health?state=silent')).text)).toEqual(['aq-1']);
  expect(rowsOf((await ada.get('/engineer/health?text=AQ-1&sort=id')).text)).toEqual(['aq-1', 'aq-10']);
  expect((await ada.get('/engineer/health?text=zzz')).text).toContain('No sensor fits this');
  expect(rowsOf((await ada.get('/engineer/health?sort=nonsense&state=nonsense&battery=1&page=x')).text)).toHaveLength(3);

  const csv = await ada.get('/engineer/health.csv?text=aq-1&sort=id');
  expect(csv.headers.get('content-type')).toContain('text/csv');
  const lines = csv.text.trim().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^device,name,site,state,/);
  expect(lines[1]).toMatch(/^aq-1,aq-1,north,silent,/);
  expect(lines[2]).toContain("'=1+1");
});
