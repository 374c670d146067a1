import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hearings } from '../../dashboard/now/rules.ts';
import { deviceId, instant } from '../../device-profiles/vocabulary/index.ts';
import type { HeardDevice } from '../../infra/heard/contract.ts';
import { StoreUnavailable } from '../../infra/timeseries/errors.ts';
import { openHouse, until, type House } from './house.ts';

const minutes = (n: number): number => n * 60_000;
const hours = (n: number): number => n * 3_600_000;

describe('the health of a street over the API', () => {
  let house: House;
  const list = async (query: string): Promise<unknown> => (await house.ask(`/api/v1/devices/health${query}`)).json;
  const heardBy = (box: string | undefined, ago: number): Pick<HeardDevice, 'heardAt' | 'routes'> => {
    const heardAt = instant(house0 - ago);
    return {
      heardAt,
      routes: [
        box === undefined
          ? { kind: 'door', name: 'mqtt', at: heardAt }
          : { kind: 'gateway-device', name: box, at: heardAt },
      ],
    };
  };
  let house0 = 0;
  beforeAll(async () => {
    house = await openHouse({
      prepare: async ({ registry, clock }) => {
        house0 = clock.now();
        const street: readonly (readonly [string, string | undefined, number])[] = [
          ['ok-1', undefined, minutes(1)],
          ['box-a', 'box-3', hours(9)],
          ['box-b', 'box-3', hours(9)],
          ['late-1', undefined, hours(1)],
          ['plan-1', 'box-3', hours(10)],
        ];
        await registry.addDevices([
          ...street.map(([id]) => ({
            id,
            profile: 'kerbside/canonical',
            site: 'a6',
            ...(id === 'plan-1' ? { status: 'planned' } : {}),
          })),
          { id: 'never-1', profile: 'kerbside/canonical' },
          { id: 'fixing-1', profile: 'kerbside/canonical' },
        ]);
        await registry.updateDevice(deviceId('fixing-1'), { status: 'maintenance' });
        await registry.keepHeard({
          devices: street.map(([id, box, ago]) => ({
            device: deviceId(id),
            seq: 0,
            connector: 'mqtt',
            ...heardBy(box, ago),
          })),
          days: [],
        });
      },
    });
  });
  afterAll(() => house.close());

  test('the fleet is listed worst first, page by page, and filtered by state and cause', async () => {
    expect(await list('')).toMatchObject({
      devices: [
        {
          id: 'box-a',
          state: 'silent',
          cause: 'gateway',
          route: { kind: 'gateway-device', name: 'box-3' },
          alsoUnheard: 1,
        },
        { id: 'box-b', state: 'silent' },
        { id: 'late-1', state: 'late', cause: 'sensor', route: null },
        {
          id: 'never-1',
          state: 'never-heard',
          cause: null,
          heardAt: null,
          routes: [],
          battery: null,
          signal: null,
          frames: null,
        },
        { id: 'fixing-1', state: 'maintenance', cause: null },
        { id: 'ok-1', state: 'ok', everySeconds: 600, lateAfterSeconds: 1_800, silentAfterSeconds: 21_600 },
      ],
      next: null,
    });
    expect(await list('?state=late')).toMatchObject({ devices: [{ id: 'late-1' }], next: null });
    expect(await list('?cause=gateway')).toMatchObject({ devices: [{ id: 'box-a' }, { id: 'box-b' }] });
    const first = await house.ask('/api/v1/devices/health?limit=4');
    expect(first.json).toMatchObject({ devices: [{}, {}, {}, { id: 'never-1' }] });
    const link = /^<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect((await house.ask(link)).json).toMatchObject({ devices: [{ id: 'fixing-1' }, { id: 'ok-1' }], next: null });
  });

  test('the counts of the overview add up to the sensors, and the gauge has them', async () => {
    expect((await house.ask('/api/v1/status')).json).toMatchObject({
      sensors: 6,
      reporting: 1,
      late: 1,
      silent: 2,
      neverHeard: 1,
      listening: 0,
      maintenance: 1,
    });
    const gauge = await house.metrics.devices.get();
    const sum = gauge.values.reduce((total, { value }) => total + value, 0);
    expect(gauge.values.map(({ labels }) => String(labels.state)).toSorted()).toEqual([...hearings].toSorted());
    expect(sum).toBe(6);
  });

  test('gateways, boxes and doors are listed with who is behind them', async () => {
    expect((await house.ask('/api/v1/gateways')).json).toMatchObject({
      gateways: [
        { kind: 'door', id: 'mqtt', state: 'ok', devices: 2, unheard: 1 },
        { kind: 'gateway-device', id: 'box-3', state: 'silent', devices: 2, unheard: 2 },
      ],
      next: null,
    });
  });

  test('a planned device has no state', async () => {
    expect((await house.ask('/api/v1/devices/plan-1/health')).json).toMatchObject({
      status: 'planned',
      state: null,
      cause: null,
      missed: { '24h': { expected: 0, percent: null } },
    });
  });

  test('one message, understood or not, makes a silent sensor ok, and is counted', async () => {
    await house.say('box-a', { no2: 30, battery_level: 80, signal_strength: -71 });
    await house.say('box-b', new TextEncoder().encode('no json'));
    await until(async () => JSON.stringify(await list('?state=silent')).includes('"devices":[]'));
    expect((await house.ask('/api/v1/devices/box-b/health')).json).toMatchObject({
      state: 'ok',
      datastreams: [],
      datastreamsComplete: true,
    });
    expect((await house.ask('/api/v1/devices/box-a/health')).json).toMatchObject({
      state: 'ok',
      battery: {
        quantity: 'battery_level',
        unit: '%',
        newest: 80,
        days: 1,
        daysLeft: null,
        why: 'too-short',
        emptyAt: 10,
        assumed: true,
      },
      signal: { source: 'said', rssi: -71, trend: 'too-short', snr: null },
      routes: [
        { kind: 'gateway-device', name: 'box-3' },
        { kind: 'door', name: 'mqtt' },
      ],
      datastreams: [
        { quantity: 'battery_level', unit: '%', state: 'ok', everySeconds: 600 },
        { quantity: 'no2', state: 'ok' },
        { quantity: 'signal_strength', state: 'ok' },
      ],
    });
  });

  test('a datastream that stays away while its device speaks is late on its own', async () => {
    house.setNow(instant(house.now() + hours(2)));
    await house.say('box-a', { no2: 31 });
    await until(async () =>
      JSON.stringify((await house.ask('/api/v1/devices/box-a/health')).json).includes('"state":"late"'),
    );
    expect((await house.ask('/api/v1/devices/box-a/health')).json).toMatchObject({
      state: 'ok',
      datastreams: [{ quantity: 'battery_level', state: 'late' }, { state: 'ok' }, { state: 'late' }],
    });
  });
});

