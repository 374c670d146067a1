import { describe, expect, it } from 'vitest';
import { iso, systemClock } from '../../../device-profiles/vocabulary/index.ts';
import { readThingsStack } from '../../../gateway/lorawan/things-stack/message.ts';
import { devEui, event, read, readUplink, reasonOf, uplink, type Tree } from './samples.ts';

const sentAt = (message: Tree): string | undefined => {
  const { sentAt: time } = readUplink(message);
  return time === undefined ? undefined : iso(time);
};
const heard = (...rx: readonly Tree[]): readonly unknown[] => readUplink(uplink({ rx_metadata: rx })).frame.receptions;

describe('an uplink of The Things Stack', () => {
  it('comes with its frame, its gateways and what the register has of the device', () => {
    const [first, gateway, described, ...more] = read(uplink());
    expect(first).toEqual({
      kind: 'uplink',
      devEui,
      frame: {
        fPort: 1,
        fCnt: 1,
        session: '00bcb929',
        receptions: [{ gateway: '9c5c8e00001a05c4', rssi: -35, snr: 5, time: Date.parse('2020-02-12T15:15:45.787Z') }],
        frequency: 868_300_000,
        dataRate: 'SF7BW125',
        codingRate: '4/6',
      },
      payload: Buffer.from('8241de', 'hex'),
      sentAt: Date.parse('2020-02-12T15:15:45.787Z'),
    });
    expect(gateway).toMatchObject({
      kind: 'gateway',
      gateway: '9c5c8e00001a05c4',
      connector: 'tts-mqtt',
      name: 'gtw1',
      position: { latitude: 53.4808, longitude: -2.2426, altitude: 52 },
    });
    expect(described).toMatchObject({
      kind: 'described',
      devEui,
      detail: { brand: 'elsys', model: 'ers', latitude: 53.481, longitude: -2.243, placeBy: 'user' },
    });
    expect(more).toEqual([]);
  });

  it('has counter 0, port 0, no payload and asks for no answer where they are left out', () => {
    const bare = { end_device_ids: { dev_eui: '0004A30B001C0530', dev_addr: '00BCB929' }, uplink_message: {} };
    const { frame, payload, sentAt: time } = readUplink(bare);
    expect(frame).toEqual({ fPort: 0, fCnt: 0, session: '00bcb929', receptions: [] });
    expect(payload).toHaveLength(0);
    expect(time).toBeUndefined();
    expect(readUplink(uplink({ confirmed: true })).frame.confirmed).toBe(true);
  });

  it('belongs to the session of its key where it has no address', () => {
    const without = uplink({}, { end_device_ids: { dev_eui: devEui } });
    expect(readUplink(without).frame.session).toBe('AXA50tHUGUucuzS/bCGMNw==');
    expect(reasonOf({ end_device_ids: { dev_eui: devEui }, uplink_message: {} })).toBe('wrong-shape');
  });

  it.each([
    [
      { data_rate: { lora: { bandwidth: 500000, spreading_factor: 12, coding_rate: '4/5' } } },
      { dataRate: 'SF12BW500', codingRate: '4/5' },
    ],
    [
      { data_rate: { fsk: { bit_rate: 50000 } }, frequency: '868800000' },
      { dataRate: 'FSK50000', frequency: 868_800_000 },
    ],
    [{ data_rate: { lrfhss: { operating_channel_width: 137000, coding_rate: '1/3' } } }, { dataRate: 'M0CW137' }],
    [
      { data_rate: { lrfhss: { modulation_type: 1, operating_channel_width: 336000 } }, coding_rate: '2/3' },
      { dataRate: 'M1CW336' },
    ],
    [{ data_rate: { lora: { bandwidth: 0, spreading_factor: 7 } } }, {}],
    [{ data_rate: 'SF7', coding_rate: '9/9', frequency: '0x33' }, {}],
  ])('has the radio data of %j', (settings, expected) => {
    const { dataRate, codingRate, frequency } = readUplink(uplink({ settings })).frame;
    expect({ dataRate, codingRate, frequency }).toEqual({
      dataRate: undefined,
      codingRate: undefined,
      frequency: undefined,
      ...expected,
    });
  });

  it('knows a gateway by its EUI, else its id, and one behind Packet Broker by what that says of it', () => {
    expect(
      heard(
        { gateway_ids: { gateway_id: 'no-eui' }, rssi: -100, snr: -3.5 },
        {
          gateway_ids: { gateway_id: 'packetbroker' },
          packet_broker: { message_id: '01', forwarder_net_id: '000013' },
        },
        { gateway_ids: { gateway_id: 'packetbroker' }, packet_broker: { forwarder_gateway_eui: '58A0CBFFFE803E79' } },
        { gateway_ids: { gateway_id: 'packetbroker' }, packet_broker: { forwarder_gateway_id: 'roof' } },
        { gateway_ids: { eui: 'not one' } },
        { rssi: 'strong' },
        { gateway_ids: 7 },
      ),
    ).toEqual([
      { gateway: 'no-eui', rssi: -100, snr: -3.5 },
      { gateway: 'packetbroker' },
      { gateway: '58a0cbfffe803e79' },
      { gateway: 'packetbroker:roof' },
    ]);
  });

  it('keeps the stronger of two antennas, and an SNR of 0 dB that is left out', () => {
    const gateway_ids = { eui: '58A0CBFFFE803E79' };
    expect(heard({ gateway_ids, rssi: -110, snr: -9 }, { gateway_ids, antenna_index: 1, rssi: -90 })).toEqual([
      { gateway: '58a0cbfffe803e79', rssi: -90, snr: 0 },
    ]);
  });

  it('has no strength that no gateway measures: 0 dBm and above are none', () => {
    const gateway_ids = { eui: '58A0CBFFFE803E79' };
    expect([0, 7].flatMap((rssi) => heard({ gateway_ids, rssi }))).toEqual([
      { gateway: '58a0cbfffe803e79' },
      { gateway: '58a0cbfffe803e79' },
    ]);
    expect(heard({ gateway_ids, rssi: 0, snr: -3 })).toEqual([{ gateway: '58a0cbfffe803e79', snr: -3 }]);
  });

  it('keeps its payload where nothing can be read of its radio', () => {
    for (const strange of [7, 'x', null, [null], { a: 1 }, [[]]]) {
      const { payload, frame } = readUplink(uplink({ rx_metadata: strange, settings: strange }));
      expect(payload).toHaveLength(3);
      expect(frame.receptions).toEqual([]);
    }
  });

  it('was sent when a gateway says so whose clock the network bears out, else when the network heard of it', () => {
    const network = '2020-02-12T15:15:45.789Z';
    const told = (...times: readonly string[]): string | undefined =>
      sentAt(uplink({ rx_metadata: times.map((time, index) => ({ gateway_ids: { gateway_id: `g${index}` }, time })) }));
    expect(told('2020-02-12T15:15:45.787Z')).toBe('2020-02-12T15:15:45.787Z');
    expect(told('2020-02-12T15:15:45.700Z', '2020-02-12T15:15:45.500Z')).toBe('2020-02-12T15:15:45.500Z');
    // Of a gateway that kept frames through an outage, unless another says that this one is fresh.
    expect(told('2020-02-12T14:15:45Z')).toBe('2020-02-12T14:15:45.000Z');
    expect(told('2020-02-12T14:15:45Z', '2020-02-12T15:15:45.7Z')).toBe('2020-02-12T15:15:45.700Z');
    expect(told('2020-02-12T15:15:46.100Z')).toBe(network);
    expect(told('1970-01-01T00:00:10Z', '2020-02-12T15:16:45Z', 'soon')).toBe(network);
    expect(told()).toBe(network);
    expect(heard({ gateway_ids: { gateway_id: 'g' }, time: '1970-01-01T00:00:10Z' })).toEqual([{ gateway: 'g' }]);
    // Without a time of its network server: that of the application server.
    expect(sentAt(uplink({ received_at: undefined, rx_metadata: [] }))).toBe('2020-02-12T15:15:46.014Z');
    expect(sentAt(uplink({ received_at: undefined, rx_metadata: [] }, { received_at: undefined }))).toBeUndefined();
  });

  it.each([
    ['simulated', uplink({}, { simulated: true })],
    ['simulated', { ...event('join_accept', {}), simulated: true }],
    ['dev-eui-missing', uplink({}, { end_device_ids: { device_id: 'dev1' } })],
    ['dev-eui-missing', uplink({}, { end_device_ids: { dev_eui: '0004A30B001C05' } })],
    ['wrong-shape', uplink({}, { end_device_ids: 'dev1' })],
    ['wrong-shape', uplink({}, { simulated: 'no' })],
    ['wrong-shape', uplink({ f_cnt: -1 })],
    ['wrong-shape', uplink({ f_cnt: 2 ** 32 })],
    ['wrong-shape', uplink({ f_cnt: '7' })],
    ['wrong-shape', uplink({ f_port: 256 })],
    ['wrong-shape', uplink({ f_port: 1.5 })],
    ['wrong-shape', uplink({ frm_payload: 7 })],
    ['payload-not-base64', uplink({ frm_payload: 'gkH*' })],
    ['payload-not-base64', uplink({ frm_payload: 'gkHe=' })],
    ['payload-too-large', uplink({ frm_payload: Buffer.alloc(256).toString('base64') })],
    ['payload-encrypted', uplink({ app_s_key: { kek_label: 'as', encrypted_key: 'AAAA' } })],
    ['event-unknown', event('uplink_normalized', { normalized_payload: {} })],
    ['event-unknown', event('up', {})],
    ['wrong-shape', []],
    ['wrong-shape', 7],
  ])('is turned away as %s', (reason, message) => expect(reasonOf(message)).toBe(reason));

  it('that says one key twice is turned away', () => {
    const doubled = Buffer.from(JSON.stringify(uplink()).replace('"f_cnt":1', '"f_cnt":1,"f_cnt":2'));
    expect(readThingsStack(doubled, { connector: 'tts-mqtt', at: systemClock.now() })).toMatchObject([
      { reason: 'doubled-key' },
    ]);
  });
});

