import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'mqtt';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { radioKindOf, radioSensors } from '../../commands/demo/lorawan/network.ts';
import { sensors as others } from '../../commands/demo/network.ts';
import { counted, eventually } from '../faults/api.ts';
import { freePort } from '../servers/daemon.ts';

/** All that the demo has, by whichever door. */
const sensors = [...others, ...radioSensors];
const root = join(import.meta.dirname, '../..');

/** A demo as somebody starts it in a terminal. */
interface Demo {
  readonly url: string;
  readonly key: string;
  readonly feed: string;
  readonly startedAt: number;
  readonly output: () => string;
  /** Ctrl-C; answers the exit code. */
  stop(): Promise<number | null>;
}

let folder: string;
let ports: { http: number; mqtt: number; feed: number };
const environment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  KERBSIDE_DATA_DIR: join(folder, 'data'),
  KERBSIDE_HTTP_PORT: String(ports.http),
  KERBSIDE_MQTT_PORT: String(ports.mqtt),
  KERBSIDE_FEEDS_MQTT_PORT: String(ports.feed),
});

const children: ChildProcess[] = [];
const launch = (args: readonly string[]): { readonly child: ChildProcess; readonly output: () => string } => {
  const child = spawn(process.execPath, [join(root, 'kerbside.ts'), 'demo', ...args], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  process.once('exit', () => child.kill('SIGKILL'));
  return { child, output: () => text };
};

const startDemo = async (): Promise<Demo> => {
  const startedAt = Date.now();
  const { child, output } = launch(['--json']);
  const firstLine = (): string | undefined =>
    output()
      .split('\n')
      .find((line) => line.startsWith('{"mqtt"') || line.startsWith('{"http"'));
  await eventually('the demo says where it is', () => {
    if (child.exitCode !== null) throw new Error(`the demo ended: ${output()}`);
    return Promise.resolve(firstLine() !== undefined);
  });
  const said = JSON.parse(firstLine() ?? '{}') as { http: string; feed: string; partnerKey: string; sensors: number };
  expect(said.sensors).toBe(sensors.length);
  return {
    url: said.http,
    key: said.partnerKey,
    feed: said.feed,
    startedAt,
    output,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
      return child.exitCode;
    },
  };
};

interface Latest {
  readonly device: string;
  readonly site: string | null;
  readonly borough?: string | null;
  readonly quantity: string;
  readonly time: string;
  readonly value: number | null;
  readonly flag: number;
}
const get = async <T>({ url, key }: Demo, path: string): Promise<T> => {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
};
const latest = async (demo: Demo): Promise<readonly Latest[]> =>
  (await get<{ observations: Latest[] }>(demo, '/api/v1/observations/latest')).observations;
const reporting = (observations: readonly Latest[]): ReadonlySet<string> =>
  new Set(observations.map(({ device }) => device));
const handled = (demo: Demo, outcome: string): Promise<number> => counted(demo, 'kerbside_uplinks_total', { outcome });

