import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { causeOf, fleetOf, type FleetMember } from '../../dashboard/now/routes.ts';
import {
  conditions,
  fairHearing,
  hearing,
  hearings,
  reportingWithinMs,
  silentAfterMs,
  type Attention,
} from '../../dashboard/now/rules.ts';
import { causeWords, conditionWord } from '../../dashboard/pages/words.ts';
import { deviceId, instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { HeardDevice, RouteKind } from '../../infra/heard/contract.ts';
import { listenedMs } from '../../infra/heard/listening.ts';
import { StoreUnavailable } from '../../infra/timeseries/errors.ts';
import { openHouse, until, type House } from './house.ts';

const minutes = (n: number): number => n * 60_000;
const hours = (n: number): number => n * 3_600_000;
const noon = instant(Date.parse('2026-01-15T12:00:00Z'));
const at = (ms: number): Instant => instant(noon + ms);
const sensor = (heardAt: Instant | undefined, everyMs = minutes(10)) => ({ heardAt, everyMs, createdAt: at(-hours(100)) });
const attention = (asOf: Instant, ...listened: readonly (readonly [number, number])[]): Attention => ({
  asOf,
  listened: listened.map(([from, to]) => ({ from: at(from), to: at(to) })),
});

describe('a fair wait', () => {
  test('after the server was down nobody is late or silent before it has listened for his window', () => {
    const down = hours(48);
    const state = (sinceStart: number) =>
      fairHearing(sensor(at(-minutes(5))), attention(at(down + sinceStart), [-hours(90), 0], [down, down + sinceStart]));
    expect(state(0)).toBe('listening');
    expect(state(minutes(25))).toBe('listening');
    expect(state(minutes(26))).toBe('late');
    expect(state(hours(5))).toBe('late');
    expect(state(hours(6))).toBe('silent');
  });

  test('who was silent before stays silent: that silence was listened to', () => {
    const before: readonly [number, number] = [-hours(90), 0];
    expect(fairHearing(sensor(at(-hours(20))), attention(at(hours(48)), before, [hours(48), hours(48)]))).toBe('silent');
    expect(fairHearing(sensor(at(-hours(1))), attention(at(hours(48)), before, [hours(48), hours(48)]))).toBe('late');
  });

  test('a device that was never heard is that, at once; an old one of which nothing is known is waited for', () => {
    expect(fairHearing(sensor(undefined), attention(at(0), [0, 0]))).toBe('never-heard');
    expect(fairHearing({ ...sensor(undefined), createdAt: at(-hours(2_000)) }, attention(at(0), [0, 0]))).toBe('listening');
  });

  /** Messages, breaks and looks, in order of time, as they may happen. */
  const life = fc.array(fc.record({ do: fc.constantFrom('look', 'heard', 'down', 'step'), ms: fc.integer({ min: 1, max: hours(9) }) }), { minLength: 1, maxLength: 40 });
  const order = ['ok', 'listening', 'late', 'silent'];

  test('nobody goes from ok to silent without as much listening, and a message makes everybody ok', () => {
    let fell = 0;
    fc.assert(
      fc.property(life, fc.integer({ min: minutes(1), max: hours(24) }), (steps, everyMs) => {
        let now = 0;
        let heardAt = at(0);
        const listened: { from: Instant; to: Instant }[] = [{ from: at(0), to: at(0) }];
        let sinceOk = 0;
        let before = 'ok';
        const wrong: string[] = [];
        for (const step of steps) {
          now += step.ms;
          if (step.do === 'down' || step.do === 'step') listened.push({ from: at(now), to: at(now) });
          else {
            const last = listened.at(-1);
            if (last !== undefined) listened[listened.length - 1] = { from: last.from, to: at(now) };
            sinceOk += step.ms;
          }
          if (step.do === 'heard') heardAt = at(now);
          const state = fairHearing({ heardAt, everyMs, createdAt: at(-1) }, { asOf: at(now), listened });
          const spoke = step.do === 'heard';
          if (spoke) sinceOk = 0;
          if (spoke && state !== 'ok') wrong.push(`${state} after a message`);
          if (state === 'late' && sinceOk <= reportingWithinMs(everyMs)) wrong.push(`late after ${sinceOk}`);
          if (state === 'silent' && sinceOk <= silentAfterMs(everyMs)) wrong.push(`silent after ${sinceOk}`);
          // Without a message it only gets worse.
          if (!spoke && order.indexOf(state) < order.indexOf(before)) wrong.push(`${state} after ${before}`);
          fell += state === 'silent' ? 1 : 0;
          before = state;
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 500 },
    );
    expect(fell).toBeGreaterThan(50);
  });

  test('it is never worse than the plain rule, and where the server always listened it is the plain rule', () => {
    fc.assert(
      fc.property(fc.nat(hours(90)), fc.integer({ min: 1, max: hours(30) }), fc.array(fc.nat(hours(90)), { maxLength: 6 }), (age, everyMs, cuts) => {
        const edges = cuts.toSorted((a, b) => a - b);
        const spans = edges.flatMap((to, i) => (i % 2 === 1 ? [{ from: at(-hours(90) + (edges[i - 1] ?? 0)), to: at(-hours(90) + to) }] : []));
        const device = sensor(at(-age), everyMs);
        const plain = hearing(device, at(0));
        const fair = fairHearing(device, { asOf: at(0), listened: spans });
        expect(order.indexOf(fair === 'listening' ? 'ok' : fair)).toBeLessThanOrEqual(order.indexOf(plain));
        expect(fairHearing(device, attention(at(0), [-hours(100), 0]))).toBe(plain);
        expect(listenedMs(spans, at(-age), at(0))).toBeLessThanOrEqual(age);
      }),
    );
  });
});

describe('why a sensor is not heard', () => {
  const member = (id: string, heardAgo: number, routes: readonly (readonly [RouteKind, string])[], change: Partial<HeardDevice> = {}): FleetMember => {
    const heardAt = at(-heardAgo);
    const heard: HeardDevice = {
      device: deviceId(id),
      seq: 1,
      heardAt,
      connector: 'mqtt',
      routes: routes.map(([kind, name]) => ({ kind, name, at: heardAt })),
      ...change,
    };
    return { heard, everyMs: minutes(10), hearing: hearing({ heardAt, everyMs: minutes(10), createdAt: at(-hours(99)) }, at(0)) };
  };
  const cause = (members: readonly FleetMember[], brokerUp?: boolean) => {
    const [first] = members;
    if (first === undefined) throw new Error('nobody');
    return causeOf(first, fleetOf(members), brokerUp);
  };
  const roof = [['lorawan-gateway', 'roof']] as const;
  const both = [...roof, ['lorawan-gateway', 'tower']] as const;
  const door = [['door', 'mqtt']] as const;

  test('it is the sensor when others were heard over the same gateway since', () => {
    expect(cause([member('a', hours(2), roof), member('b', minutes(1), roof)])).toEqual({ cause: 'sensor', alsoUnheard: 0 });
    expect(cause([member('a', hours(2), both), member('b', hours(3), roof), member('c', minutes(1), [['lorawan-gateway', 'tower']])])).toMatchObject({ cause: 'sensor' });
  });

  test('it is the gateway when nothing came over any of its routes since, with how many share its fate', () => {
    const others = [member('b', hours(2) - minutes(9), roof), member('c', hours(2), both), member('d', minutes(2), door)];
    expect(cause([member('a', hours(2), roof), ...others])).toEqual({ cause: 'gateway', route: { kind: 'lorawan-gateway', name: 'roof' }, alsoUnheard: 2 });
  });

  test('a message that another sent before this one was even late does not show that its gateway lives', () => {
    expect(cause([member('a', hours(2), roof), member('b', hours(2) - minutes(29), roof), member('d', 0, door)])).toMatchObject({ cause: 'gateway' });
    expect(cause([member('a', hours(2), roof), member('b', hours(2) - minutes(31), roof), member('d', 0, door)])).toMatchObject({ cause: 'sensor' });
  });

  test('a device on the bench shows that a gateway lives, and is never one that shares its fate', () => {
    const bench = (ago: number): FleetMember => ({ ...member('bench', ago, roof), hearing: undefined });
    expect(cause([member('a', hours(2), roof), bench(0)])).toMatchObject({ cause: 'sensor' });
    expect(cause([member('a', hours(2), roof), bench(hours(2)), member('d', 0, door)])).toMatchObject({ cause: 'unknown' });
    expect(fleetOf([member('a', hours(2), roof), bench(0)]).routes.get('lorawan-gateway roof')).toMatchObject({ devices: 1, unheard: 1 });
  });

  test('it is unknown when nobody else was due by its routes', () => {
    expect(cause([member('a', hours(2), roof), member('d', 0, door)])).toEqual({ cause: 'unknown', alsoUnheard: 0 });
    expect(cause([member('a', hours(2), roof)])).toMatchObject({ cause: 'unknown' });
  });

  test('it is the door when nothing at all came in, and the broker when that is not connected or silent for all', () => {
    expect(cause([member('a', hours(2), roof), member('b', hours(2), door), member('c', hours(3), roof)])).toMatchObject({ cause: 'door', alsoUnheard: 2 });
    expect(cause([member('a', hours(2), door), member('b', hours(2), door)])).toMatchObject({ cause: 'door', alsoUnheard: 1 });
    const broker = [['broker', 'external-mqtt']] as const;
    const change = { connector: 'external-mqtt' } as const;
    expect(cause([member('a', hours(2), broker, change), member('d', 0, door)], false)).toEqual({ cause: 'broker', route: { kind: 'broker', name: 'external-mqtt' }, alsoUnheard: 0 });
    expect(cause([member('a', hours(2), broker, change), member('b', hours(2), broker, change), member('d', 0, door)], true)).toMatchObject({ cause: 'broker', alsoUnheard: 1 });
  });

  test('a route that it left long ago says nothing of it now', () => {
    const moved = member('a', hours(2), roof);
    const routes = [{ kind: 'lorawan-gateway' as const, name: 'tower', at: at(-hours(40)) }, ...moved.heard.routes];
    expect(cause([{ ...moved, heard: { ...moved.heard, routes } }, member('b', 0, [['lorawan-gateway', 'tower']]), member('c', hours(2), roof)])).toMatchObject({ cause: 'gateway' });
  });

  test('each cause but the unknown one is said in words, and each condition has a word of its own', () => {
    const route = { kind: 'gateway-device', name: 'box-3' } as const;
    expect(causeWords({ cause: 'gateway', route, alsoUnheard: 1 })).toBe('its gateway box-3 is silent too, and with it 1 other sensor');
    expect(causeWords({ cause: 'sensor', alsoUnheard: 0 })).toContain('it is the sensor');
    expect(causeWords({ cause: 'broker', alsoUnheard: 0 })).toContain('not connected');
    expect(causeWords({ cause: 'door', alsoUnheard: 1_200 })).toContain('1,200 other sensors');
    expect(causeWords({ cause: 'unknown', alsoUnheard: 0 })).toBeUndefined();
    expect(new Set(conditions.map(conditionWord)).size).toBe(conditions.length);
  });
});

describe('the health of a street over the API', () => {
  let house: House;
  const list = async (query: string): Promise<unknown> => (await house.ask(`/api/v1/devices/health${query}`)).json;
  const heardBy = (box: string | undefined, ago: number): Pick<HeardDevice, 'heardAt' | 'routes'> => {
    const heardAt = instant(house0 - ago);
    return { heardAt, routes: [box === undefined ? { kind: 'door', name: 'mqtt', at: heardAt } : { kind: 'gateway-device', name: box, at: heardAt }] };
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
          ...street.map(([id]) => ({ id, profile: 'kerbside/canonical', site: 'a6', ...(id === 'plan-1' ? { status: 'planned' } : {}) })),
          { id: 'never-1', profile: 'kerbside/canonical' },
          { id: 'fixing-1', profile: 'kerbside/canonical' },
        ]);
        await registry.updateDevice(deviceId('fixing-1'), { status: 'maintenance' });
        await registry.keepHeard({
          devices: street.map(([id, box, ago]) => ({ device: deviceId(id), seq: 0, connector: 'mqtt', ...heardBy(box, ago) })),
          days: [],
        });
      },
    });
  });
  afterAll(() => house.close());

  test('the fleet is listed worst first, page by page, and filtered by state and cause', async () => {
    expect(await list('')).toMatchObject({
      devices: [
        { id: 'box-a', state: 'silent', cause: 'gateway', route: { kind: 'gateway-device', name: 'box-3' }, alsoUnheard: 1 },
        { id: 'box-b', state: 'silent' },
        { id: 'late-1', state: 'late', cause: 'sensor', route: null },
        { id: 'never-1', state: 'never-heard', cause: null, heardAt: null, routes: [], battery: null, signal: null, frames: null },
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
    expect((await house.ask('/api/v1/status')).json).toMatchObject({ sensors: 6, reporting: 1, late: 1, silent: 2, neverHeard: 1, listening: 0, maintenance: 1 });
    const gauge = await house.metrics.devices.get();
    const sum = gauge.values.reduce((total, { value }) => total + value, 0);
    expect(gauge.values.map(({ labels }) => String(labels.state)).toSorted()).toEqual([...hearings].toSorted());
    expect(sum).toBe(6);
  });

  test('gateways, boxes and doors are listed with who is behind them', async () => {
    expect((await house.ask('/api/v1/gateways')).json).toMatchObject({
      gateways: [
        { kind: 'door', name: 'mqtt', state: 'ok', devices: 2, unheard: 1 },
        { kind: 'gateway-device', name: 'box-3', state: 'silent', devices: 2, unheard: 2 },
      ],
      next: null,
    });
  });

  test('a planned device has no state', async () => {
    expect((await house.ask('/api/v1/devices/plan-1/health')).json).toMatchObject({ status: 'planned', state: null, cause: null, missed: { '24h': { expected: 0, percent: null } } });
  });

  test('one message, understood or not, makes a silent sensor ok, and is counted', async () => {
    await house.say('box-a', { no2: 30, battery_level: 80, signal_strength: -71 });
    await house.say('box-b', new TextEncoder().encode('no json'));
    await until(async () => JSON.stringify(await list('?state=silent')).includes('"devices":[]'));
    expect((await house.ask('/api/v1/devices/box-b/health')).json).toMatchObject({ state: 'ok', datastreams: [], datastreamsComplete: true });
    expect((await house.ask('/api/v1/devices/box-a/health')).json).toMatchObject({
      state: 'ok',
      battery: { quantity: 'battery_level', unit: '%', newest: 80, days: 1, daysLeft: null, why: 'too-short', emptyAt: 10, assumed: true },
      signal: { source: 'said', rssi: -71, trend: 'too-short', snr: null },
      routes: [{ kind: 'gateway-device', name: 'box-3' }, { kind: 'door', name: 'mqtt' }],
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
    await until(async () => JSON.stringify((await house.ask('/api/v1/devices/box-a/health')).json).includes('"state":"late"'));
    expect((await house.ask('/api/v1/devices/box-a/health')).json).toMatchObject({ state: 'ok', datastreams: [{ quantity: 'battery_level', state: 'late' }, { state: 'ok' }, { state: 'late' }] });
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
          { device: deviceId('away-1'), seq: 0, connector: 'mqtt', heardAt: instant(clock.now() - minutes(20)), routes: [] },
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
        devices: [{ device: deviceId('away-1'), seq: 0, connector: 'mqtt', heardAt: instant(clock.now() - hours(50)), routes: [] }],
        days: [],
      });
    },
  });
  try {
    expect((await fresh.ask('/api/v1/status')).json).toMatchObject({ sensors: 1, reporting: 0, late: 0, silent: 0, listening: 1 });
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
      range: (query) => real.range(query),
      aggregate: (query) => real.aggregate(query),
      prune: (before) => real.prune(before),
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
    expect((await house.ask('/api/v1/status')).json).toMatchObject({ reporting: 1, late: 0, silent: 0, neverHeard: 1, backlog: 1 });
    down = false;
    await said;
    await until(async () => (await status()).includes('"silent":1'));
  } finally {
    down = false;
    await house.close();
  }
}, 40_000);
