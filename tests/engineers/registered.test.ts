import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shortCodeOf } from '../../device-profiles/identity/short-code.ts';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import type { House } from '../dashboard/house.ts';
import type { Seen, Visitor } from '../accounts/visitor.ts';
import { ELSYS, errorsOf, fillIn, openPrecinct, signedIn } from './engineer.ts';

let house: House;
let ada: Visitor;
beforeAll(async () => {
  house = await openPrecinct();
  ada = await signedIn(house);
});
afterAll(() => house.close());
const answer = (page: Seen, fields: Readonly<Record<string, string>>): Promise<Seen> => fillIn(ada, page, fields);

describe('a sensor that is replaced', () => {
  test('by a new one of a scanned code: the old is retired, the site goes on', async () => {
    await house.registry.addDevice({ id: 'old-1', profile: ELSYS, devEui: '70b3d57ed00500a1', site: 'merseyway' });
    const page = await ada.get('/engineer/devices/old-1/replace');
    expect(errorsOf((await answer(page, {})).text)).toEqual([expect.stringContaining('#by Say which sensor')]);
    expect(errorsOf((await answer(page, { text: '70b3d57ed0050001' })).text)).toEqual([
      expect.stringMatching(/^#text aq-1 (?:stood|stands)/),
    ]);
    expect(errorsOf((await answer(page, { by: 'aq-1' })).text)).toEqual([expect.stringMatching(/^#by /)]);
    const done = await answer(page, { text: '70b3d57ed00500a2' });
    expect(done.text).toContain('eui-70b3d57ed00500a2 stands at Merseyway precinct now');
    expect(house.registry.device({ by: 'id', value: deviceId('old-1') })?.status).toBe('retired');
    expect(house.registry.deployment(deviceId('eui-70b3d57ed00500a2'), house.now())?.site).toBe('merseyway');
    // What is retired waits for no message, and nothing takes its place again.
    const old = await ada.get('/engineer/devices/old-1');
    expect(old.text).toContain('It was never heard.');
    expect(old.text).not.toContain('Waiting for the first message');
    expect(old.text).not.toContain('href="/engineer/devices/old-1/replace"');
    expect((await ada.get('/engineer/devices/old-1/replace')).text).not.toContain('Replace it');
  });

  test('by one that is registered and whose label of ours was read', async () => {
    await house.registry.addDevice({ id: 'old-2', profile: ELSYS, devEui: '70b3d57ed00500b1', site: 'merseyway' });
    await house.registry.addDevice({ id: 'spare-2', profile: ELSYS, devEui: '70b3d57ed00500b2' });
    const page = await ada.get('/engineer/devices/old-2/replace');
    expect(page.text).toContain('data-scan-then="fill"');
    expect((await answer(page, { text: shortCodeOf('spare-2') })).text).toContain(
      'spare-2 stands at Merseyway precinct now',
    );
    const key = '2b7e151628aed2a6abf7158809cf4f3c';
    await house.registry.addDevice({ id: 'old-3', profile: ELSYS, devEui: '70b3d57ed00500b3', site: 'merseyway' });
    const refused = await answer(await ada.get('/engineer/devices/old-3/replace'), { text: key });
    expect(errorsOf(refused.text).join()).toContain('root key');
    expect(refused.text).not.toContain(key);
  });
});

describe('a password that was lost', () => {
  const secretOf = (page: Seen): string => /id="secret"[^>]*>([^<]+)</.exec(page.text)?.[1] ?? '';
  test('is made anew, and the one before ends when that is said', async () => {
    const { token: first } = await house.registry.addDevice({
      id: 'lost-1',
      profile: 'kerbside/canonical',
      site: 'merseyway',
    });
    const work = await ada.get('/engineer/devices/lost-1');
    expect(work.text).toContain('href="/engineer/devices/lost-1/password"');
    const form = await ada.get('/engineer/devices/lost-1/password');
    expect(errorsOf((await answer(form, {})).text)).toEqual(['#old Choose what becomes of the password before']);
    const second = secretOf(await answer(form, { old: 'days' }));
    const signsIn = (token: string): string | undefined =>
      house.registry.authenticateDevice('lost-1', token)?.device.id;
    expect([signsIn(first), signsIn(second)]).toEqual(['lost-1', 'lost-1']);
    const third = secretOf(await answer(form, { old: 'none' }));
    expect([signsIn(first), signsIn(second), signsIn(third)]).toEqual([undefined, undefined, 'lost-1']);
  });

  test('is not offered for a LoRaWAN sensor, which has no use for one, nor to whoever may not manage', async () => {
    await house.registry.addDevice({ id: 'lost-2', profile: ELSYS, devEui: '70b3d57ed00500c1', site: 'merseyway' });
    expect((await ada.get('/engineer/devices/lost-2')).text).not.toContain('/password');
    const viewer = await signedIn(house, 'viewer');
    expect((await viewer.get('/engineer/devices/lost-1')).text).not.toContain('/password');
    expect((await viewer.get('/engineer/devices/lost-1/password')).status).toBe(403);
  });
});

test('a label is offered only where it can be printed', async () => {
  await house.registry.addDevice({ id: 'label-1', profile: ELSYS, devEui: '70b3d57ed00500d1' });
  await house.registry.addDevice({
    id: 'label-2',
    profile: ELSYS,
    devEui: '70b3d57ed00500d2',
    joinEui: '1122334455667788',
  });
  let offered = 0;
  for (const id of ['label-1', 'label-2', 'lost-1']) {
    const href = /href="(\/api\/v1\/labels[^"]*)"/.exec((await ada.get(`/engineer/devices/${id}`)).text)?.[1];
    if (href === undefined) continue;
    offered += 1;
    expect((await ada.get(href)).status).toBe(200);
  }
  expect(offered).toBe(1);
});

test('a status that may not follow is not offered, and a viewer is offered nothing that changes', async () => {
  const status = await ada.get('/engineer/devices/aq-1/status');
  expect(status.text).toContain('value="maintenance"');
  expect(status.text).not.toContain('value="planned"');
  expect(errorsOf((await answer(status, {})).text)).toEqual(['#status Choose a status']);
  const viewer = await signedIn(house, 'viewer');
  const work = await viewer.get('/engineer/devices/aq-1');
  expect(work.status).toBe(200);
  expect(work.text).not.toContain('/replace');
  expect((await viewer.get('/engineer/register')).status).toBe(403);
  expect((await viewer.get('/engineer')).text).not.toContain('/engineer/register');
});
