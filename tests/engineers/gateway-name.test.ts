import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Visitor } from '../accounts/visitor.ts';
import { errorsOf, HOSTILE, signedIn } from './engineer.ts';
import { openHouse, until, type House } from '../dashboard/house.ts';

const gateway = 'aa555a0000000777';
const path = `/gateways/${gateway}/name`;
let house: House;
let ada: Visitor;
beforeAll(async () => {
  house = await openHouse();
  house.radio.tell({
    kind: 'stats',
    gateway,
    connector: 'chirpstack-mqtt',
    at: house.now(),
    received: 9,
    receivedOk: 9,
  });
  await until(async () => (await house.ask('/gateways', { accept: 'text/html' })).text.includes(gateway));
  ada = await signedIn(house);
});
afterAll(() => house.close());

test('a gateway is named and placed on its page, and both are taken back by leaving them empty', async () => {
  const page = await ada.get(`/gateways/${gateway}`);
  expect(page.text).toContain(`href="${path}"`);
  const named = await ada.send(await ada.get(path), path, { name: HOSTILE, latitude: '53.4085', longitude: '-2.16' });
  expect(named.path).toBe(`/gateways/${gateway}`);
  expect(house.registry.namedGateway(gateway)).toEqual({
    id: gateway,
    name: HOSTILE,
    latitude: 53.4085,
    longitude: -2.16,
  });
  expect(named.text).toContain('53.40850, -2.16000');
  expect(named.text).toContain('&lt;img src=x');
  expect(named.text).not.toContain(HOSTILE);
  const again = await ada.get(path);
  expect(again.text).toContain('value="53.4085"');
  await ada.send(again, path, { name: '', latitude: '', longitude: '' });
  expect(house.registry.namedGateway(gateway)).toEqual({ id: gateway });
});

test('what is wrong is said where it was typed, and nothing is changed', async () => {
  const form = await ada.get(path);
  const wrong: readonly (readonly [typed: Readonly<Record<string, string>>, where: RegExp])[] = [
    [{ name: 'Roof', latitude: 'north', longitude: '-2.16' }, /^#latitude Enter a number of degrees/],
    [{ name: 'Roof', latitude: '53.4', longitude: '1e' }, /^#longitude Enter a number of degrees/],
    [{ name: 'Roof', latitude: '53.4', longitude: '' }, /^#latitude .*longitude is missing/],
    [{ name: 'Roof', latitude: '95', longitude: '-2.16' }, /^#latitude .*not between -90 and 90/],
    [{ name: 'x'.repeat(201), latitude: '53.4', longitude: '-2.16' }, /^#name /],
  ];
  for (const [typed, where] of wrong) {
    const again = await ada.send(form, path, typed);
    expect([again.status, errorsOf(again.text)]).toEqual([422, [expect.stringMatching(where)]]);
  }
  expect(wrong).toHaveLength(5);
  expect(house.registry.namedGateway(gateway)).toEqual({ id: gateway });
});

test('a gateway that is not there has no such page, and who may not manage is not offered it', async () => {
  expect((await ada.get('/gateways/0000000000000000/name')).status).toBe(404);
  const viewer = await signedIn(house, 'viewer');
  expect((await viewer.get(`/gateways/${gateway}`)).text).not.toContain(path);
  expect((await viewer.get(path)).status).toBe(403);
});
