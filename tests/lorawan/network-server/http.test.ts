import { describe, expect, it } from 'vitest';
import { JournalBroken, JournalFull } from '../../../infra/journal/contract.ts';
import { roles, scopesOf } from '../../../infra/registry/contract.ts';
import { journalBut } from '../../gateway/journal-but.ts';
import { openDoor } from './door.ts';

const loriot = {
  cmd: 'gw',
  EUI: '0102030405060708',
  ts: 1_713_521_048_021,
  fcnt: 7,
  port: 2,
  freq: 868_100_000,
  dr: 'SF9 BW125 4/5',
  gws: [{ gweui: '7076FFFFFF053A13', rssi: -90, snr: 5, lat: 53.4, lon: -2.2 }],
  data: '0102',
};
const acme = {
  type: 'uplink',
  device: { eui: '0102030405060708', addr: '260B0001' },
  counter: 7,
  port: 2,
  data: '0102',
};

describe("an operator's network server", () => {
  it('has its frame kept, and the place of its gateway told', async () => {
    const door = await openDoor();
    expect(await door.post('loriot', loriot)).toMatchObject({ status: 202, json: { outcome: 'appended' } });
    expect(await door.kept()).toMatchObject([
      {
        connector: 'network-server',
        device: { by: 'devEui', value: '0102030405060708' },
        sentAt: 1_713_521_048_021,
        lorawan: {
          fPort: 2,
          fCnt: 7,
          session: '',
          frequency: 868_100_000,
          dataRate: 'SF9BW125',
          codingRate: '4/5',
          receptions: [{ gateway: '7076ffffff053a13', rssi: -90, snr: 5 }],
        },
      },
    ]);
    expect(door.told).toMatchObject([
      {
        kind: 'gateway',
        connector: 'network-server',
        gateway: '7076ffffff053a13',
        position: { latitude: 53.4, longitude: -2.2 },
      },
    ]);
  });

  it('may send it again, and so may another operator who heard the same frame', async () => {
    const door = await openDoor();
    expect(await door.post('acme', acme)).toMatchObject({ status: 202, json: { outcome: 'appended' } });
    expect(await door.post('acme', acme)).toMatchObject({ status: 202, json: { outcome: 'duplicate' } });
    const thingpark = {
      DevEUI_uplink: { DevEUI: '0102030405060708', DevAddr: '260B0001', FCntUp: '7', FPort: '2', payload_hex: '0102' },
    };
    expect(await door.post('thingpark', thingpark)).toMatchObject({ status: 202, json: { outcome: 'duplicate' } });
    const chirpstack = { devEUI: 'AQIDBAUGBwg=', devAddr: 'JgsAAQ==', fCnt: 7, fPort: 2, data: 'AQI=' };
    expect(await door.post('chirpstack-v3', chirpstack)).toMatchObject({ status: 202, json: { outcome: 'duplicate' } });
    expect(await door.post('acme', { ...acme, counter: 8 })).toMatchObject({
      status: 202,
      json: { outcome: 'appended' },
    });
    expect(await door.kept()).toHaveLength(2);
  });

  it.each([
    ['the header that every network server may use', (key: string) => ({ 'kerbside-key': key }), ''],
    ['a bearer token', (key: string) => ({ authorization: `Bearer ${key}` }), ''],
    ['a password', (key: string) => ({ authorization: `Basic ${Buffer.from(`any:${key}`).toString('base64')}` }), ''],
    ['the header that its integration names', (key: string) => ({ 'x-acme-key': key }), ''],
    ['the query, where its integration names it', () => ({}), '?key='],
  ])('proves itself with its key in %s', async (_, headers, query) => {
    const door = await openDoor();
    const path = query === '' ? 'acme' : `acme${query}${encodeURIComponent(door.key)}`;
    expect(await door.post(path, acme, headers(door.key))).toMatchObject({ status: 202 });
    expect(await door.kept()).toHaveLength(1);
  });

  it('is turned away with a wrong key, without one, in the wrong place, or with a key for something else', async () => {
    const door = await openDoor();
    expect(await door.post('acme', acme, { 'kerbside-key': `${door.key}x` })).toMatchObject({
      status: 401,
      json: { code: 'key-wrong' },
    });
    expect(await door.post('acme?key=guess', acme, {})).toMatchObject({ status: 401, json: { code: 'key-wrong' } });
    expect(await door.post('acme?key=a&key=b', acme, {})).toMatchObject({ status: 401, json: { code: 'key-missing' } });
    expect(await door.post('acme', acme, {})).toMatchObject({ status: 401, json: { code: 'key-missing' } });
    // ChirpStack can send headers, so its integration takes no key from the address.
    expect(await door.post(`chirpstack-v3?key=${door.key}`, acme, {})).toMatchObject({
      status: 401,
      json: { code: 'key-missing' },
    });
    const others = roles.filter((role) => !scopesOf[role].includes('deliver'));
    expect(others.length).toBeGreaterThan(2);
    for (const role of others) {
      const { secret } = await door.registry.createKey({ name: role, role });
      expect(await door.post('acme', acme, { 'kerbside-key': secret })).toMatchObject({
        status: 403,
        json: { code: 'scope-missing' },
      });
    }
    expect(await door.kept()).toEqual([]);
    expect(await door.refused('key-wrong', 'network-server')).toBe(2);
    expect(await door.refused('key-missing', 'network-server')).toBe(3);
    expect(await door.refused('scope-missing', 'network-server')).toBe(others.length);
  });

  it('is told that there is no such integration once it has proved itself', async () => {
    const door = await openDoor();
    for (const id of ['nobody', '_example', 'example', 'chirpstack', 'constructor', '__proto__', '..%2Floriot']) {
      expect(await door.post(id, acme)).toMatchObject({ status: 404, json: { code: 'integration-unknown' } });
      expect(await door.post(id, acme, {})).toMatchObject({ status: 401, json: { code: 'key-missing' } });
    }
    expect(await door.refused('integration-unknown', 'network-server')).toBe(7);
  });

  it.each<readonly [string, unknown, string]>([
    ['cut off', '{"cmd":"rx","EUI":"01020304', 'not-json'],
    ['no object', '[]', 'wrong-shape'],
    [
      'a key that stands twice',
      '{"cmd":"rx","EUI":"0102030405060708","EUI":"0909090909090909","fcnt":1,"port":1,"data":"00"}',
      'doubled-key',
    ],
    ['nested too deep', `{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`, 'wrong-shape'],
    ['a spoofed EUI that is none', { ...loriot, EUI: '01020304050607' }, 'dev-eui-missing'],
    ['a payload that is none', { ...loriot, data: 'zz' }, 'payload-not-hex'],
    ['a payload longer than a frame', { ...loriot, data: '00'.repeat(256) }, 'payload-too-large'],
    [
      'a payload that only the AppSKey opens',
      { cmd: 'rx', EUI: '0102030405060708', fcnt: 1, port: 1, encdata: '00' },
      'payload-encrypted',
    ],
    ['the message of another operator', acme, 'wrong-shape'],
    [
      'gateways without end',
      { ...loriot, gws: Array.from({ length: 300 }, (_, index) => ({ gweui: index.toString(16).padStart(16, '0') })) },
      'wrong-shape',
    ],
  ])('is told why nothing was taken of %s', async (_, body, reason) => {
    const door = await openDoor();
    expect(await door.post('loriot', body)).toMatchObject({ status: 400, json: { code: reason } });
    expect(await door.kept()).toEqual([]);
    expect(await door.refused(reason, 'network-server')).toBe(1);
  });

  it('need not send again what nobody needs, which is counted', async () => {
    const door = await openDoor();
    expect(await door.post('acme', { type: 'heartbeat' })).toMatchObject({
      status: 202,
      json: { outcome: 'event-unknown' },
    });
    expect(await door.refused('event-unknown', 'network-server')).toBe(1);
  });

  it('has news of a device told, and needs no uplink for that', async () => {
    const door = await openDoor();
    expect(
      await door.post('thingpark', {
        DevEUI_notification: { DevEUI: '0102030405060708', Type: 'join', Var1: 'c0ffee' },
      }),
    ).toMatchObject({ status: 202, json: { outcome: 'told' } });
    expect(door.told).toMatchObject([{ kind: 'join', devEui: '0102030405060708', detail: {} }]);
    expect(JSON.stringify(door.told)).not.toContain('c0ffee');
  });

  it.each([
    ['full', 'journal-full', new JournalFull('no room')],
    ['broken', 'journal-broken', new JournalBroken('it fails')],
  ])('is asked to come again when the journal is %s', async (_, code, error) => {
    const door = await openDoor((real) => journalBut(real, { append: () => Promise.reject(error) }));
    const answer = await door.post('loriot', loriot);
    expect(answer).toMatchObject({ status: 503, json: { code } });
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(await door.refused(code, 'network-server')).toBe(1);
  });

  it('is turned away with a body that is larger than any message, or no JSON', async () => {
    const door = await openDoor();
    expect(await door.post('loriot', JSON.stringify({ ...loriot, more: 'x'.repeat(70_000) }))).toMatchObject({
      status: 413,
      json: { code: 'body-too-large' },
    });
    expect(
      await door.post('loriot', '<xml/>', { 'kerbside-key': door.key, 'content-type': 'application/xml' }),
    ).toMatchObject({ status: 415 });
  });

  it('has neither its key nor a payload in the log', async () => {
    const door = await openDoor();
    await door.post(`acme?key=${door.key}`, { ...acme, data: 'c0ffee' }, {});
    await door.post(`acme?key=${door.key}`, { ...acme, counter: -1, data: 'c0ffee' }, {});
    await door.post(`acme?key=${door.key}`, '{"data":"c0ffee"', {});
    const said = JSON.stringify(door.said());
    expect(said.length).toBeGreaterThan(50);
    expect(said).not.toContain(door.key);
    expect(said).not.toContain('c0ffee');
  });
});
