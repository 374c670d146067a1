import mqtt, { type MqttClient } from 'mqtt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../device-profiles/vocabulary/index.ts';
import { openThingsStack } from '../../../gateway/lorawan/things-stack/door.ts';
import { ReturnCode } from '../../../infra/broker/refusals.ts';
import { JournalFull } from '../../../infra/journal/contract.ts';
import { openGround } from '../../gateway/ground.ts';
import { journalBut } from '../../gateway/journal-but.ts';
import { openTestBroker } from '../../gateway/open-broker.ts';
import { needs, startMosquitto } from '../../servers/index.ts';
import { startProxy } from '../../servers/proxy.ts';
import { bytesOf, devEui, event, uplink, type Tree } from './samples.ts';
import { startStorage, stored } from './storage-server.ts';
import { openStreet, type Street } from './street.ts';

const patiently = { timeout: 20_000, interval: 20 };
const uid = 'app1@tenant1';
const settingsOf = (url: string): Record<string, string> => ({
  KERBSIDE_THINGS_STACK_MQTT_URL: url,
  KERBSIDE_THINGS_STACK_APPLICATION_ID: 'app1',
  KERBSIDE_THINGS_STACK_TENANT_ID: 'tenant1',
  KERBSIDE_THINGS_STACK_API_KEY: 'NNSXS.KEY',
});
const subscribed = ({ door }: Street): Promise<void> => vi.waitFor(() => expect(door.subscribed).toBe(true), patiently);

/** The application server: it publishes with QoS 0, whatever anybody subscribed with. */
const applicationServer = async (
  url: string,
): Promise<{ publish(kind: string, message: unknown): Promise<unknown> }> => {
  const client: MqttClient = await mqtt.connectAsync(url, { protocolVersion: 4 });
  onTestFinished(() => client.endAsync(true));
  return {
    publish: (kind, message) =>
      client.publishAsync(
        `v3/${uid}/devices/dev1/${kind}`,
        message instanceof Uint8Array ? Buffer.from(message) : Buffer.from(bytesOf(message)),
        { qos: 0 },
      ),
  };
};

