import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openHouse, until, type House } from './house.ts';
import { ears, isTree, judged, next, openSockets, openTwoSites, reading, values, watch } from './live-sockets.ts';

let house: House;
beforeAll(async () => {
  house = await openTwoSites();
});
afterAll(() => house.close());
const sockets = openSockets(() => house);
afterEach(() => sockets.done());

describe('who may listen', () => {
  test('a key that may read, from anywhere', async () => {
    expect((await sockets.joined({ extraHeaders: { origin: 'https://elsewhere.example' } })).connected).toBe(true);
  });

  test('a page of this server without a key, and no other page', async () => {
    const own = await sockets.joined({ auth: {}, extraHeaders: { origin: house.url } });
    expect(own.connected).toBe(true);
    for (const extraHeaders of [
      { origin: 'https://elsewhere.example' },
      { origin: `${house.url}.elsewhere.example` },
      { origin: 'null' },
      {},
    ]) {
      await expect(sockets.joined({ auth: {}, extraHeaders })).rejects.toMatchObject({
        message: 'origin-foreign',
        data: { code: 'origin-foreign' },
      });
    }
  });

  test('nobody with a wrong key, not even from a page of this server', async () => {
    await expect(sockets.joined({ auth: { key: 'wrong' }, extraHeaders: { origin: house.url } })).rejects.toMatchObject(
      {
        data: { code: 'key-wrong' },
      },
    );
  });

  test('nobody in another namespace', async () => {
    const socket = io(house.url, { transports: ['websocket'], reconnection: false, forceNew: true });
    const error = await next(socket, 'connect_error');
    socket.disconnect();
    expect(error).toMatchObject({ message: 'namespace-unknown' });
  });

  test('nobody without a key where the pages are not open', async () => {
    const shut = await openHouse({ env: { KERBSIDE_DASHBOARD_OPEN: 'nothing' } });
    const socket = io(`${shut.url}/live`, {
      transports: ['websocket'],
      extraHeaders: { origin: shut.url },
      reconnection: false,
      forceNew: true,
    });
    const error = await next(socket, 'connect_error');
    expect(error).toMatchObject({ data: { code: 'key-missing' } });
    socket.disconnect();
    await shut.close();
  });
});

describe('a reader that has stopped reading', () => {
  const flood = async (until: () => boolean): Promise<number> => {
    let sent = 0;
    // The kernel takes some megabytes before anything waits here.
    while (!until() && sent < 400_000) {
      const from = sent;
      sent += 500;
      house.live.announce(Array.from({ length: 500 }, (_, i) => reading('aq-1', judged('no2', from + i + 1))));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return sent;
  };
  const dropped = async (): Promise<number> =>
    (await house.metrics.liveDropped.get()).values.find(({ labels }) => labels.reader === 'socket')?.value ?? 0;

  test('costs nobody else anything: the others are told everything, it is told to begin anew', async () => {
    const frozen = await sockets.joined();
    const frozenHeard = ears(frozen);
    await watch(frozen);
    const healthy = await sockets.joined();
    let last = 0;
    healthy.on('observation', ({ value }: { value: number }) => {
      // Everything, in order.
      if (value !== last + 1) throw new Error(`${value} after ${last}`);
      last = value;
    });
    await watch(healthy);
    const { io: manager } = frozen;
    const transport: unknown = Reflect.get(manager.engine.transport, 'ws');
    const pause = (name: 'pause' | 'resume'): void => {
      if (!isTree(transport) || typeof transport[name] !== 'function') throw new Error('no socket to pause');
      Reflect.apply(transport[name], transport, []);
    };
    pause('pause');
    const before = await dropped();
    let isDropped = false;
    const look = setInterval(() => void dropped().then((n) => (isDropped = n > before)), 20);
    const sent = await flood(() => isDropped);
    clearInterval(look);
    expect(await dropped()).toBeGreaterThan(before);
    await until(() => last === sent);
    expect(frozen.connected).toBe(true);

    pause('resume');
    await until(() => frozenHeard.some(({ name }) => name === 'resync'));
    expect(frozenHeard.filter(({ name }) => name === 'resync')).toHaveLength(1);
    const cursor = frozenHeard.find(({ name }) => name === 'resync')?.payload['cursor'];
    expect(cursor).toBe(house.live.cursor());
    // From then on it is told again.
    house.live.announce([reading('aq-1', judged('no2', -7))]);
    last = -8;
    await until(() => values(frozenHeard).at(-1) === -7);
  });
});

test('clients are counted, and no longer when they have left', async () => {
  const clients = async (): Promise<number> => (await house.metrics.liveClients.get()).values[0]?.value ?? 0;
  await expect.poll(clients).toBe(0);
  const socket = await sockets.joined();
  await expect.poll(clients).toBe(1);
  socket.disconnect();
  await expect.poll(clients).toBe(0);
});
