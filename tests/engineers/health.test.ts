import { afterAll, beforeAll, expect, test } from 'vitest';
import { deviceId, instant, siteId } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import type { Visitor } from '../accounts/visitor.ts';
import { errorsOf, HOSTILE, signedIn } from './engineer.ts';

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
const rowsOf = (text: string): readonly string[] =>
  [...text.matchAll(/kb-place__name" href="\/engineer\/devices\/([^"]+)"/g)].map(([, id = '']) =>
    decodeURIComponent(id),
  );

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
  expect(rowsOf((await ada.get('/engineer/health?sort=nonsense&state=nonsense&battery=1&page=x')).text)).toHaveLength(
    3,
  );

  const csv = await ada.get('/engineer/health.csv?text=aq-1&sort=id');
  expect(csv.headers.get('content-type')).toContain('text/csv');
  const lines = csv.text.trim().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^device,name,site,state,/);
  expect(lines[1]).toMatch(/^aq-1,aq-1,north,silent,/);
  expect(lines[2]).toContain("'=1+1");
});

test('the fleet is filtered by model, ward and radio, of those that there are', async () => {
  const { registry } = house;
  await registry.updateSite(siteId('north'), { ward: 'Brinnington & Central' });
  await registry.addDevice({
    id: 'ers-1',
    profile: 'elsys/ers-ems',
    devEui: '70b3d57ed0050001',
    joinEui: '1122334455667788',
    site: 'north',
  });
  const page = await ada.get('/engineer/health');
  expect(page.text).toContain('<option value="elsys/ers-ems">');
  expect(page.text).toContain('<option value="Brinnington &amp; Central">');
  expect(rowsOf((await ada.get('/engineer/health?model=elsys/ers-ems')).text)).toEqual(['ers-1']);
  expect(
    rowsOf((await ada.get(`/engineer/health?sort=id&ward=${encodeURIComponent('Brinnington & Central')}`)).text),
  ).toEqual(['aq-1', 'ers-1']);
  expect((await ada.get('/engineer/health?signal=weak')).text).toContain('No sensor fits this');
  expect((await ada.get('/engineer/health.csv?model=elsys/ers-ems')).text.trim().split('\r\n')).toHaveLength(2);
});

const picks = { which: 'ticked', pick: ['aq-1', 'aq-10', 'no such id'] };
const statusOf = (id: string): string | undefined => house.registry.device({ by: 'id', value: deviceId(id) })?.status;

test('several are given a status, after it was looked at; each leaves a line in the audit trail', async () => {
  const page = await ada.get('/engineer/health?sort=id');
  const action = '/engineer/health?sort=id';
  expect(errorsOf((await ada.send(page, action, {})).text)).toEqual(['#act Choose what to do']);
  expect(errorsOf((await ada.send(page, action, { act: 'maintenance', which: 'ticked' })).text)).toEqual([
    '#which Tick the sensors that are meant',
  ]);
  expect(errorsOf((await ada.send(page, action, { act: 'retired', ...picks })).text)).toEqual([
    '#act Choose what to do',
  ]);
  const sure = await ada.send(page, action, { act: 'maintenance', ...picks });
  expect(sure.text).toContain('2 sensors get the status <strong>Maintenance</strong>');
  expect([statusOf('aq-1'), statusOf('aq-10')]).toEqual(['commissioned', 'commissioned']);
  // What was shown is what is done: its ids are in the form.
  const done = await ada.send(sure, action, {
    pick: [...sure.text.matchAll(/name="pick" value="([^"]+)"/g)].map(([, id = '']) => id),
  });
  expect(done.text).toContain('2 sensors have the status Maintenance now');
  expect([statusOf('aq-1'), statusOf('aq-2'), statusOf('aq-10')]).toEqual([
    'maintenance',
    'commissioned',
    'maintenance',
  ]);
  const lines = await house.registry.audit({ limit: 2, action: 'status-changed' });
  expect(lines.map(({ subject }) => subject.id).toSorted()).toEqual(['aq-1', 'aq-10']);
  const nothing = await ada.send(page, action, { act: 'maintenance', ...picks });
  expect(nothing.text).toContain('None of them can get the status Maintenance, or they have it already');
  const all = await ada.send(page, '/engineer/health?sort=id', { act: 'maintenance', which: 'all' });
  expect([...all.text.matchAll(/name="pick" value="([^"]+)"/g)].map(([, id]) => id)).toEqual(['aq-2', 'ers-1']);
});

test('labels of several are printed, where each can have one; the form keeps what was ticked', async () => {
  const page = await ada.get('/engineer/health?sort=id');
  const labels = await ada.send(page, '/engineer/health?sort=id', { act: 'labels', which: 'ticked', pick: ['ers-1'] });
  expect(labels.path).toBe('/api/v1/labels?ids=ers-1');
  expect(labels.status).toBe(200);
  const refused = await ada.send(page, '/engineer/health?sort=id', {
    act: 'labels',
    which: 'ticked',
    pick: ['ers-1', 'aq-2'],
  });
  expect(errorsOf(refused.text).join()).toMatch(/^#act 1 of them, such as aq-2/);
  expect(refused.text).toMatch(/value="aq-2" id="pick-\d+" checked/);
});

test('who may not manage sees the list, and nothing to tick', async () => {
  const viewer = await signedIn(house, 'viewer');
  const page = await viewer.get('/engineer/health');
  expect(page.text).not.toContain('type="checkbox"');
  expect((await viewer.post('/engineer/health', { act: 'maintenance', ...picks, sure: 'yes' })).status).toBe(403);
});
