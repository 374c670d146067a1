import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deviceId, instant } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, until, type House } from './house.ts';

const html = 'text/html';
const see = async (house: House, path: string): Promise<string> =>
  (await house.ask(path, { accept: html })).text.replaceAll(/\s+/g, ' ');
/** The row with that id, without its tags. */
const row = (text: string, id: string): string =>
  (new RegExp(`<(tr|li)[^>]* id="${id}".*?</\\1>`).exec(text)?.[0] ?? '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
const MINUTE = 60_000;

describe('a street with a sensor that nobody understands, a claimed one and an edge box', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
    const { registry } = house;
    await registry.addSite({ id: 'a6', name: 'London Road' });
    await registry.addSite({ id: 'depot', name: 'The depot' });
    await registry.addDevices([
      { id: 'good', profile: 'kerbside/canonical', site: 'a6', name: 'Good one' },
      { id: 'mute', profile: 'kerbside/canonical', site: 'a6' },
      { id: 'rubbish', profile: 'kerbside/canonical', name: 'Says nothing usable' },
      { id: 'box-3', profile: 'kerbside/canonical', site: 'depot', speaksFor: ['claim*'] },
      { id: 'lora', profile: 'decentlab/dl-pm', devEui: '24e124136b502217' },
    ]);
    const before = instant(house.now() - MINUTE);
    await house.say('good', { no2: 12, battery_voltage: 3.5 }, before, 'box-3');
    await house.say('rubbish', new TextEncoder().encode('no json'), before);
    await house.say('rubbish', { unknown_key: 1 }, before);
    await house.say('claimed', { no2: 5 }, before, 'box-3');
    await until(async () => (await registry.quarantineCount()) === 3, 'three to wait');
  });
  afterAll(() => house.close());

  test('what is heard and never understood is suspect and says so, on the first page, in the list and on its own', async () => {
    for (const path of ['/', '/devices']) {
      const text = row(await see(house, path), 'device-rubbish');
      expect(text).toContain('Quality suspect');
      expect(text).toContain('heard 1 minute ago, but nothing of it was understood');
    }
    expect(await see(house, '/devices/rubbish')).toContain(
      'Heard 1 minute ago, but nothing of it was understood: 2 messages wait in the quarantine (nothing that the profile maps; no JSON).',
    );
    expect(await see(house, '/devices/rubbish')).toContain(
      '<a class="govuk-link" href="/engineer/devices/rubbish">What it sent last</a>, and <a class="govuk-link" href="/engineer/quarantine?device=rubbish">what waits</a>.',
    );
    expect(await see(house, '/devices/good')).not.toContain('id="waiting"');
  });

  test('one that was understood before is suspect after a window of being heard in vain', async () => {
    const { registry } = house;
    await registry.addDevice({ id: 'turned', profile: 'kerbside/canonical' });
    await house.say('turned', { no2: 5 }, instant(house.now() - 120 * MINUTE));
    await house.say('turned', { gibberish: 5 }, instant(house.now() - MINUTE));
    await until(async () => row(await see(house, '/devices'), 'device-turned').includes('suspect'), 'doubt');
    expect(row(await see(house, '/devices'), 'device-turned')).toMatch(
      /heard 1 minute ago, but nothing of it was understood since/,
    );
  });

  test('the first page says how many messages wait', async () => {
    const waiting = await house.registry.quarantineCount();
    expect(waiting).toBeGreaterThan(2);
    expect(await see(house, '/')).toContain(`${waiting} messages wait in the quarantine`);
  });

  test('what waits of a LoRaWAN device is found under its id as under its DevEUI', async () => {
    await house.hear('24e124136b502217', Uint8Array.of(1));
    const found = async (device: string): Promise<unknown> => {
      const { quarantined } = (await house.ask(`/api/v1/quarantine?device=${device}`)).json as {
        quarantined: unknown[];
      };
      return quarantined.length;
    };
    await until(async () => (await found('lora')) === 1, 'it to wait');
    expect(await found('24e124136b502217')).toBe(1);
    expect(await see(house, '/devices/lora')).toContain('1 message waits in the quarantine (cut short).');
  });

  test('a site whose sensor told only of itself says so, beside its state and where its values would be', async () => {
    const { registry } = house;
    await registry.addSite({ id: 'mersey', name: 'Mersey' });
    await registry.addDevice({ id: 'level', profile: 'kerbside/canonical', site: 'mersey' });
    await house.say('level', { battery_voltage: 3.5 }, instant(house.now() - 2 * MINUTE));
    await until(async () => row(await see(house, '/'), 'site-mersey').includes('OK'), 'it to be heard');
    const text = row(await see(house, '/'), 'site-mersey');
    expect(text).toContain('heard 2 minutes ago, but it tells only of itself: nothing of the place is measured');
    expect(text).toContain('None of the place');
    expect(text).not.toContain('Never');
    expect(text).not.toContain('No values yet');
    // One that was never heard has nothing to explain.
    await registry.addDevice({ id: 'unheard', profile: 'kerbside/canonical' });
    expect(row(await see(house, '/'), 'device-unheard')).toMatch(/Never heard No values yet Nothing to draw Never $/);
  });

  test('a site is as bad as its worst sensor, and says of how many that is so', async () => {
    expect(row(await see(house, '/'), 'site-a6')).toContain('1 of 2 never heard');
    expect(await see(house, '/sites/a6')).toContain('1 of 2 never heard');
    expect(await see(house, '/')).toMatch(/kb-row kb-row--never-heard/);
  });

  test('an edge box that measures nothing is no sensor, and is listed as the gateway that it is', async () => {
    const front = await see(house, '/');
    expect(row(front, 'site-depot')).toContain('No sensor');
    const { sensors, sentence } = (await house.ask('/api/v1/status')).json as { sensors: number; sentence: string };
    const listed = house.registry.devices().length;
    expect(sensors).toBe(listed - 1);
    expect(sentence).toContain(`of ${listed - 1} sensors`);
    const text = row(await see(house, '/devices'), 'device-box-3');
    expect(text).toMatch(/Gateway.*OK.*Forwarded 1 minute ago/);
    await house.say('box-3', { no2: 3 });
    await until(async () => row(await see(house, '/'), 'site-depot').includes('OK'), 'the box to be a sensor');
  });

  test('the page of a sensor leads to its site and to the list, and says what is known of it', async () => {
    const text = await see(house, '/devices/good');
    expect(text).toContain('<a class="govuk-link" href="/sites/a6">London Road</a>');
    expect(text).toMatch(/govuk-breadcrumbs__link" href="\/devices">Sensors<\/a>/);
    expect(text).toMatch(/service-navigation__item--active"> <a[^>]* href="\/devices"/);
    const facts = new Map(
      [...text.matchAll(/<dt[^>]*>(.*?)<\/dt><dd[^>]*>(.*?)<\/dd>/g)].map(([, key, value]) => [key, value]),
    );
    expect([...facts.keys()]).toEqual(['Site', 'Status', 'Model', 'Profile', 'Expected', 'Battery', 'For engineers']);
    expect(facts.get('Status')).toMatch(/^Commissioned since \d/);
    expect(facts.get('Profile')).toBe('kerbside/canonical');
    expect(facts.get('Battery')).toBe('Battery voltage 3.5 V: less than a week of values');
    expect(await see(house, '/devices/lora')).toContain('>24e124136b502217</dd>');
    expect(await see(house, '/sites/a6')).toMatch(/govuk-breadcrumbs__link" href="\/">Now<\/a>/);
  });

  test('the words of a line know every value, not only those that are drawn', async () => {
    await house.say('good', { temperature: -2.1 }, instant(house.now() - 20));
    await house.say('good', { temperature: -1.5 }, instant(house.now() - 10));
    await until(async () => (await see(house, '/devices/good')).includes('history-good-temperature-words'), 'the line');
    expect(await see(house, '/devices/good')).toContain('Between -2.1 °C and -1.5 °C.');
  });

  test('counts that have no whole hour yet are not said to have no values', async () => {
    await house.say('good', { footfall_in: 3 }, house.now());
    await until(async () => (await see(house, '/devices/good')).includes('history-good-footfall_in'), 'the count');
    expect(await see(house, '/devices/good')).toMatch(/history-good-footfall_in-words">No whole hour yet\./);
    expect(await see(house, '/devices/good')).toContain(
      '<span class="kb-number">3</span> <span class="kb-unit">in the last report</span>',
    );
  });

  test('a claimed device is heard as the rest are, by the gateway that forwarded it', async () => {
    const { registry } = house;
    await registry.addDevice({ id: 'claimed', profile: 'kerbside/canonical' });
    await until(async () => row(await see(house, '/devices'), 'device-claimed').includes('OK'), 'it to come in');
    expect((await house.ask('/api/v1/devices/claimed/health')).json).toMatchObject({
      state: 'ok',
      routes: [{ kind: 'gateway-device', name: 'box-3' }],
    });
    const { gateways } = (await house.ask('/api/v1/gateways')).json as { gateways: { id: string; devices: number }[] };
    expect(gateways.find(({ id }) => id === 'box-3')?.devices).toBe(2);
  });
});

test('after a restart the first page says that it listens again, and nobody who was heard before was never heard', async () => {
  const house = await openHouse({
    listenedFor: MINUTE,
    prepare: async ({ registry, clock }) => {
      await registry.addDevices(['a', 'b', 'c'].map((id) => ({ id, profile: 'kerbside/canonical', site: 'a6' })));
      const at = instant(clock.now() - 120 * MINUTE);
      for (const id of ['a', 'b'])
        await registry.keepHeard({
          devices: [{ device: deviceId(id), seq: 0, heardAt: at, aboutAt: at, connector: 'mqtt', routes: [] }],
          days: [],
        });
    },
  });
  await house.say('a', { no2: 1 });
  const text = await see(house, '/');
  expect(text).toMatch(/<h1[^>]*>Listening again since \d\d:\d\d: 1 of 3 sensors heard so far, no alerts<\/h1>/);
  expect(row(text, 'site-a6')).toContain('1 of 3 never heard, 1 listening');
  expect(((await house.ask('/api/v1/status')).json as { sentence: string }).sentence).toMatch(/^Listening again since/);
  await house.close();
});

test('a site of many values is brief in the list, what the index is made of first, and has all on its own page', async () => {
  const house = await openHouse();
  await house.registry.addSite({ id: 'many', name: 'Manifold Street' });
  await house.registry.addDevice({ id: 'dev-many', profile: 'kerbside/canonical', site: 'many' });
  await house.say('dev-many', {
    pm1: 1,
    pm2_5: 2,
    pm10: 3,
    no: 4,
    no2: 5,
    o3: 6,
    temperature: 7,
    humidity: 48,
    pressure: 1009,
  });
  const row = async (): Promise<string> =>
    (await see(house, '/?q=manifold')).split('id="site-many"')[1]?.split('</tr>')[0] ?? '';
  await until(async () => (await row()).includes('kb-values'));
  const shown = [...(await row()).matchAll(/<li>(?:<abbr title="([^"]+)">|([^<]+?) <)/g)].map(
    ([, long, short]) => long ?? short,
  );
  expect(shown).toEqual(['PM2.5', 'PM10', 'Nitrogen dioxide', 'Ozone', 'PM1', 'Nitric oxide']);
  expect(await row()).toContain('>3 more</li>');
  const page = await see(house, '/sites/many');
  for (const value of ['7', '48', '1,009']) expect(page).toMatch(new RegExp(`kb-number">${value}(?:\\.0+)?<`));
  await house.close();
});
