import mqtt, { type MqttClient } from 'mqtt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openSource, type Source, type SourceSettings } from '../../gateway/mqtt/source.ts';
import { topicsOf } from '../../gateway/mqtt/topic.ts';
import { needs, startMosquitto } from '../servers/index.ts';
import { openForgetfulWay } from './forgetful-way.ts';
import { openGround, type Ground } from './ground.ts';
import { openTestBroker } from './open-broker.ts';

const patiently = { timeout: 15_000, interval: 20 };

interface Reader extends Ground {
  readonly source: Source;
  readonly came: string[];
  readonly gaps: (reason: string) => Promise<number>;
}

const openReader = async (settings: Pick<SourceSettings, 'url'> & Partial<SourceSettings>): Promise<Reader> => {
  const ground = await openGround();
  const came: string[] = [];
  const source = openSource(ground, {
    connector: 'chirpstack-mqtt',
    broker: 'the broker',
    word: 'test',
    protocol: '5',
    clientId: 'reader',
    filters: [
      { filter: 'a/+', qos: 1 },
      { filter: 'b/#', qos: 1 },
    ],
    take: ({ topic }, answer) => {
      came.push(topic);
      answer('kept');
    },
    ...settings,
  });
  onTestFinished(() => source.close());
  return {
    ...ground,
    source,
    came,
    gaps: async (reason) =>
      (await ground.metrics.gaps.get()).values.find(({ labels }) => labels.reason === reason)?.value ?? 0,
  };
};

const openWriter = async (url: string): Promise<MqttClient> => {
  const writer = mqtt.connect(url, { reconnectPeriod: 100 });
  writer.on('error', () => {});
  onTestFinished(() => writer.endAsync(true));
  return writer;
};
const subscribed = ({ source }: Reader): Promise<void> =>
  vi.waitFor(() => expect(source.subscribed).toBe(true), patiently);

needs('mosquitto')('a source', () => {
  it.each([
    ['3.1.1', 4],
    ['5', 5],
  ] as const)('with MQTT %s gets back a filter that the broker lost while others go on', async (protocol, version) => {
    const mosquitto = await startMosquitto();
    onTestFinished(() => mosquitto.stop());
    const way = await openForgetfulWay(mosquitto.port, version);
    const reader = await openReader({ url: way.url, protocol, renewMs: 300 });
    const writer = await openWriter(mosquitto.url);
    await subscribed(reader);
    await writer.publishAsync('a/before', '', { qos: 1 });
    await vi.waitFor(() => expect(reader.came).toContain('a/before'), patiently);
    await way.forget('a/+');
    let count = 0;
    await vi.waitFor(async () => {
      count += 1;
      await writer.publishAsync('a/after', '', { qos: 1 });
      await writer.publishAsync(`b/${count}`, '', { qos: 1 });
      expect(await reader.gaps('filter-quiet')).toBeGreaterThan(0);
      expect(reader.came).toContain('a/after');
    }, patiently);
    expect(await reader.gaps('reconnect')).toBe(0);
    expect(reader.source.subscribed).toBe(true);
  });

  it('knows for certain that a filter was lost, where its topics are retained', async () => {
    const mosquitto = await startMosquitto();
    onTestFinished(() => mosquitto.stop());
    const way = await openForgetfulWay(mosquitto.port, 5);
    const writer = await openWriter(mosquitto.url);
    await writer.publishAsync('a/state', 'on', { qos: 1, retain: true });
    const filters = [{ filter: 'a/+', qos: 1, retained: true }] as const;
    const reader = await openReader({ url: way.url, renewMs: 100, filters });
    await vi.waitFor(() => expect(reader.came).toEqual(['a/state']), patiently);
    // Asked for anew many times, the broker does not say again what is known.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect([reader.came, await reader.gaps('filter-lost')]).toEqual([['a/state'], 0]);
    await way.forget('a/+');
    await vi.waitFor(async () => expect(await reader.gaps('filter-lost')).toBe(1), patiently);
    expect(reader.came).toEqual(['a/state', 'a/state']);
  });

  it('has all its filters again after a restart of the broker', async () => {
    const mosquitto = await startMosquitto();
    onTestFinished(() => mosquitto.stop());
    const reader = await openReader({ url: mosquitto.url });
    const writer = await openWriter(mosquitto.url);
    await subscribed(reader);
    await mosquitto.kill();
    await vi.waitFor(() => expect(reader.source.subscribed).toBe(false), patiently);
    await mosquitto.restart();
    await subscribed(reader);
    await writer.publishAsync('a/1', '', { qos: 1 });
    await writer.publishAsync('b/1/2', '', { qos: 1 });
    await vi.waitFor(() => expect(reader.came.toSorted()).toEqual(['a/1', 'b/1/2']), patiently);
    expect([await reader.gaps('reconnect'), await reader.gaps('session-lost')]).toEqual([1, 1]);
  });

  it('leaves a filter that was quiet but is there as it is: no message twice, none lost', async () => {
    const mosquitto = await startMosquitto();
    onTestFinished(() => mosquitto.stop());
    const reader = await openReader({ url: mosquitto.url, renewMs: 20, filters: [{ filter: 'a/+', qos: 1 }] });
    const writer = await openWriter(mosquitto.url);
    await subscribed(reader);
    const topics = Array.from({ length: 100 }, (_, index) => `a/${index}`);
    for (const topic of topics) {
      await writer.publishAsync(topic, '', { qos: 1 });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await vi.waitFor(() => expect(reader.came).toHaveLength(topics.length), patiently);
    expect(reader.came).toEqual(topics);
  });
});

describe('a source of two filters', () => {
  it('reads by the one that is granted, and asks for the other until it is', async () => {
    let granting = false;
    const { port } = await openTestBroker({ authorizeSubscribe: (_who, filter) => granting || filter !== 'a/+' });
    const url = `mqtt://127.0.0.1:${port}`;
    const reader = await openReader({ url, protocol: '3.1.1' });
    const writer = await openWriter(url);
    await vi.waitFor(async () => expect(await reader.gaps('filter-refused')).toBeGreaterThan(0), patiently);
    await writer.publishAsync('b/1', '', { qos: 1 });
    await vi.waitFor(() => expect(reader.came).toEqual(['b/1']), patiently);
    expect(reader.source.subscribed).toBe(false);
    granting = true;
    await subscribed(reader);
    await writer.publishAsync('a/1', '', { qos: 1 });
    await vi.waitFor(() => expect(reader.came).toEqual(['b/1', 'a/1']), patiently);
    expect(await reader.gaps('reconnect')).toBe(0);
  });
});

it.each([
  ['a/+/c', 'a/b/c', true],
  ['a/+/c', 'a//c', true],
  ['a/+', 'a/b/c', false],
  ['a/b/c', 'a/b', false],
  ['a/#', 'a', true],
  ['a/#', 'a/b/c', true],
  ['#', '$SYS/uptime', false],
  ['+/uptime', '$SYS/uptime', false],
  ['$share/group/a/+', 'a/b', true],
])('the filter %s brings %s: %s', (filter, topic, brings) => {
  expect(topicsOf(filter)(topic)).toBe(brings);
});
