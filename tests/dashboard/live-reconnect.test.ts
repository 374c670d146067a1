import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKerbside, startProxy, type FaultProxy, type KerbsideServer } from '../servers/index.ts';
import { until } from './house.ts';

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;
const treesOf = (value: unknown): Tree[] => (Array.isArray(value) ? value.filter(isTree) : []);

/** A client that does what docs/feeds.md says, and counts each value that it comes to know by where it learned of it. */
const openFollower = (url: string, api: string, key: string) => {
  const by = { event: [] as number[], snapshot: [] as number[], history: [] as number[] };
  const known = new Map<number, 'event' | 'snapshot' | 'history'>();
  let since: unknown;
  let newest = '1970-01-01T00:00:00.000Z';
  let connects = 0;
  let settled = 0;
  const learn = ({ value, time }: Tree, from: keyof typeof by): void => {
    if (typeof value !== 'number' || typeof time !== 'string')
      throw new Error('an observation without a value or a time');
    if (from === 'event' || !known.has(value)) by[from].push(value);
    known.set(value, known.get(value) ?? from);
    if (time > newest) newest = time;
  };
  const socket = io(`${url}/live`, {
    transports: ['websocket'],
    auth: { key },
    forceNew: true,
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
  });
  const watch = async (): Promise<void> => {
    const answer: unknown = await socket.emitWithAck('watch', {
      quantities: ['no2'],
      ...(since === undefined ? {} : { since }),
    });
    if (!isTree(answer)) throw new Error('no answer');
    const snapshot = answer['snapshot'];
    if (isTree(snapshot)) {
      // What lies between the last value that was seen and the newest is in the API.
      const history = await fetch(`${api}/api/v1/observations?device=aq-1&quantity=no2&from=${newest}&limit=1000`, {
        headers: { authorization: `Bearer ${key}` },
      });
      const body: unknown = await history.json();
      const newestNow = treesOf(snapshot['observations']);
      for (const one of isTree(body) ? treesOf(body['observations'] ?? body['items']) : []) learn(one, 'history');
      for (const one of newestNow) learn(one, 'snapshot');
    }
    since = answer['cursor'];
    settled += 1;
  };
  socket.on('connect', () => {
    connects += 1;
    void watch();
  });
  socket.on('observation', (observation: Tree) => {
    learn(observation, 'event');
    since = observation['cursor'];
  });
  return { by, known, connects: () => connects, settled: () => settled, close: () => void socket.disconnect() };
};

let server: KerbsideServer;
let proxy: FaultProxy;
let token = '';
let key = '';
beforeAll(async () => {
  server = await startKerbside();
  token = (await server.addDevice('aq-1', 'kerbside/canonical', 'a6')).token;
  key = await server.createKey('viewer');
  proxy = await startProxy({ port: server.port });
}, 60_000);
afterAll(async () => {
  await proxy?.stop();
  await server?.stop();
});

let said = 0;
/** So many messages, each with a value and a minute of its own. */
const say = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i += 1) {
    said += 1;
    const time = new Date(Date.now() - 3_600_000 * 20 + said * 60_000).toISOString();
    const answer = await fetch(`${server.url}/api/v1/uplinks`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`aq-1:${token}`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ no2: said, time }),
    });
    expect(answer.status).toBe(202);
  }
};
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test('over cuts of the network and a killed server every event is learned of, and none is told twice', async () => {
  const follower = openFollower(`http://127.0.0.1:${proxy.port}`, server.url, key);
  await until(() => follower.settled() === 1);
  await say(20);
  await until(() => follower.by.event.length === 20);

  for (const mode of ['refuse', 'hang'] as const) {
    const [known, settled] = [follower.known.size, follower.settled()];
    await proxy.mode(mode);
    await say(20);
    expect(follower.known.size).toBe(known);
    await proxy.mode('pass');
    await until(() => follower.settled() > settled && follower.known.size === known + 20);
  }
  // All by events, each once and in order: the server knew where it had left off.
  expect(follower.by).toEqual({ event: upTo(60), snapshot: [], history: [] });

  await proxy.mode('refuse');
  await say(15);
  await server.kill();
  await server.restart();
  await say(15);
  await proxy.mode('pass');
  await until(() => follower.known.size === 90);
  await say(10);
  await until(() => follower.known.size === 100);
  // What was said around the restart is in no stream; it is in the snapshot, and between in the history.
  expect([...follower.known.keys()].toSorted((a, b) => a - b)).toEqual(upTo(100));
  expect(new Set(follower.by.event).size).toBe(follower.by.event.length);
  expect(follower.by.event.length).toBe(70);
  expect(follower.by.history.length + follower.by.snapshot.length).toBe(30);
  expect(follower.connects()).toBe(4);
  follower.close();
}, 90_000);