test('after a restart the pages and the API say that they are listening, and nobody is called late', async () => {
  const house = await openHouse({
    listenedFor: hours(1),
    prepare: async ({ registry, clock }) => {
      await registry.addDevices(['away-1', 'dead-1'].map((id) => ({ id, profile: 'kerbside/canonical' })));
      const heardAt = instant(clock.now() - hours(40));
      const dead = instant(clock.now() - minutes(50));
      await registry.keepHeard({
        devices: [
          {
            device: deviceId('away-1'),
            seq: 0,
            connector: 'mqtt',
            heardAt: instant(clock.now() - minutes(20)),
            routes: [],
          },
          { device: deviceId('dead-1'), seq: 0, connector: 'mqtt', heardAt: dead, routes: [] },
        ],
        days: [],
        complete: { seq: 0, listened: [{ from: heardAt, to: heardAt }], daysFrom: 0 },
      });
    },
  });
  try {
    expect((await house.ask('/api/v1/status')).json).toMatchObject({ sensors: 2, reporting: 1, late: 1, listening: 0 });
    house.setNow(instant(house.now() + minutes(15)));
    await until(async () => JSON.stringify((await house.ask('/api/v1/status')).json).includes('"late":2'));
  } finally {
    await house.close();
  }
  const fresh = await openHouse({
    listenedFor: 0,
    prepare: async ({ registry, clock }) => {
      await registry.addDevice({ id: 'away-1', profile: 'kerbside/canonical' });
      await registry.keepHeard({
        devices: [
          {
            device: deviceId('away-1'),
            seq: 0,
            connector: 'mqtt',
            heardAt: instant(clock.now() - hours(50)),
            routes: [],
          },
        ],
        days: [],
      });
    },
  });
  try {
    expect((await fresh.ask('/api/v1/status')).json).toMatchObject({
      sensors: 1,
      reporting: 0,
      late: 0,
      silent: 0,
      listening: 1,
    });
    expect((await fresh.ask('/api/v1/devices/away-1/health')).json).toMatchObject({ state: 'listening', cause: null });
    expect((await fresh.ask('/', { accept: 'text/html' })).text).toContain('Listening');
    await fresh.say('away-1', { no2: 20 });
    await until(async () => JSON.stringify((await fresh.ask('/api/v1/status')).json).includes('"reporting":1'));
  } finally {
    await fresh.close();
  }
});

test('while the store is down sensors are heard all the same, and what waits in the journal makes nobody late', async () => {
  let down = true;
  const house = await openHouse({
    prepare: async ({ registry }) => {
      await registry.addDevices(['first-1', 'waits-1'].map((id) => ({ id, profile: 'kerbside/canonical' })));
    },
    timeseries: (real) => ({
      write: (readings) => (down ? Promise.reject(new StoreUnavailable('asleep')) : real.write(readings)),
      withdraw: (values) => real.withdraw(values),
      range: (query) => real.range(query),
      aggregate: (query) => real.aggregate(query),
      hours: (query) => real.hours(query),
      days: (query) => real.days(query),
      rollUp: () => real.rollUp(),
      prune: (before, tier) => real.prune(before, tier),
      close: () => real.close(),
      latest: (query) => real.latest(query),
    }),
  });
  const status = async (): Promise<string> => JSON.stringify((await house.ask('/api/v1/status')).json);
  try {
    const said = house.say('first-1', { no2: 20 });
    await until(async () => (await status()).includes('"reporting":1'));
    // Nothing is read any more: hours later the newest that is known is still that message.
    house.setNow(instant(house.now() + hours(8)));
    expect((await house.ask('/api/v1/status')).json).toMatchObject({
      reporting: 1,
      late: 0,
      silent: 0,
      neverHeard: 1,
      backlog: 1,
    });
    down = false;
    await said;
    await until(async () => (await status()).includes('"silent":1'));
  } finally {
    down = false;
    await house.close();
  }
}, 40_000);
