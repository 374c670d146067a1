import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import * as packet from 'mqtt-packet';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isFeedFilter, observationTopic } from '../../dashboard/feeds/topics.ts';
import {
  borough,
  deviceId,
  instant,
  measured,
  quantityIds,
  siteId,
  type Instant,
} from '../../device-profiles/vocabulary/index.ts';
import type { LiveEvent } from '../../infra/live/contract.ts';
import { openHouse, until, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await house.registry.addSite({ id: 'a6', borough: 'stockport' });
  await house.registry.addSite({ id: 'nowhere' });
  for (const [id, site] of [
    ['aq-1', 'a6'],
    ['aq-2', 'nowhere'],
  ] as const)
    await house.registry.addDevice({ id, profile: 'kerbside/canonical', site });
  await house.registry.addDevice({ id: 'aq-3', profile: 'kerbside/canonical' });
  await house.registry.addRule({ name: 'much', quantity: 'pm2_5', when: 'above', threshold: 50 });
});
afterAll(() => house.close());

const open: MqttClient[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) await client.endAsync(true);
});
const partner = async (options: IClientOptions = {}): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(house.feedUrl, {
    username: 'anybody',
    password: house.keys.viewer,
    reconnectPeriod: 0,
    protocolVersion: 4,
    ...options,
  });
  open.push(client);
  return client;
};
interface Message {
  readonly topic: string;
  readonly retain: boolean;
  readonly json: Record<string, unknown>;
}
const inbox = async (client: MqttClient, filter: string): Promise<Message[]> => {
  const messages: Message[] = [];
  client.on(
    'message',
    (topic, payload, { retain }) => void messages.push({ topic, retain, json: JSON.parse(payload.toString()) }),
  );
  await client.subscribeAsync(filter);
  return messages;
};
const valuesOf = (messages: readonly Message[]): unknown[] => messages.map(({ json }) => json['value']);
const iso = (at: Instant): string => new Date(at).toISOString();

describe('who may read the feed', () => {
  test('a key that may read, under any name', async () => {
    expect((await partner({ username: 'the city' })).connected).toBe(true);
  });

  test("nobody with a wrong key, with a device's token, or with none", async () => {
    const { token } = await house.registry.addDevice({ id: 'a-device', profile: 'kerbside/canonical' });
    for (const password of ['wrong', token, ''])
      await expect(partner({ username: 'a-device', password })).rejects.toMatchObject({ code: 4 });
  });

  test('nobody may publish: whoever tries is disconnected, and nothing arrives', async () => {
    const reader = await inbox(await partner(), 'feeds/#');
    const before = reader.length;
    const writer = await partner();
    writer.publish('feeds/v1/stockport/a6/no2', '{"value":0}');
    await new Promise<void>((resolve) => void writer.once('close', () => resolve()));
    await house.say('aq-1', { no2: 12 });
    await until(() => valuesOf(reader).includes(12));
    expect(valuesOf(reader.slice(before))).not.toContain(0);
  });

  test('a filter that no topic of the feed can match is refused, so that a slip is heard of', async () => {
    const client = await partner();
    const granted = await client
      .subscribeAsync(['devices/+/up', '$SYS/#', 'feeds/v1/#'])
      .catch((error: unknown) => error);
    expect(String(granted)).toContain('Unspecified error');
    expect(
      ['#', 'feeds/#', 'feeds/v1/stockport/+/no2', '+/v1/#', 'feeds/+/alerts/#'].filter(
        (filter) => !isFeedFilter(filter),
      ),
    ).toEqual([]);
    expect(['', 'devices/#', '/feeds/v1', 'feeds', 'feeds/v2/#', 'Feeds/v1/#'].filter(isFeedFilter)).toEqual([]);
  });
});

