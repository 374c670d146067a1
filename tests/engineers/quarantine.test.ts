import { afterAll, beforeAll, expect, test } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import type { Visitor } from '../accounts/visitor.ts';
import { errorsOf, HOSTILE, signedIn } from './engineer.ts';

let house: House;
let ada: Visitor;
beforeAll(async () => {
  house = await openHouse();
  ada = await signedIn(house);
});
afterAll(() => house.close());

test('an empty quarantine says so', async () => {
  const page = await ada.get('/engineer/quarantine');
  expect(page.text).toContain('everything that came in was understood');
  expect(page.text).not.toContain('Drive these through again');
});

test('messages are counted by reason, looked at, and driven through once their cause is mended', async () => {
  await house.registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical' });
  for (const value of [1, 2, 3]) await house.say('later-1', { no2: 20 + value });
  await house.say('aq-1', Buffer.from([0xff, 0xfe, 0x00]));
  await house.say('aq-1', { [HOSTILE]: HOSTILE });
  const page = await ada.get('/engineer/quarantine');
  expect(page.text).toMatch(/<span class="kb-filter__count">5<\/span> for any reason/);
  expect(page.text).toMatch(/<span class="kb-filter__count">3<\/span> from a sender that nobody registered/);
  const only = await ada.get('/engineer/quarantine?reason=device-unknown');
  expect(only.text.match(/>Message \d+</g)).toHaveLength(3);
  const own = await ada.get('/engineer/quarantine?device=aq-1');
  expect(own.text.match(/>Message \d+</g)).toHaveLength(2);
  expect(errorsOf((await ada.get('/engineer/quarantine?device=a%20b')).text)).toEqual([
    expect.stringContaining('#device Enter the id'),
  ]);

  const [unread] = await house.registry.quarantined({ limit: 1, reason: 'not-utf8' });
  const one = await ada.get(`/engineer/quarantine/${unread?.id ?? 0}`);
  expect(one.text).toContain('ff fe 00');
  expect(one.text).toContain('It would be refused again');
  const still = await ada.send(one, `/engineer/quarantine/${unread?.id ?? 0}/redrive`);
  expect(still.text).toContain('<strong>1</strong> refused again');
  expect(await house.registry.quarantineCount()).toBe(5);
  const named = (await house.registry.quarantined({ limit: 10 })).filter(
    ({ reason, uplink }) => uplink.device.value === 'aq-1' && reason !== 'not-utf8',
  );
  expect(named).toHaveLength(1);
  const hostile = await ada.get(`/engineer/quarantine/${named[0]?.id ?? 0}`);
  expect(hostile.status).toBe(200);
  expect(hostile.text).not.toContain(HOSTILE);

  const lot = await ada.send(own, '/engineer/quarantine/redrive?device=aq-1');
  expect(lot.text).toContain('2 messages were driven through again');
  expect(lot.text).toContain('<strong>2</strong> refused again');
});

test('the first page leads whoever manages to it, and tells others that engineers look at it', async () => {
  expect((await ada.get('/')).text).toMatch(
    /messages wait in the quarantine[^<]*<a class="govuk-link" href="\/engineer\/quarantine">/,
  );
  const { text } = await house.ask('/', { key: undefined, accept: 'text/html' });
  expect(text).toMatch(/messages wait in the quarantine[^<]*Engineers see why/);
  expect(text).not.toMatch(/\/engineer\/quarantine|GET \/api/);
});

test('a lot is stored when its cause is mended, and the outcome is counted', async () => {
  await house.registry.addDevice({ id: 'old-1', profile: 'kerbside/canonical' });
  await house.registry.updateDevice(deviceId('old-1'), { status: 'retired' });
  for (const value of [1, 2, 3]) await house.say('old-1', { no2: 20 + value });
  const page = await ada.get('/engineer/quarantine?reason=device-retired');
  expect(page.text.match(/>Message \d+</g)).toHaveLength(3);
  await house.registry.updateDevice(deviceId('old-1'), { status: 'commissioned' });
  const lot = await ada.send(page, '/engineer/quarantine/redrive?reason=device-retired');
  expect(lot.text).toContain('<strong>3</strong> understood and stored');
  expect((await ada.get('/engineer/quarantine?reason=device-retired')).text).toContain(
    'No message that waits fits this',
  );
});

test('a number that is gone is not found, and a viewer looks and changes nothing', async () => {
  expect((await ada.get('/engineer/quarantine/999999')).status).toBe(404);
  expect((await ada.get('/engineer/quarantine/x')).status).toBe(404);
  const viewer = await signedIn(house, 'viewer');
  const page = await viewer.get('/engineer/quarantine');
  expect(page.status).toBe(200);
  expect(page.text).not.toContain('Drive these through again');
});