describe('what the register of The Things Stack has of a device', () => {
  const described = (changes: Tree): unknown =>
    read(uplink({ locations: undefined, version_ids: undefined, ...changes })).find(({ kind }) => kind === 'described');
  it('is told where it names a model or a place', () => {
    expect(described({})).toBeUndefined();
    expect(described({ version_ids: { brand_id: 'elsys' } })).toBeUndefined();
    expect(described({ locations: { user: { source: 'SOURCE_REGISTRY' } } })).toBeUndefined();
    expect(described({ locations: { user: { latitude: 91, longitude: 1 } } })).toBeUndefined();
    expect(described({ version_ids: { brand_id: 'elsys', model_id: 'ers' } })).toMatchObject({
      text: 'The Things Stack has it as elsys/ers',
      detail: { brand: 'elsys', model: 'ers' },
    });
  });

  it('takes the place that a person entered before the one that the device said, and Greenwich has a longitude of 0', () => {
    const place = (latitude: number): Tree => ({ latitude, longitude: -2 });
    expect(described({ locations: { 'lora-cloud': place(1), 'frm-payload': place(2), user: place(3) } })).toMatchObject(
      { detail: { latitude: 3, placeBy: 'user' } },
    );
    expect(described({ locations: { 'lora-cloud': place(1), 'frm-payload': place(2) } })).toMatchObject({
      detail: { latitude: 2, placeBy: 'frm-payload' },
    });
    expect(described({ locations: { b: place(1), a: { latitude: 51.48 } } })).toMatchObject({
      detail: { latitude: 51.48, longitude: 0 },
    });
  });
});