describe('kerbside demo', () => {
  let demo: Demo;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kerbside-demo-'));
    ports = { http: await freePort(), mqtt: await freePort(), feed: await freePort() };
    demo = await startDemo();
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  beforeEach(() => {
    onTestFailed(() => void process.stdout.write(`the demo said:\n${demo.output()}\n`));
  });

  it('shows most sensors within seconds of its first start, on the page and on the API', async () => {
    await eventually(
      'most sensors report',
      async () => reporting(await latest(demo)).size > sensors.length * 0.8,
      30_000,
    );
    process.stdout.write(
      `demo: most sensors on the API ${((Date.now() - demo.startedAt) / 1000).toFixed(1)} s after the start of the process\n`,
    );
    const page = await (await fetch(demo.url, { headers: { accept: 'text/html' } })).text();
    const [, count] = /<title>(\d+) of \d+ sensors reporting/.exec(page) ?? [];
    expect(Number(count)).toBeGreaterThan(sensors.length * 0.8);
    expect(page).toContain('Wellington Road South');
  });

  it('has every sensor at its place in Stockport, and hears them all within half a minute', async () => {
    const { sites } = await get<{
      sites: { id: string; asset?: string; ward?: string; usrn?: string | null; latitude?: number | null }[];
    }>(demo, '/api/v1/sites?limit=200');
    expect(sites.length).toBe(new Set(sensors.map(({ place }) => place.id)).size);
    expect(
      sites.every(
        ({ asset, ward, usrn, latitude }) =>
          asset?.startsWith('DEMO-') === true &&
          typeof ward === 'string' &&
          (usrn ?? null) === null &&
          typeof latitude === 'number',
      ),
    ).toBe(true);
    await eventually(
      'nearly all sensors report',
      async () => reporting(await latest(demo)).size >= sensors.length - 2,
      45_000,
    );
    for (const { site } of await latest(demo)) expect(sites.map(({ id }) => id)).toContain(site);
  });

  it('has a day of history behind it, in the order of the day', async () => {
    const from = new Date(Date.now() - 24 * 3_600_000).toISOString();
    const day = async () =>
      (
        await get<{ observations: { time: string; value: number }[] }>(
          demo,
          `/api/v1/observations?device=demo-weather-finney-lane&quantity=temperature&from=${from}&limit=10000`,
        )
      ).observations;
    await eventually('a reading for each minute of the day', async () => (await day()).length >= 1430);
    const observations = await day();
    expect(observations.map(({ time }) => time)).toEqual(observations.map(({ time }) => time).toSorted());
  });

  it('goes on live', async () => {
    const newest = async (): Promise<number> => Math.max(...(await latest(demo)).map(({ time }) => Date.parse(time)));
    const before = await newest();
    await eventually('something newer has come', async () => (await newest()) > before, 30_000);
    expect(Date.now() - (await newest())).toBeLessThan(30_000);
  });

  it('raises an alert within a minute or so', async () => {
    interface Alerts {
      readonly alerts: readonly { readonly state: string; readonly rule: string; readonly site: string }[];
    }
    await eventually(
      'an alert fires',
      async () => (await get<Alerts>(demo, '/api/v1/alerts?state=firing')).alerts.length > 0,
      90_000,
    );
    const { alerts } = await get<Alerts>(demo, '/api/v1/alerts?state=firing');
    expect(alerts.every(({ rule }) => rule.startsWith('demo-'))).toBe(true);
    const page = await (await fetch(demo.url, { headers: { accept: 'text/html' } })).text();
    expect(page).toMatch(/<title>[^<]*\d+ alerts?/);
  });

  it('lets garbled messages land in quarantine, and counts duplicates and impossible values', async () => {
    await eventually('something is in quarantine', async () => (await handled(demo, 'quarantined')) > 0, 90_000);
    await eventually('a duplicate was counted', async () => (await handled(demo, 'duplicate')) > 0, 90_000);
    expect(await counted(demo, 'kerbside_observations_total', { flag: '4' })).toBeGreaterThan(0);
    expect(await handled(demo, 'stored')).toBeGreaterThan(300);
  });

  it('loses nothing: received = stored + duplicates + quarantined + what still waits', async () => {
    const sums = async (): Promise<readonly [number, number]> => {
      const [received, backlog, ...outcomes] = await Promise.all([
        counted(demo, 'kerbside_uplinks_received_total'),
        counted(demo, 'kerbside_journal_backlog'),
        ...['stored', 'duplicate', 'quarantined'].map((outcome) => handled(demo, outcome)),
      ]);
      return [received, outcomes.reduce((sum, count) => sum + count, 0) + backlog];
    };
    // The counters are read one after the other while messages go on coming in: at a quiet moment they agree.
    await eventually('the sums agree', async () => {
      const [received, handledOrWaiting] = await sums();
      return received === handledOrWaiting;
    });
    expect((await sums())[0]).toBeGreaterThan(300);
  });

  it('feeds a partner who pastes what it prints: over MQTT and over Socket.IO', async () => {
    const partner = connect(demo.feed, { username: 'partner', password: demo.key });
    const topics = new Promise<string>((resolve, reject) => {
      partner.on('error', reject);
      partner.on('message', (topic) => resolve(topic));
    });
    await partner.subscribeAsync('feeds/v1/stockport/#');
    expect(await topics).toMatch(/^feeds\/v1\/stockport\/[a-z-]+\/[a-z0-9_]+$/);
    await partner.endAsync(true);

    const live = io(`${demo.url}/live`, { auth: { key: demo.key }, transports: ['websocket'] });
    const event = new Promise<unknown>((resolve, reject) => {
      live.on('connect_error', reject);
      live.on('observation', resolve);
    });
    live.emit('watch', { quantities: ['laeq'] });
    expect(await event).toBeTypeOf('object');
    live.close();
  });

  it('has LoRaWAN sensors by ChirpStack, by The Things Stack and straight from gateways', async () => {
    for (const door of ['chirpstack', 'things-stack', 'semtech-udp']) {
      const ids = radioSensors.filter((sensor) => radioKindOf(sensor).door === door).map(({ id }) => id);
      await eventually(`most sensors by ${door} report`, async () => {
        const heard = reporting(await latest(demo));
        return ids.filter((id) => heard.has(id)).length >= ids.length - 1;
      });
    }
    for (const connector of ['chirpstack-mqtt', 'tts-webhook', 'semtech-udp'])
      expect(await counted(demo, 'kerbside_uplinks_received_total', { connector })).toBeGreaterThan(0);
    expect(await counted(demo, 'kerbside_radio_frames_total', { outcome: 'duplicate' })).toBeGreaterThan(0);
  });

  it('is told what a gully kept while nobody listened, many readings in one uplink', async () => {
    const from = new Date(Date.now() - 25 * 3_600_000).toISOString();
    const path = `/api/v1/observations?device=demo-swl-great-portwood-street&quantity=water_level&from=${from}&limit=10000`;
    const told = async () => (await get<{ observations: { time: string }[] }>(demo, path)).observations;
    await eventually('readings of hours ago', async () => (await told()).length > 30, 90_000);
    const hoursAgo = (await told()).filter(({ time }) => Date.parse(time) < demo.startedAt - 3_600_000);
    expect(hoursAgo.length).toBeGreaterThan(20);
  });

  it('keeps its tokens and keys in a file that only its owner may read', async () => {
    expect((await stat(join(folder, 'data/demo.json'))).mode & 0o777).toBe(0o600);
    expect(demo.output()).not.toMatch(/"(token|password|nwkSKey|appSKey)"/);
  });

  it(
    'stops cleanly at Ctrl-C, and goes on where it was: the same devices, the same key',
    { timeout: 120_000 },
    async () => {
      await eventually('the past is told', () => Promise.resolve(demo.output().includes('{"caughtUp":true')), 60_000);
      expect(await demo.stop()).toBe(0);
      const said = demo
        .output()
        .split('\n')
        .filter((line) => line.includes('"level":"error"') || line.includes('"level":"fatal"'));
      expect(said).toEqual([]);
      const state = JSON.parse(await readFile(join(folder, 'data/demo.json'), 'utf8')) as { until: number };
      expect(Math.abs(Date.now() - state.until)).toBeLessThan(60_000);

      const { key } = demo;
      demo = await startDemo();
      expect(demo.key).toBe(key);
      expect(reporting(await latest(demo)).size).toBeGreaterThanOrEqual(sensors.length - 2);
      await eventually('it goes on', async () => (await handled(demo, 'stored')) > 10);
      for (const connector of ['mqtt', 'http', 'airrohr', 'chirpstack-mqtt'])
        expect([connector, await counted(demo, 'kerbside_refused_total', { connector })]).toEqual([connector, 0]);
      const { devices } = await get<{ devices: unknown[] }>(demo, '/api/v1/devices?limit=200');
      expect(devices).toHaveLength(sensors.length);
      expect(await demo.stop()).toBe(0);
    },
  );
});

describe('kerbside demo in a place that is taken', () => {
  let other: Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kerbside-demo-'));
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    ports = {
      http: await freePort(),
      mqtt: typeof address === 'object' && address !== null ? address.port : 0,
      feed: await freePort(),
    };
  });
  afterAll(async () => {
    other.close();
    await rm(folder, { recursive: true, force: true });
  });
  const fails = async (): Promise<string> => {
    const { child, output } = launch([]);
    await once(child, 'exit');
    expect(child.exitCode).not.toBe(0);
    return output();
  };

  it('names the port and the variable that moves it', async () => {
    expect(await fails()).toMatch(new RegExp(`port ${ports.mqtt} is taken by another program; .*KERBSIDE_MQTT_PORT`));
  });

  it('needs its doors: a port of 0 is refused with the variable to set', async () => {
    const { mqtt } = ports;
    ports.mqtt = 0;
    expect(await fails()).toMatch(/mqtt\.port must not be 0; set KERBSIDE_MQTT_PORT to a free port/);
    ports.mqtt = mqtt;
  });
});
