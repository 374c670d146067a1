import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatewayStates } from '../../dashboard/now/gateways.ts';
import { deviceId, devEui, instant, uplinkId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, until, type House } from './house.ts';

const MINUTE = 60_000;
const town = '00800000a00016b6';

describe('the API of gateways', () => {
  let house: House;
  let said = 0;
  /** An uplink that those gateways heard, through the journal and the pipeline. */
  const hear = async (eui: string, gateways: readonly string[], at: Instant): Promise<void> => {
    said += 1;
    await house.journal.append([
      {
        id: uplinkId(`u${said}`.padEnd(22, '0')),
        redelivered: false,
        connector: 'chirpstack-mqtt',
        device: { by: 'devEui', value: devEui(eui) },
        receivedAt: at,
        payload: new Uint8Array(7),
        lorawan: {
          fPort: 1,
          fCnt: said,
          session: '01020304',
          frequency: 868_100_000,
          dataRate: 'SF7BW125',
          receptions: gateways.map((gateway, n) => ({ gateway, rssi: -90 - n, snr: 5.25 })),
        },
      },
    ]);
    await until(() => house.journal.stats().backlog === 0);
  };
  const get = async (path: string): Promise<unknown> => (await house.ask(path)).json;
  const before = (ms: number): Instant => instant(house.now() - ms);

  beforeAll(async () => {
    house = await openHouse();
    for (const n of [1, 2, 3])
      await house.registry.addDevice({ id: `lora-${n}`, profile: 'decentlab/dl-pm', devEui: `70b3d57ed000000${n}` });
    await hear('70b3d57ed0000001', [town, 'roof'], before(2 * MINUTE));
    await hear('70b3d57ed0000002', [town], before(2 * MINUTE));
    await hear('70b3d57ed0000003', ['lost'], before(20 * 60 * MINUTE));
    const at = before(MINUTE);
    house.radio.tell({ kind: 'stats', gateway: town, connector: 'chirpstack-mqtt', at, received: 20, receivedOk: 15 });
    house.radio.tell({ kind: 'connection', gateway: 'lost', connector: 'chirpstack-mqtt', at, online: false });
    house.radio.tell({ kind: 'gateway', gateway: 'planned', connector: 'tts-mqtt', at, name: 'To be put up' });
    house.radio.tell({
      kind: 'log',
      devEui: devEui('70b3d57ed0000001'),
      connector: 'chirpstack-mqtt',
      at,
      level: 'error',
      code: 'UPLINK_MIC',
      text: 'a frame was not signed as it should be',
      detail: { fCnt: 9 },
    });
  });
  afterAll(() => house.close());

  test('each is listed with its state, its devices and what it counted, beside boxes and doors', async () => {
    await house.registry.addDevice({ id: 'plain', profile: 'kerbside/canonical' });
    await house.say('plain', { no2: 12 });
    await until(async () => ((await get('/api/v1/gateways')) as { gateways: unknown[] }).gateways.length === 5);
    expect(await get('/api/v1/gateways')).toMatchObject({
      gateways: [
        { kind: 'door', id: 'mqtt', state: 'ok', radio: null },
        {
          kind: 'lorawan-gateway',
          id: town,
          state: 'ok',
          devices: 2,
          unheard: 0,
          radio: {
            onlyHere: 1,
            everySeconds: 30,
            lateAfterSeconds: 300,
            online: null,
            today: { uplinks: 2, received: 20, receivedOk: 15, crcOkShare: 0.75, forwarded: null, frames: null },
          },
        },
        { id: 'lost', state: 'silent', devices: 1, unheard: 1, radio: { online: false, onlyHere: 1 } },
        { id: 'planned', state: 'never-heard', heardAt: null, devices: 0, radio: { name: 'To be put up' } },
        { id: 'roof', state: 'ok', devices: 1, radio: { onlyHere: 0 } },
      ],
      next: null,
    });
    const page = (await get('/api/v1/gateways?limit=2')) as { next: string };
    expect(await get(`/api/v1/gateways?limit=1&cursor=${page.next}`)).toMatchObject({ gateways: [{ id: 'lost' }] });
  });

  test('it hears as many devices in the list as on its page and by the command line, those out of the street too', async () => {
    await house.registry.addDevice({
      id: 'lora-4',
      profile: 'decentlab/dl-pm',
      devEui: '70b3d57ed0000004',
      status: 'planned',
    });
    await hear('70b3d57ed0000004', ['roof'], before(2 * MINUTE));
    const listed = async () =>
      ((await get('/api/v1/gateways')) as { gateways: { id: string; devices: number }[] }).gateways;
    await until(async () => (await listed()).find(({ id }) => id === 'roof')?.devices === 2);
    let compared = 0;
    for (const { id, devices } of await listed()) {
      if (id === 'mqtt') continue;
      compared += 1;
      expect(await get(`/api/v1/gateways/${id}`)).toMatchObject({ id, devices });
      expect(((await get(`/api/v1/gateways/${id}/devices`)) as { devices: unknown[] }).devices).toHaveLength(devices);
    }
    expect(compared).toBe(4);
  });

  test('one has its days and channels, and the devices that it hears, or only those that no other does', async () => {
    expect(await get(`/api/v1/gateways/${town.toUpperCase()}`)).toMatchObject({
      id: town,
      devices: 2,
      days: [{ uplinks: 2, received: 20 }],
      channels: [{ frequencyHz: 868_100_000, source: 'uplinks', frames: 2, timed: 2, subBand: 'M' }],
      subBands: [{ name: 'M', dutyLimitShare: 0.01 }],
    });
    expect(await get(`/api/v1/gateways/${town}/devices`)).toMatchObject({
      devices: [
        { id: 'lora-1', alone: false, uplinks: 1, rssiDbmMean: -90, snrDbBest: 5.25 },
        { id: 'lora-2', alone: true },
      ],
    });
    expect(await get(`/api/v1/gateways/${town}/devices?alone=true`)).toMatchObject({ devices: [{ id: 'lora-2' }] });
    expect(await get(`/api/v1/gateways/${town}/devices?alone=false`)).toMatchObject({ devices: [{ id: 'lora-1' }] });
  });

  test('a device has the gateways that hear it, and what its network says of it', async () => {
    expect(await get('/api/v1/devices/lora-1/radio')).toMatchObject({
      gateways: [
        { id: town, rssiDbmBest: -90 },
        { id: 'roof', rssiDbmBest: -91 },
      ],
      alone: null,
      events: [{ kind: 'log', level: 'error', code: 'UPLINK_MIC', downlink: null, detail: { fCnt: 9 } }],
    });
    expect(await get('/api/v1/devices/lora-2/radio')).toMatchObject({ alone: town, events: [] });
    expect(await get('/api/v1/devices/plain/radio')).toEqual({ gateways: [], alone: null, events: [] });
  });

  test('a name of our own is kept, and who gave it', async () => {
    const key = house.keys.administrator;
    const body = { name: 'Town hall', latitude: 53.4, longitude: -2.15 };
    const path = `/api/v1/gateways/${town}`;
    expect((await house.ask(path, { method: 'PATCH', body, key })).json).toMatchObject({
      name: 'Town hall',
      latitude: 53.4,
    });
    expect(await get('/api/v1/devices/lora-2/radio')).toMatchObject({ gateways: [{ name: 'Town hall' }] });
    const trail = await house.ask(`/api/v1/audit?subject=gateway:${town}`, { key });
    expect(trail.json).toMatchObject({
      entries: [
        { action: 'gateway-changed', subject: { kind: 'gateway', id: town }, actor: { kind: 'key' }, detail: body },
      ],
    });
    const taken = await house.ask(path, { method: 'PATCH', body: { name: null }, key });
    expect(taken.json).toMatchObject({ name: null, latitude: 53.4 });
  });

  test('the only sensor of a gateway that is not connected is laid to the gateway', async () => {
    expect(await get('/api/v1/devices/lora-3/health')).toMatchObject({
      state: 'silent',
      cause: 'gateway',
      route: { kind: 'lorawan-gateway', name: 'lost' },
      alsoUnheard: 0,
    });
    const page = await house.ask('/devices', { accept: 'text/html' });
    expect(page.text).toContain('its gateway lost is silent too');
  });

  test('gateways are counted by state', async () => {
    const { values } = await house.metrics.gateways.get();
    expect(values.map(({ labels }) => String(labels.state))).toEqual([...gatewayStates]);
    expect(house.registry.device({ by: 'id', value: deviceId('lora-1') })).toBeDefined();
  });

  test('a device that nobody registered is listed with what its network suggests, until it is registered', async () => {
    const eui = 'a81758fffe000001';
    await hear(eui, [town], before(MINUTE));
    await hear(eui, [town], before(MINUTE / 2));
    await until(async () => (await house.registry.unregistered()).length === 1);
    const described = {
      kind: 'described',
      connector: 'tts-mqtt',
      level: 'info',
      text: 'The Things Stack has it as a device',
    } as const;
    house.radio.tell({
      ...described,
      devEui: devEui(eui),
      at: before(MINUTE),
      detail: { brand: 'decentlab', model: 'dl-pm', latitude: 53.41, longitude: -2.16 },
    });
    expect(await get('/api/v1/unregistered')).toEqual({
      unregistered: [
        {
          devEui: eui,
          uplinks: 2,
          firstAt: expect.stringMatching(/Z$/),
          lastAt: expect.stringMatching(/Z$/),
          suggested: {
            by: 'tts-mqtt',
            model: 'decentlab/dl-pm',
            profile: 'decentlab/dl-pm',
            latitude: 53.41,
            longitude: -2.16,
          },
        },
      ],
    });
    await house.registry.addDevice({ id: 'found', profile: 'decentlab/dl-pm', devEui: eui });
    await until(async () => (await house.registry.unregistered()).length === 0);
    expect(await get('/api/v1/unregistered')).toEqual({ unregistered: [] });
  });
});