needs('mosquitto')('the MQTT server of The Things Stack', () => {
  it("brings uplinks and events of the application's devices", async () => {
    const mosquitto = await startMosquitto();
    onTestFinished(() => mosquitto.stop());
    const street = await openStreet({ settings: settingsOf(mosquitto.url) });
    street.door.open();
    await subscribed(street);
    const server = await applicationServer(mosquitto.url);
    for (let f_cnt = 0; f_cnt < 200; f_cnt += 1) await server.publish('up', uplink({ f_cnt: f_cnt || undefined }));
    await server.publish('up', uplink({ f_cnt: 7 }));
    await server.publish('up', uplink({ f_cnt: 500 }, { simulated: true }));
    await server.publish('up', Buffer.from('{'));
    await server.publish('up', Buffer.alloc(70_000, 0x20));
    await server.publish('join', event('join_accept', {}));
    await server.publish('down/ack', event('downlink_ack', { f_cnt: 3 }));
    await server.publish(
      'location/solved',
      event('location_solved', { location: { latitude: 53.48, longitude: -2.24 } }),
    );
    await vi.waitFor(
      () => expect(street.events().map(({ kind }) => kind)).toEqual(['described', 'join', 'ack', 'location']),
      patiently,
    );
    await vi.waitFor(async () => expect(await street.kept()).toHaveLength(200), patiently);
    const kept = await street.kept();
    expect(kept.map(({ lorawan }) => lorawan?.fCnt)).toEqual(Array.from({ length: 200 }, (_, index) => index));
    expect(kept[0]).toMatchObject({
      connector: 'tts-mqtt',
      device: { by: 'devEui', value: devEui },
      sentAt: Date.parse('2020-02-12T15:15:45.787Z'),
    });
    for (const reason of ['simulated', 'not-json', 'payload-too-large'])
      expect(await street.refused(reason, 'tts-mqtt')).toBe(1);
    expect(street.said().filter(({ msg }) => msg.includes('QoS 0 only'))).toHaveLength(1);
    expect(JSON.stringify(street.said())).not.toMatch(/NNSXS|gkHe/);
  });

  it('that was away, or dropped what we could not keep, is caught up with from its storage', async () => {
    const mosquitto = await startMosquitto();
    onTestFinished(() => mosquitto.stop());
    const storage = await startStorage();
    const way = await startProxy({ port: mosquitto.port });
    onTestFinished(() => way.stop());
    let full = false;
    const street = await openStreet({
      settings: { ...settingsOf(`mqtt://127.0.0.1:${way.port}`), KERBSIDE_THINGS_STACK_API_URL: storage.url },
      changed: (journal) =>
        journalBut(journal, {
          append: (uplinks) => (full ? Promise.reject(new JournalFull('full')) : journal.append(uplinks)),
        }),
    });
    street.door.open();
    await subscribed(street);
    const server = await applicationServer(mosquitto.url);
    let next = 0;
    /** A frame, which the storage has as well. */
    const send = async (): Promise<void> => {
      const message: Tree = stored(systemClock.now(), next);
      next += 1;
      storage.stored.push(message);
      await server.publish('up', message);
    };
    const counters = async (): Promise<readonly (number | undefined)[]> =>
      (await street.kept()).map(({ lorawan }) => lorawan?.fCnt).toSorted((a = 0, b = 0) => a - b);
    const all = (): number[] => Array.from({ length: next }, (_, index) => index);
    await send();
    await vi.waitFor(async () => expect(await counters()).toEqual(all()), patiently);
    // Away: the first time there is a mark, which the door keeps at its first connection.
    await way.mode('refuse');
    await vi.waitFor(() => expect(street.door.subscribed).toBe(false), patiently);
    for (let n = 0; n < 5; n += 1) await send();
    await way.mode('pass');
    await vi.waitFor(async () => expect(await counters()).toEqual(all()), patiently);
    expect(new Set((await street.kept()).map(({ connector }) => connector))).toEqual(
      new Set(['tts-mqtt', 'tts-storage']),
    );
    // The journal takes nothing: QoS 0 does not bring it again, the storage does.
    await subscribed(street);
    const fetched = (): number => street.said().filter(({ msg }) => msg.endsWith('has been fetched')).length;
    await vi.waitFor(() => expect(fetched()).toBe(1), patiently);
    full = true;
    await send();
    await vi.waitFor(async () => expect(await street.refused('journal-full', 'tts-mqtt')).toBe(1), patiently);
    full = false;
    await vi.waitFor(async () => expect(await counters()).toEqual(all()), patiently);
    await vi.waitFor(() => expect(fetched()).toBe(2), patiently);
    const { values } = await street.metrics.gaps.get();
    const reconnects = values.find(({ labels }) => labels.connector === 'tts-mqtt' && labels.reason === 'reconnect');
    expect(reconnects?.value).toBe(2);
  });
});

describe('the sign-in to The Things Stack', () => {
  it('is with application and tenant as name and the API key as password, in MQTT 3.1.1, and reads that application only', async () => {
    const seen: unknown[] = [];
    const filters: string[] = [];
    const { port } = await openTestBroker({
      authenticate: ({ username, password }) => {
        seen.push([username, password?.toString()]);
        return { who: { name: 'app' } };
      },
      authorizeSubscribe: (_who, filter) => {
        filters.push(typeof filter === 'string' ? filter : JSON.stringify(filter));
        return true;
      },
    });
    const street = await openStreet({ settings: settingsOf(`mqtt://127.0.0.1:${port}`) });
    street.door.open();
    await subscribed(street);
    expect(seen).toEqual([[uid, 'NNSXS.KEY']]);
    expect(filters.join()).toContain(`v3/${uid}/devices/#`);
  });

  it('that is refused is said, without the key, and tried again', async () => {
    let attempts = 0;
    const { port } = await openTestBroker({
      authenticate: () => {
        attempts += 1;
        return { returnCode: ReturnCode.credentialsWrong, refused: 'credentials-wrong', message: 'no such key' };
      },
    });
    const street = await openStreet({ settings: settingsOf(`mqtt://127.0.0.1:${port}`) });
    street.door.open();
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(1), patiently);
    expect(street.door.subscribed).toBe(false);
    expect(street.said()).toContainEqual(expect.objectContaining({ reason: 'things-stack-error' }));
    expect(JSON.stringify(street.said())).not.toContain('NNSXS');
  });

  it('needs an application and a key', async () => {
    const ground = await openGround();
    const whole = ground.config();
    const config = { ...whole, thingsStack: { ...whole.thingsStack, mqttUrl: 'mqtt://127.0.0.1:1' } };
    expect(() =>
      openThingsStack({ ...ground, config, radio: { tell: () => {} } }, { mark: `${ground.dir}/mark` }),
    ).toThrow(expect.objectContaining({ code: 'things-stack-incomplete' }));
  });
});
