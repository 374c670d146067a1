import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { devEui, deviceId, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { House } from '../dashboard/house.ts';
import type { Seen, Visitor } from '../accounts/visitor.ts';
import { ELSYS, errorsOf, fillIn, HOSTILE, openPrecinct, signedIn } from './engineer.ts';

let house: House;
let ada: Visitor;
beforeAll(async () => {
  house = await openPrecinct();
  ada = await signedIn(house);
});
afterAll(() => house.close());
const answer = (page: Seen, fields: Readonly<Record<string, string>>): Promise<Seen> => fillIn(ada, page, fields);
const scan = async (text: string): Promise<Seen> => answer(await ada.get('/engineer/register'), { text });
/** What a step was told before, as its address holds it. */
const queryOf = (draft: Readonly<Record<string, string>>): string => `?${new URLSearchParams(draft).toString()}`;

describe('the label', () => {
  test('says exactly what is wrong with it', async () => {
    const wrong: readonly (readonly [text: string, words: RegExp])[] = [
      ['', /Scan a code, or type it/],
      ['70b3d57ed005', /A DevEUI has 16 hexadecimal digits; this has 12/],
      ['DevEUI: 70-B3-D5-7E-D0-05-AB-CD-EF', /this has 18/],
      ['https://example.org/x', /web address of example\.org/],
      ['hello there', /no LoRaWAN device code/],
      ['LW:D0:1122334455667788:AABBCCDDEEFF', /.+/],
      ['70b3d57ed0050001', /registered already: it is aq-1, and stands at Merseyway precinct/],
    ];
    for (const [text, words] of wrong) {
      const page = await scan(text);
      expect(page.status).toBe(422);
      expect(errorsOf(page.text)).toEqual([expect.stringMatching(/^#text /)]);
      expect(errorsOf(page.text)[0]).toMatch(words);
    }
    expect(wrong.length).toBe(7);
    const known = await scan('70B3D57ED0050001');
    expect(known.text).toContain('href="/engineer/devices/aq-1"');
  });

  test('a root key that somebody scanned is not printed again', async () => {
    const key = '2b7e151628aed2a6abf7158809cf4f3c';
    for (const text of [`AppKey ${key}`, key, key.toUpperCase(), `0x${key}`]) {
      const page = await scan(text);
      expect(page.status).toBe(422);
      expect(errorsOf(page.text).join()).toContain('looks like a LoRaWAN root key');
      expect(page.text.toLowerCase()).not.toContain(key);
    }
  });

  test('an owner token of a TR005 code comes into no address and no page', async () => {
    const page = await scan('LW:D0:1122334455667788:70B3D57ED0050777:AABB1122:OSECRETOWNER:SYZ42');
    expect(page.path).toMatch(/^\/engineer\/register\/model\?/);
    expect(page.path).toContain('serial=YZ42');
    expect(page.path + page.text).not.toContain('SECRETOWNER');
  });

  test('what was heard and is not registered can be chosen', async () => {
    await house.hear('70b3d57ed0059999', Buffer.from([1, 0, 200]));
    const page = await ada.get('/engineer/register');
    expect(page.text).toContain('/engineer/register/model?eui=70b3d57ed0059999');
  });
});

describe('a LoRaWAN sensor', () => {
  test('is registered step by step without JavaScript, with a new site on the national grid and its key, and its first message appears', async () => {
    const model = await scan('LW:D0:1122334455667788:70B3D57ED0050002:00000000:SYZ43');
    expect(model.text).toContain('70b3d57ed0050002');
    const name = await answer(model, { other: ELSYS });
    expect(name.text).toContain('value="eui-70b3d57ed0050002"');
    const place = await answer(name, { id: 'ers-2', name: 'Indoor, library' });
    const keys = await answer(place, {
      where: 'new',
      siteName: 'Central Library',
      street: 'Wellington Road South',
      postcode: 'sk1 3xe',
      borough: 'Stockport',
      ward: 'Edgeley',
      asset: '14',
      easting: '389450',
      northing: '390120',
    });
    expect(errorsOf(keys.text)).toEqual([]);
    expect(keys.path).toMatch(/^\/engineer\/register\/keys\?/);
    const appKey = '2B7E151628AED2A6ABF7158809CF4F3D';
    const check = await answer(keys, { appKey });
    expect(check.path).not.toContain(appKey);
    expect(check.text).toContain('Central Library (new)');
    expect(check.text).toContain('AppKey');
    const work = await answer(check, {});
    expect(work.path).toBe('/engineer/devices/ers-2');
    expect(work.text).toContain('Waiting for the first message');
    const device = house.registry.device({ by: 'devEui', value: devEui('70b3d57ed0050002') });
    expect(device).toMatchObject({
      id: 'ers-2',
      name: 'Indoor, library',
      serial: 'YZ43',
      profile: ELSYS,
      status: 'installed',
      joinEui: '1122334455667788',
    });
    expect(house.registry.site(siteId('central-library'))).toMatchObject({
      name: 'Central Library',
      street: 'Wellington Road South',
      postcode: 'SK1 3XE',
      borough: 'stockport',
      ward: 'Edgeley',
      asset: '14',
      latitude: expect.closeTo(53.4076, 3),
      longitude: expect.closeTo(-2.1602, 3),
    });
    expect(house.registry.lorawanKeys(deviceId('ers-2'))?.held).toEqual(['appKey']);
    const [line] = await house.registry.audit({ limit: 1, action: 'device-added' });
    expect(line).toMatchObject({
      subject: { kind: 'device', id: 'ers-2' },
      actor: { kind: 'account', name: expect.stringContaining('The engineer') },
    });

    await house.hear('70b3d57ed0050002', Buffer.from('0100e202290400270506060308', 'hex'));
    const heard = await ada.get('/engineer/devices/ers-2');
    expect(heard.text).not.toContain('Waiting for the first message');
    expect(heard.text).toContain('22.6');
    expect(heard.text).toContain('01 00 e2 02 29');
    expect(heard.text).toContain('commission it');
    const status = await ada.get('/engineer/devices/ers-2/status?to=commissioned');
    const done = await answer(status, { status: 'commissioned' });
    expect(done.path).toBe('/engineer/devices/ers-2?done=status');
    expect(house.registry.device({ by: 'id', value: deviceId('ers-2') })?.status).toBe('commissioned');
  });

  test('a key that is none is refused on the page of keys, and not printed', async () => {
    const query = queryOf({ eui: '70b3d57ed0050003', profile: ELSYS, id: 'ers-3', where: 'none' });
    const page = await answer(await ada.get(`/engineer/register/keys${query}`), { appKey: '2b7e15' });
    expect(page.status).toBe(422);
    expect(errorsOf(page.text)).toEqual([expect.stringMatching(/^#appKey .*32/)]);
    expect(page.text).not.toContain('value="2b7e15"');
  });

  test('a DevEUI that somebody registered meanwhile is refused at the end, with who has it', async () => {
    const query = queryOf({ eui: '70b3d57ed0050001', profile: ELSYS, id: 'ers-4', where: 'none' });
    const page = await ada.get(`/engineer/register/check${query}`);
    expect(page.status).toBe(422);
    expect(errorsOf(page.text).join()).toMatch(/aq-1/);
    const forced = await answer(page, { sure: 'yes' });
    expect(forced.status).toBe(422);
    expect(house.registry.device({ by: 'id', value: deviceId('ers-4') })).toBeUndefined();
  });

  test('registered a second time, by going back or by a second press, leads to the sensor', async () => {
    const query = queryOf({ eui: '70b3d57ed0050006', profile: ELSYS, id: 'ers-6', where: 'none' });
    const check = await ada.get(`/engineer/register/check${query}`);
    expect((await answer(check, {})).path).toBe('/engineer/devices/ers-6');
    expect((await answer(check, {})).path).toBe('/engineer/devices/ers-6');
    expect((await ada.get(`/engineer/register/check${query}`)).text).toContain(
      'href="/engineer/devices/ers-6">open ers-6',
    );
  });

  test('without a key typed, the check is a page with an address', async () => {
    const query = queryOf({ eui: '70b3d57ed0050007', profile: ELSYS, id: 'ers-7', where: 'none' });
    const check = await answer(await ada.get(`/engineer/register/keys${query}`), { appKey: ' ' });
    expect(check.path).toBe(`/engineer/register/check${query}`);
    expect(check.text).toContain('Register the sensor');
  });

  test('a name that is too long is said where it is typed', async () => {
    const page = await answer(await ada.get(`/engineer/register/name?profile=${encodeURIComponent(ELSYS)}`), {
      id: 'ers-8',
      name: 'n'.repeat(121),
    });
    expect(page.status).toBe(422);
    expect(errorsOf(page.text)).toEqual([expect.stringMatching(/^#name .*120/)]);
  });

  test('a session that ends meanwhile loses nothing: signing in leads back to the step', async () => {
    const query = queryOf({ eui: '70b3d57ed0050008', profile: ELSYS });
    const gone = await signedIn(house);
    const name = await gone.get(`/engineer/register/name${query}`);
    gone.cookies.clear();
    const path = `/engineer/register/name${query}`;
    expect((await gone.post(path, { id: 'ers-8' })).path).toBe(`/sign-in?back=${encodeURIComponent(path)}`);
    // A form that has no page at its own address leads back to the page that it was on.
    const from = `${house.url}/engineer/quarantine?reason=truncated`;
    expect((await gone.post('/engineer/quarantine/redrive', {}, { referer: from })).path).toBe(
      `/sign-in?back=${encodeURIComponent('/engineer/quarantine?reason=truncated')}`,
    );
    expect(
      (await gone.post('/engineer/quarantine/redrive', {}, { referer: 'https://elsewhere.example/engineer' })).path,
    ).toBe('/sign-in');
    expect(name.status).toBe(200);
  });

  test('a text that is far too long is said to be so, with the way back', async () => {
    const page = await ada.post(
      '/engineer/register',
      { text: 'x'.repeat(100_000) },
      { referer: `${house.url}/engineer/register` },
    );
    expect(page.status).toBe(413);
    expect(page.text).toContain('That is too large');
    expect(page.text).toContain('larger than the 16 KB that are taken here');
    expect(page.text).toContain('href="/engineer/register">Go back');
    expect(page.text).not.toContain('broken on our side');
  });

  test('an id that somebody took meanwhile changes nothing of that sensor', async () => {
    const query = queryOf({ profile: ELSYS, id: 'aq-1', name: 'Mine now', where: 'none' });
    const page = await ada.get(`/engineer/register/check${query}`);
    expect(errorsOf(page.text).join()).toContain('There is a sensor aq-1 already');
    expect((await answer(page, { sure: 'yes' })).status).toBe(422);
    expect(house.registry.device({ by: 'id', value: deviceId('aq-1') })).toMatchObject({
      name: 'aq-1',
      profile: 'kerbside/canonical',
    });
  });
});

describe('a sensor that speaks for itself', () => {
  test('is given a password, once, and stands at a site that was named', async () => {
    const model = await ada.get('/engineer/register/model');
    const name = await answer(model, { other: 'kerbside/canonical' });
    const place = await answer(name, { id: 'own-1', name: HOSTILE });
    const check = await answer(place, { where: 'existing', site: 'merseyway PRECINCT' });
    expect(check.path).toMatch(/^\/engineer\/register\/check\?/);
    expect(check.text).not.toContain(HOSTILE);
    const done = await answer(check, {});
    const token = /id="secret"[^>]*>([^<]+)</.exec(done.text)?.[1] ?? '';
    expect(house.registry.authenticateDevice('own-1', token)?.device.id).toBe('own-1');
    expect(house.registry.deployment(deviceId('own-1'), house.now())?.site).toBe('merseyway');
    const work = await ada.get('/engineer/devices/own-1');
    expect(work.text).toContain('devices/own-1/up');
    expect(work.text).not.toContain(HOSTILE);
  });

  test('each step says what is missing or wrong in it', async () => {
    const base = { profile: 'kerbside/canonical', id: 'own-2' };
    const at = async (
      step: string,
      draft: Readonly<Record<string, string>>,
      fields: Readonly<Record<string, string>>,
    ): Promise<readonly string[]> =>
      errorsOf((await answer(await ada.get(`/engineer/register/${step}${queryOf(draft)}`), fields)).text);
    expect(await at('model', {}, {})).toEqual(['#other Choose a model']);
    expect(await at('model', {}, { other: 'no/such' })).toEqual([
      expect.stringContaining('#other This model is not installed'),
    ]);
    expect(await at('name', { profile: base.profile }, { id: '' })).toEqual(['#id Enter an id']);
    expect(await at('name', { profile: base.profile }, { id: 'no blanks here' })).toEqual([
      expect.stringContaining('#id An id has'),
    ]);
    expect(await at('name', { profile: base.profile }, { id: 'aq-1' })).toEqual([
      expect.stringContaining('#id There is a sensor aq-1 already'),
    ]);
    expect(await at('place', base, {})).toEqual(['#where Choose where it is']);
    expect(await at('place', base, { where: 'existing', site: 'nowhere' })).toEqual([
      expect.stringContaining('#site There is no site'),
    ]);
    expect(await at('place', base, { where: 'new' })).toEqual(['#siteName Enter a name for the site']);
    expect(await at('place', base, { where: 'new', siteName: 'X', latitude: '53.4' })).toEqual([
      '#longitude Give both latitude and longitude',
    ]);
    expect(await at('place', base, { where: 'new', siteName: 'X', latitude: 'north', longitude: '1' })).toEqual([
      expect.stringContaining('#latitude Enter a number'),
    ]);
    expect(
      await at('place', base, { where: 'new', siteName: 'X', latitude: '53.4', longitude: '-2.1', easting: '1' }),
    ).toEqual([expect.stringContaining('#latitude Give latitude and longitude, or')]);
    expect(await at('place', base, { where: 'new', siteName: 'X', easting: '1389000', northing: '390000' })).toEqual([
      expect.stringContaining('#easting That is not on the British National Grid'),
    ]);
    expect(await at('place', base, { where: 'new', siteName: 'X', latitude: '123', longitude: '-2.1' })).toEqual([
      expect.stringMatching(/^#latitude /),
    ]);
    expect(await at('place', base, { where: 'new', siteName: 'X', postcode: 'nowhere' })).toEqual([
      expect.stringMatching(/^#postcode /),
    ]);
    expect(await at('place', base, { where: 'new', siteName: 'X', borough: '///' })).toEqual([
      expect.stringMatching(/^#borough /),
    ]);
    expect((await ada.get('/engineer/register/check')).path).toBe('/engineer/register/model');
  });
});