describe('other messages of The Things Stack', () => {
  const downlink = {
    f_port: 15,
    f_cnt: 1,
    frm_payload: 'vu8=',
    confirmed: true,
    correlation_ids: ['x', 'as:downlink:01E19B'],
  };
  it.each([
    ['join_accept', { session_key_id: 'AXBSH1Pk6Z0G166RlH16CQ==' }, { kind: 'join', level: 'info' }],
    ['downlink_queued', downlink, { kind: 'downlink', downlink: 'as:downlink:01E19B', detail: { fPort: 15, fCnt: 1 } }],
    ['downlink_sent', downlink, { kind: 'txack' }],
    [
      'downlink_ack',
      { ...downlink, correlation_ids: ['as:downlink:1', 'kerbside:7'] },
      { kind: 'ack', level: 'info', downlink: 'kerbside:7' },
    ],
    ['downlink_nack', downlink, { kind: 'ack', level: 'warning', code: 'nack' }],
    ['downlink_queue_invalidated', { downlinks: [downlink] }, { kind: 'downlink', level: 'warning' }],
    [
      'downlink_failed',
      {
        downlink,
        error: {
          namespace: 'pkg/networkserver',
          name: 'application_downlink_too_long',
          message_format: 'application downlink payload is too long',
        },
      },
      {
        kind: 'downlink',
        level: 'error',
        code: 'application_downlink_too_long',
        text: 'application downlink payload is too long',
        downlink: 'as:downlink:01E19B',
      },
    ],
    [
      'location_solved',
      {
        service: 'lora-cloud',
        location: { latitude: 53.48, longitude: -2.24, accuracy: 30, source: 'SOURCE_LORA_TDOA_GEOLOCATION' },
      },
      { kind: 'location', detail: { latitude: 53.48, longitude: -2.24, accuracy: 30 } },
    ],
    [
      'service_data',
      { service: 'lora-cloud', data: { secret: 'AAAA' } },
      { kind: 'log', code: 'service_data', detail: {} },
    ],
  ])('%s is an event of the device', (name, value, expected) => {
    expect(read(event(name, value))).toMatchObject([{ devEui, connector: 'tts-mqtt', ...expected }]);
    // Whatever its fields are.
    for (const strange of [{}, { downlink: 7 }, { location: [] }, { f_port: 'x' }])
      expect(read(event(name, strange))).toMatchObject([{ kind: expect.stringMatching(/^(?!refused)/) }]);
    expect(JSON.stringify(read(event(name, value)))).not.toMatch(/vu8=|AAAA|AXBSH/);
  });
});