describe('what the feed says', () => {
  test('each value under its borough, site and quantity, in the words of the API', async () => {
    const messages = await inbox(await partner(), 'feeds/v1/stockport/#');
    await house.say('aq-1', { no2: 31.5, time: iso(house.now()) });
    await until(() => valuesOf(messages).includes(31.5));
    const { topic, json } = messages.find(({ json: { value } }) => value === 31.5) ?? { topic: '', json: {} };
    expect(topic).toBe('feeds/v1/stockport/a6/no2');
    const api = (await house.ask('/api/v1/observations/latest?device=aq-1&quantity=no2')).json;
    expect({ observations: [json] }).toEqual({ observations: Object.values(Object(api)['observations']) });
  });

  test('whoever subscribes later has the newest values at once, what came while nobody listened included', async () => {
    await house.say('aq-1', { no2: 44 });
    await house.say('aq-2', { pm10: 9 });
    const messages = await inbox(await partner(), 'feeds/v1/#');
    await until(() => valuesOf(messages).includes(44) && valuesOf(messages).includes(9));
    const again = await inbox(await partner(), 'feeds/v1/+/+/no2');
    await until(() => again.length > 0);
    expect(again).toMatchObject([{ retain: true, json: { value: 44 } }]);
    expect(messages.find(({ json: { value } }) => value === 9)?.topic).toBe('feeds/v1/-/nowhere/pm10');
  });

  test('a value that comes late is told, but it does not become the newest', async () => {
    const listener = await inbox(await partner(), 'feeds/v1/stockport/a6/no2');
    await house.say('aq-1', { no2: 50, time: iso(house.now()) });
    await house.say('aq-1', { no2: 5, time: iso(instant(house.now() - 3_600_000)) });
    await until(() => valuesOf(listener).includes(5));
    const later = await inbox(await partner(), 'feeds/v1/stockport/a6/no2');
    await until(() => later.length > 0);
    expect(valuesOf(later)).toEqual([50]);
  });

  test('an alert when it fires and when it is over, and its last state for whoever comes later', async () => {
    const messages = await inbox(await partner(), 'feeds/v1/alerts/#');
    await house.say('aq-1', { pm2_5: 70 });
    await house.say('aq-1', { pm2_5: 10 });
    await until(() => messages.length >= 2);
    expect(messages.map(({ json }) => json['state'])).toEqual(['firing', 'resolved']);
    expect(messages[0]?.topic).toMatch(/^feeds\/v1\/alerts\/stockport\/a6\/aq-1\/[^/]+$/);
    const later = await inbox(await partner(), 'feeds/v1/alerts/#');
    await until(() => later.length > 0);
    expect(later).toMatchObject([{ retain: true, json: { state: 'resolved', worst: 70 } }]);
  });

  test('what was observed at no site has no topic, and every quantity of a site is one level', () => {
    expect(observationTopic({ borough: null, site: null, quantity: 'no2' })).toBeUndefined();
    for (const quantity of quantityIds)
      expect(observationTopic({ borough: null, site: siteId('a6'), quantity })?.split('/')).toHaveLength(5);
  });
});

const co2 = (value: number, at: Instant): LiveEvent => ({
  kind: 'reading',
  reading: {
    device: deviceId('aq-1'),
    site: siteId('a6'),
    borough: borough('stockport'),
    time: at,
    receivedAt: at,
    observations: [{ quantity: 'co2', value: measured(value), raw: null, flag: 1 }],
  },
});

test('a subscriber that has stopped reading is cut, and the others are told everything meanwhile', async () => {
  // By hand: a client that subscribes and then never reads again.
  const { hostname, port } = new URL(house.feedUrl);
  const frozen = connectTcp(Number(port), hostname);
  await once(frozen, 'connect');
  frozen.write(
    packet.generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: 'frozen',
      clean: true,
      keepalive: 0,
      username: 'x',
      password: Buffer.from(house.keys.viewer),
    }),
  );
  frozen.write(packet.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'feeds/#', qos: 0 }] }));
  await once(frozen, 'data');
  frozen.pause();
  const healthy = await partner();
  const seen: number[] = [];
  healthy.on('message', (_topic, payload) => {
    const value: unknown = JSON.parse(payload.toString()).value;
    if (typeof value === 'number' && value >= 1_000) seen.push(value);
  });
  await healthy.subscribeAsync('feeds/v1/stockport/a6/co2');
  const cut = async (): Promise<boolean> =>
    (await house.metrics.refused.get()).values.some(
      ({ labels, value }) => labels.connector === 'feed' && labels.reason === 'reader-too-slow' && value > 0,
    );
  let sent = 1_000;
  let slowestMs = 0;
  while (!(await cut()) && sent < 300_000) {
    const [from, at, began] = [sent, house.now(), performance.now()];
    sent += 200;
    house.live.announce(Array.from({ length: 200 }, (_, i) => co2(from + i + 1, at)));
    await until(() => seen.length === from - 800);
    slowestMs = Math.max(slowestMs, performance.now() - began);
  }
  expect(await cut()).toBe(true);
  expect(seen).toEqual(Array.from({ length: sent - 1_000 }, (_, i) => 1_001 + i));
  // Two hundred values take a few milliseconds; with a frozen subscriber in the way it would be ten seconds.
  expect(slowestMs).toBeLessThan(2_000);
  frozen.destroy();
}, 60_000);

test('port 0 switches the feed off', async () => {
  const without = await openHouse({ env: { KERBSIDE_FEEDS_MQTT_PORT: '0' } });
  expect(without.dashboard.feedUrl).toBeUndefined();
  await without.close();
});
