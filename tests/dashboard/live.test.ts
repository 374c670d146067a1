import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { until, type House } from './house.ts';
import { ears, isTree, judged, next, openSockets, openTwoSites, reading, values, watch } from './live-sockets.ts';

let house: House;
beforeAll(async () => {
  house = await openTwoSites();
});
afterAll(() => house.close());
const sockets = openSockets(() => house);
afterEach(() => sockets.done());

describe('what is told', () => {
  test('each value as soon as it is stored, with its device, unit, time, flag and a cursor', async () => {
    const socket = await sockets.joined();
    const heard = ears(socket);
    await watch(socket);
    await house.say('aq-1', { no2: 31, time: '2026-01-15T12:00:00Z' }, instant(Date.parse('2026-01-15T12:00:01Z')));
    await until(() => values(heard).length === 1);
    expect(heard.map(({ name }) => name)).toEqual(['device', 'observation']);
    expect(heard[0]?.payload).toMatchObject({ device: 'aq-1', site: 'a6', heardAt: '2026-01-15T12:00:01.000Z' });
    expect(heard[1]?.payload).toEqual({
      device: 'aq-1',
      site: 'a6',
      quantity: 'no2',
      unit: 'ug/m3',
      time: '2026-01-15T12:00:00.000Z',
      receivedAt: '2026-01-15T12:00:01.000Z',
      value: 31,
      raw: 31,
      flag: 1,
      cursor: house.live.cursor(),
    });
  });

  test('an alert when it fires and when it is over', async () => {
    await house.registry.addRule({ name: 'much', quantity: 'pm2_5', when: 'above', threshold: 50 });
    const socket = await sockets.joined();
    const heard = ears(socket);
    await watch(socket, { quantities: ['pm2_5'] });
    await house.say('aq-1', { pm2_5: 60 });
    await house.say('aq-1', { pm2_5: 20 });
    await until(() => heard.filter(({ name }) => name === 'alert').length === 2);
    expect(
      heard
        .filter(({ name }) => name === 'alert')
        .map(({ payload }) => [payload['state'], payload['worst'], payload['unit']]),
    ).toEqual([
      ['firing', 60, 'ug/m3'],
      ['resolved', 60, 'ug/m3'],
    ]);
  });

  test('to a page that somebody answered an alert, to whoever wants events nothing', async () => {
    await house.registry.addRule({ name: 'loud', quantity: 'no2', when: 'above', threshold: 50 });
    await house.say('aq-1', { no2: 60 });
    const { alerts } = await house.registry.alerts({ state: 'open', quantity: 'no2', limit: 2 });
    const front = async (): Promise<string> => (await house.ask('/', { accept: 'text/html' })).text;
    expect(alerts).toHaveLength(1);
    expect(await front()).not.toContain('Acknowledged');
    const [page, partner, elsewhere] = [await sockets.joined(), await sockets.joined(), await sockets.joined()];
    const heard = [ears(page), ears(partner), ears(elsewhere)] as const;
    await watch(page, { as: 'changes', sites: ['a6'] });
    await watch(partner, { sites: ['a6'] });
    await watch(elsewhere, { as: 'changes', sites: ['a56'] });
    const answer = await house.ask(`/api/v1/alerts/${alerts[0]?.id ?? ''}/acknowledge`, {
      method: 'POST',
      key: house.keys.administrator,
    });
    expect(answer.status).toBe(201);
    await until(() => heard[0].length > 0);
    expect(heard[0].map(({ name, payload }) => [name, payload['sites'], payload['alerts']])).toEqual([
      ['change', ['a6'], true],
    ]);
    expect([heard[1], heard[2]]).toEqual([[], []]);
    await until(async () => (await front()).includes('Acknowledged'));
    await house.say('aq-1', { no2: 10 });
  });

  test.each([
    ['sites', { sites: ['a6'] }],
    ['a borough', { borough: 'Stockport' }],
    ['a box on the map', { bbox: [-2.2, 53.3, -2, 53.42] }],
    ['sites and a box that holds them', { sites: 'a6,a56', bbox: [-2.2, 53.3, -2, 53.42] }],
  ])('only what is watched: by %s', async (_by, asked) => {
    const socket = await sockets.joined();
    const heard = ears(socket);
    await watch(socket, asked);
    house.live.announce([reading('aq-2', judged('no2', 1)), reading('aq-1', judged('no2', 2))]);
    await until(() => values(heard).length > 0);
    expect(values(heard)).toEqual([2]);
  });

  test('only the quantities that are watched, of a reading that has others as well', async () => {
    const socket = await sockets.joined();
    const heard = ears(socket);
    await watch(socket, { quantities: 'pm2_5' });
    house.live.announce([reading('aq-1', judged('no2', 1), judged('pm2_5', 2)), reading('aq-1', judged('no2', 3))]);
    house.live.announce([reading('aq-1', judged('pm2_5', 4))]);
    await until(() => values(heard).length === 2);
    expect(values(heard)).toEqual([2, 4]);
  });

  test('a new watch replaces the one before', async () => {
    const socket = await sockets.joined();
    const heard = ears(socket);
    await watch(socket, { sites: ['a6'] });
    await watch(socket, { sites: ['a56'] });
    house.live.announce([reading('aq-1', judged('no2', 1)), reading('aq-2', judged('no2', 2))]);
    await until(() => values(heard).length > 0);
    expect(values(heard)).toEqual([2]);
  });

  test('to a page only which sites changed, once a second at most', async () => {
    const socket = await sockets.joined();
    const heard = ears(socket);
    await watch(socket, { as: 'changes' });
    for (let i = 0; i < 5; i += 1)
      house.live.announce([reading('aq-1', judged('no2', i)), reading('aq-2', judged('no2', i))]);
    await until(() => heard.length === 1);
    expect(heard[0]).toMatchObject({ name: 'change', payload: { sites: ['a6', 'a56'], alerts: false } });
    house.live.announce([reading('aq-1', judged('no2', 9))]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(heard).toHaveLength(1);
    await until(() => heard.length === 2);
    expect(heard[1]?.payload['sites']).toEqual(['a6']);
  });

  test.each([
    ['a key that is not known', { site: ['a6'] }, 'request-invalid'],
    ['a box with three corners', { bbox: [1, 2, 3] }, 'request-invalid'],
    ['a site id that can be none', { sites: ['../x'] }, 'invalid-id'],
    ['a quantity that does not exist', { quantities: ['__proto__'] }, 'quantity-unknown'],
    ['a text', 'everything', 'request-invalid'],
  ])('a watch with %s is refused by name', async (_what, asked, code) => {
    const socket = await sockets.joined();
    const answer: unknown = await socket.emitWithAck('watch', asked);
    expect(answer).toMatchObject({ error: { code } });
  });

  test('a message that is larger than any watch ends the connection', async () => {
    const socket = await sockets.joined();
    socket.emit('watch', { sites: ['x'.repeat(20_000)] });
    expect(await next(socket, 'disconnect')).toBe('transport close');
  });

  test('snapshots cannot be asked for without end', async () => {
    const socket = await sockets.joined();
    const answers = [];
    for (let i = 0; i < 25; i += 1) answers.push(await watch(socket));
    expect(answers.filter((answer) => 'error' in answer)).toHaveLength(5);
    expect(answers.at(-1)).toMatchObject({ error: { code: 'too-many-requests' } });
  });
});

describe('who was away', () => {
  beforeEach(async () => {
    await house.say('aq-1', { no2: 30 });
  });

  test('begins with how everything is: the newest values and the open alerts', async () => {
    const answer = await watch(await sockets.joined(), { sites: ['a6'] });
    expect(answer['cursor']).toBe(house.live.cursor());
    const snapshot = isTree(answer['snapshot']) ? answer['snapshot'] : {};
    expect(snapshot).toMatchObject({ complete: true, alerts: [] });
    const observations = Array.isArray(snapshot['observations']) ? snapshot['observations'].filter(isTree) : [];
    expect(observations.map((one) => String(one['quantity'])).toSorted()).toEqual(['no2', 'pm2_5']);
    expect(observations.find((one) => one['quantity'] === 'no2')).toMatchObject({ site: 'a6', unit: 'ug/m3', flag: 1 });
  });

  test('is given what he missed since his cursor, in order and nothing twice, and then goes on', async () => {
    const first = await sockets.joined();
    const heard = ears(first);
    await watch(first);
    house.live.announce([reading('aq-1', judged('no2', 1))]);
    await until(() => values(heard).length === 1);
    const cursor = heard.at(-1)?.payload['cursor'];
    first.disconnect();
    house.live.announce([reading('aq-1', judged('no2', 2)), reading('aq-2', judged('no2', 3))]);

    const again = await sockets.joined();
    const later = ears(again);
    house.live.announce([reading('aq-1', judged('no2', 4))]);
    expect(await watch(again, { since: cursor })).not.toHaveProperty('snapshot');
    house.live.announce([reading('aq-1', judged('no2', 5))]);
    await until(() => values(later).length >= 4);
    expect(values(later)).toEqual([2, 3, 4, 5]);
  });

  test('and was cut off between two values of one reading is given the whole reading again', async () => {
    const socket = await sockets.joined();
    const heard = ears(socket);
    await watch(socket);
    house.live.announce([reading('aq-1', judged('no2', 1), judged('pm2_5', 2))]);
    await until(() => values(heard).length === 2);
    const afterFirst = heard[0]?.payload['cursor'];
    const again = await sockets.joined();
    const later = ears(again);
    await watch(again, { since: afterFirst });
    await until(() => values(later).length >= 2);
    expect(values(later)).toEqual([1, 2]);
  });

  test.each(['never-1', '', 'x'.repeat(90)])(
    'with a cursor that this server does not know (%j) begins anew with a snapshot',
    async (since) => {
      expect(await watch(await sockets.joined(), { since })).toHaveProperty('snapshot');
    },
  );

  test('too long for a thousand events begins anew as well', async () => {
    const since = house.live.cursor();
    house.live.announce(Array.from({ length: 1_000 }, () => reading('aq-1', judged('no2', 1))));
    expect(await watch(await sockets.joined(), { since })).toHaveProperty('snapshot');
  });
});
