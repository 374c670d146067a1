import { expect, it, onTestFinished, vi } from 'vitest';
import { parseIso } from '../../../device-profiles/vocabulary/index.ts';
import { openChirpstackMqtt } from '../../../gateway/lorawan/chirpstack/mqtt.ts';
import { JournalFull } from '../../../infra/journal/contract.ts';
import { openForgetfulWay } from '../../gateway/forgetful-way.ts';
import { journalBut } from '../../gateway/journal-but.ts';
import { needs } from '../../servers/index.ts';
import { encoded } from './encode.ts';
import { event, openMqtt, openNetwork, openStreet, patiently, type Street } from './ground.ts';

const gaps = async ({ metrics }: Street, reason: string): Promise<number> =>
  (await metrics.gaps.get()).values.find(
    ({ labels }) => labels.connector === 'chirpstack-mqtt' && labels.reason === reason,
  )?.value ?? 0;
const counted = (street: Street, reason: string): Promise<number> => street.refused(reason, 'chirpstack-mqtt');
const counters = async (street: Street): Promise<readonly (number | undefined)[]> =>
  (await street.kept()).map(({ lorawan }) => lorawan?.fCnt);

needs('mosquitto')("ChirpStack's broker", () => {
  it('brings uplinks with their radio data, in JSON and in Protocol Buffers as they come', async () => {
    const street = await openStreet();
    const network = await openNetwork();
    await openMqtt(street, network.mosquitto.url);
    await network.event('up', event('up-all-fields'));
    await network.event('up', encoded('up', event('up-all-fields', { fCnt: 5 })));
    await network.event('up', event('up-mac-only', { fCnt: 6 }));
    await vi.waitFor(async () => expect(await counters(street)).toEqual([4, 5, 6]), patiently);
    const [json, protobuf, empty] = await street.kept();
    expect(json).toMatchObject({
      connector: 'chirpstack-mqtt',
      device: { by: 'devEui', value: '0101010101010101' },
      sentAt: parseIso('2022-07-18T09:34:15.775Z'),
      lorawan: {
        fPort: 1,
        session: '00189440',
        frequency: 867_100_000,
        dataRate: 'SF11BW125',
        codingRate: '4/5',
        confirmed: true,
        receptions: [{ gateway: '0016c001f153a14c', rssi: -36, snr: 10.5, time: parseIso('2022-07-18T09:34:15.775Z') }],
      },
    });
    expect(protobuf?.lorawan).toEqual({ ...json?.lorawan, fCnt: 5 });
    expect(Buffer.from(json?.payload ?? []).toString('hex')).toBe('aa');
    expect([empty?.payload.length, empty?.lorawan?.fPort]).toEqual([0, 0]);
    expect(street.told).toContainEqual(
      expect.objectContaining({ kind: 'gateway', position: { latitude: 51.5, longitude: -0.12, altitude: 20 } }),
    );
  });

  it('tells of joins, troubles and acknowledgements, and of its gateways, those connected before we came too', async () => {
    const street = await openStreet();
    const network = await openNetwork();
    const gateway = 'eu868/gateway/0016c001f153a14c';
    const online = encoded('conn', { gatewayId: '0016c001f153a14c', state: 'ONLINE' });
    await network.publisher.publishAsync(`${gateway}/state/conn`, Buffer.from(online), { qos: 1, retain: true });
    await openMqtt(street, network.mosquitto.url);
    for (const [kind, name] of [
      ['join', 'join'],
      ['log', 'log-mic'],
      ['ack', 'ack'],
      ['status', 'status'],
    ] as const)
      await network.event(kind, event(name));
    const stats = encoded('stats', event('stats'));
    await network.publisher.publishAsync(`${gateway}/event/stats`, Buffer.from(stats));
    // A gateway's raw frames are not asked for.
    await network.publisher.publishAsync(`${gateway}/event/up`, Buffer.from(stats));
    const kinds = ['ack', 'connection', 'join', 'log', 'stats', 'status'];
    await vi.waitFor(() => expect(street.told.map(({ kind }) => kind).toSorted()).toEqual(kinds), patiently);
    expect(street.told).toContainEqual(expect.objectContaining({ kind: 'connection', online: true }));
    expect(await street.kept()).toEqual([]);
  });

  it('keeps for us at QoS 1 what arrives while we are away', async () => {
    const street = await openStreet();
    const network = await openNetwork();
    const first = await openMqtt(street, network.mosquitto.url);
    await first.close();
    await network.event('up', event('up-all-fields'));
    await openMqtt(street, network.mosquitto.url);
    await vi.waitFor(async () => expect(await counters(street)).toEqual([4]), patiently);
    expect(street.said().some(({ reason }) => reason === 'qos-0')).toBe(false);
  });

  it('says once that QoS 0 can lose events', async () => {
    const street = await openStreet();
    const network = await openNetwork();
    await openMqtt(street, network.mosquitto.url);
    for (const fCnt of [1, 2, 3]) await network.event('up', event('up-all-fields', { fCnt }), { qos: 0 });
    await vi.waitFor(async () => expect(await counters(street)).toEqual([1, 2, 3]), patiently);
    expect(street.said().filter(({ reason }) => reason === 'qos-0')).toHaveLength(1);
  });

  it('is told of an uplink only after the commit: what was not committed comes again, and is kept once', async () => {
    const street = await openStreet();
    const network = await openNetwork();
    let handed = 0;
    const first = await openMqtt(street, network.mosquitto.url, {
      changed: (real) =>
        journalBut(real, {
          append: () => {
            handed += 1;
            return new Promise(() => {});
          },
        }),
    });
    await network.event('up', event('up-all-fields'));
    await vi.waitFor(() => expect(handed).toBeGreaterThan(0), patiently);
    await first.close();
    expect(await street.kept()).toEqual([]);
    await openMqtt(street, network.mosquitto.url);
    await vi.waitFor(async () => expect(await counters(street)).toEqual([4]), patiently);
  });

  it('sends again what the journal had no room for', async () => {
    const street = await openStreet();
    const network = await openNetwork();
    let full = true;
    await openMqtt(street, network.mosquitto.url, {
      changed: (real) =>
        journalBut(real, {
          append: (uplinks) => (full ? Promise.reject(new JournalFull('no room')) : real.append(uplinks)),
        }),
    });
    await network.event('up', event('up-all-fields'));
    await vi.waitFor(async () => expect(await counted(street, 'journal-full')).toBeGreaterThan(0), patiently);
    full = false;
    await vi.waitFor(async () => expect(await counters(street)).toEqual([4]), patiently);
  });

  it('that is killed and comes back is read on, and what it forgot is counted', async () => {
    const street = await openStreet();
    const network = await openNetwork();
    const door = await openMqtt(street, network.mosquitto.url);
    await network.mosquitto.kill();
    await vi.waitFor(() => expect(door.subscribed).toBe(false), patiently);
    await network.mosquitto.restart();
    await vi.waitFor(() => expect(door.subscribed).toBe(true), patiently);
    await network.event('up', event('up-all-fields'));
    await vi.waitFor(async () => expect(await counters(street)).toEqual([4]), patiently);
    expect([await gaps(street, 'reconnect'), await gaps(street, 'session-lost')]).toEqual([1, 1]);
  });

  it('that loses the subscription to devices while gateways go on is noticed, and healed', async () => {
    const street = await openStreet();
    const network = await openNetwork();
    const way = await openForgetfulWay(network.mosquitto.port, 5);
    await openMqtt(street, way.url, { renewMs: 300 });
    await network.event('up', event('up-all-fields', { fCnt: 1 }));
    await vi.waitFor(async () => expect(await counters(street)).toEqual([1]), patiently);
    await way.forget('application/+/device/+/event/+');
    let fCnt = 1;
    await vi.waitFor(async () => {
      fCnt += 1;
      await network.publisher.publishAsync(
        'eu868/gateway/0016c001f153a14c/event/stats',
        JSON.stringify(event('stats')),
      );
      await network.event('up', event('up-all-fields', { fCnt }));
      expect(await gaps(street, 'filter-quiet')).toBeGreaterThan(0);
      expect((await counters(street)).length).toBeGreaterThan(1);
    }, patiently);
    expect(await gaps(street, 'reconnect')).toBe(0);
  });

  it('never blocks on a message that cannot be used, and each is counted by its reason', async () => {
    const street = await openStreet();
    const network = await openNetwork();
    await openMqtt(street, network.mosquitto.url);
    const up = event('up-all-fields');
    await network.event('integration', {});
    await network.event('up', Buffer.from('{"a":1,"a":2}'));
    await network.event('up', Buffer.from('{'));
    await network.event('up', Buffer.from([0x0a, 0xff]));
    await network.event('up', Buffer.alloc(70_000, 0x20));
    await network.event('up', { ...up, deviceInfo: {} });
    await network.event('up', { ...up, data: '*' });
    await network.event('up', up, { eui: '0202020202020202' });
    await network.event('up', up, { eui: 'not-an-eui' });
    await network.event('up', up);
    await vi.waitFor(async () => expect(await counters(street)).toEqual([4]), patiently);
    const reasons = [
      'event-unknown',
      'doubled-key',
      'not-json',
      'not-protobuf',
      'payload-too-large',
      'dev-eui-missing',
      'payload-not-base64',
      'wrong-shape',
      'topic-unknown',
    ];
    expect(await Promise.all(reasons.map((reason) => counted(street, reason)))).toEqual(reasons.map(() => 1));
    expect(JSON.stringify(street.said())).not.toContain('"data"');
  });

  it("is read by an administrator's own template", async () => {
    const street = await openStreet();
    const network = await openNetwork();
    await openMqtt(street, network.mosquitto.url, {
      settings: {
        KERBSIDE_CHIRPSTACK_EVENT_TOPIC: 'stockport/lora/{{dev_eui}}-{{event}}',
        KERBSIDE_CHIRPSTACK_GATEWAY_TOPIC: '',
      },
    });
    const body = JSON.stringify(event('up-all-fields'));
    await network.publisher.publishAsync('stockport/lora/0101010101010101-up', body, { qos: 1 });
    await vi.waitFor(async () => expect(await counters(street)).toEqual([4]), patiently);
  });
});

it('a template that cannot be matched is refused when the server starts', async () => {
  const street = await openStreet();
  const config = street.config({
    KERBSIDE_CHIRPSTACK_MQTT_URL: 'mqtt://127.0.0.1:1',
    KERBSIDE_CHIRPSTACK_EVENT_TOPIC: 'application/{{application_id}}/device/{{dev_eui}}',
  });
  const open = () => {
    const door = openChirpstackMqtt({ ...street, radio: { tell: () => {} }, config });
    onTestFinished(() => door.close());
  };
  expect(open).toThrow(/chirpstack\.eventTopic: .* needs \{\{event\}\}/);
});
