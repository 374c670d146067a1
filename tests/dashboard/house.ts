import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dashboard, type Dashboard } from '../../dashboard/index.ts';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { trialSandbox } from '../../device-profiles/trial-sandbox.ts';
import {
  devEui,
  deviceId,
  instant,
  systemClock,
  uplinkId,
  type Clock,
  type Instant,
} from '../../device-profiles/vocabulary/index.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openHttp } from '../../infra/http/server.ts';
import { openSqliteJournal } from '../../infra/journal/sqlite.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import type { LiveBus } from '../../infra/live/contract.ts';
import { openLocalBus } from '../../infra/live/local.ts';
import { openLog, type Log } from '../../infra/logging/index.ts';
import { openMetrics, type Metrics } from '../../infra/metrics/index.ts';
import { openNetworks } from '../../infra/network-server/networks.ts';
import { openRadioBook, type RadioBook } from '../../infra/radio/book.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { openRegistryIn } from '../../infra/registry/open.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import { explainer } from '../../ingest/explain.ts';
import { valueExplainer } from '../../ingest/explain/value.ts';
import { openIngest } from '../../ingest/index.ts';
import { openReprocessing } from '../../ingest/reprocess/index.ts';
import { freePort } from '../servers/daemon.ts';

/** A whole installation behind its doors out, in a temporary folder: real registry, journal, pipeline, store, sockets. */
export interface House {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly feedUrl: string;
  readonly registry: Registry;
  readonly journal: Journal;
  readonly timeseries: TimeSeries;
  readonly live: LiveBus;
  readonly metrics: Metrics;
  /** What the doors of LoRaWAN tell. */
  readonly radio: RadioBook;
  readonly dashboard: Dashboard;
  /** Every route of the server, as `GET /api/v1/devices/:id`. */
  readonly routes: readonly string[];
  /** Keys by role. */
  readonly keys: { readonly viewer: string; readonly administrator: string };
  /** Turns the clock. */
  setNow(now: Instant): void;
  /** The clock stands still until it is turned. */
  holdClock(): void;
  now(): Instant;
  /** A device says something, JSON or bytes; resolves when the pipeline has dealt with it. */
  say(device: string, message: object | Uint8Array, receivedAt?: Instant, via?: string): Promise<void>;
  /** A LoRaWAN frame of a DevEUI, with port 1; resolves when the pipeline has dealt with it. */
  hear(eui: string, payload: Uint8Array): Promise<void>;
  /** A request with a key; `viewer` unless another or none is named. */
  ask(path: string, options?: AskOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly method?: string;
  readonly body?: unknown;
  /** The media type of the body; JSON unless given. */
  readonly type?: string;
  readonly key?: string | undefined;
  readonly accept?: string;
}

export interface Answer {
  readonly status: number;
  /** Where it came from, redirections followed. */
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; null when it is none. */
  readonly json: unknown;
}

export interface HouseOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Before ingest and the dashboard open. */
  readonly prepare?: (parts: {
    readonly registry: Registry;
    readonly timeseries: TimeSeries;
    readonly clock: Clock;
  }) => Promise<void>;
  readonly timeseries?: (real: TimeSeries) => TimeSeries;
  /** For how long the server had listened until now, in milliseconds; more than a year unless given. */
  readonly listenedFor?: number;
  /** Whether the external broker delivers. */
  readonly brokerUp?: boolean;
  /** Silent unless given. */
  readonly log?: Log;
}

export const openHouse = async ({
  env = {},
  prepare,
  timeseries: wrap = (real) => real,
  listenedFor = 400 * 86_400_000,
  brokerUp,
  log = openLog('silent'),
}: HouseOptions = {}): Promise<House> => {
  const dir = await mkdtemp(join(tmpdir(), 'kerbside-dashboard-'));
  const config = readConfig({ env: { KERBSIDE_FEEDS_MQTT_PORT: String(await freePort()), ...env } });
  const metrics = openMetrics();
  let shift = 0;
  let held: Instant | undefined;
  const clock: Clock = { now: () => held ?? instant(systemClock.now() + shift) };
  const catalogue = await openCatalogue([ownCatalogue]);
  const registry = await openRegistryIn(dir, { clock, log, catalogue });
  const journal = openSqliteJournal({
    file: join(dir, 'journal.db'),
    retentionMs: 86_400_000 * 365,
    maxBytes: 1e9,
    minFreeBytes: 0,
    groupMs: 0,
    clock,
    log,
  });
  const timeseries = wrap(openSqliteTimeSeries({ file: join(dir, 'timeseries.db'), clock, log }));
  const live = openLocalBus();
  const window = { futureMs: 600_000 };
  const sandbox = trialSandbox();
  await prepare?.({ registry, timeseries, clock });
  const listening = { from: instant(clock.now() - listenedFor), to: clock.now() };
  await registry.keepHeard({ devices: [], days: [], complete: { seq: 0, listened: [listening], daysFrom: 0 } });
  const radio = await openRadioBook({ registry, journal, metrics, clock, log });
  const ingest = await openIngest({
    radio,
    journal,
    registry,
    catalogue,
    timeseries,
    live,
    metrics,
    clock,
    log,
    // Time that a test passes by turning the clock was listened to.
    monotonic: () => performance.now() + shift,
    window,
  });
  const history = openReprocessing({
    registry,
    journal,
    timeseries,
    catalogue,
    sandbox,
    bench: ingest.bench,
    live,
    window,
    metrics,
    clock,
    log,
    file: join(dir, 'reprocess.db'),
    rawRetentionMs: Infinity,
  });
  const networks = await openNetworks({ config, registry, catalogue, keys: registry, clock, log, metrics });
  const http = openHttp({ log, publicUrl: config.http.publicUrl, proxies: config.http.proxies });
  const routes: string[] = [];
  http.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) routes.push(`${each} ${url}`);
  });
  const doors = await dashboard({
    http,
    config,
    registry,
    timeseries,
    journal,
    live,
    catalogue,
    clock,
    log,
    metrics,
    heard: ingest.heard,
    radio: radio.reader,
    brokerUp: () => brokerUp,
    redrive: (quarantined) => ingest.redrive(quarantined),
    explain: explainer({ registry, timeseries, catalogue, window, sandbox }),
    explainValue: valueExplainer({ registry, timeseries, journal, catalogue, window, sandbox }),
    trialSandbox: sandbox,
    networks,
    reprocessing: history,
  });
  const url = await http.listen({ host: '127.0.0.1', port: 0 });
  const keys = {
    viewer: (await registry.createKey({ name: 'a reader', role: 'viewer' })).secret,
    administrator: (await registry.createKey({ name: 'an engineer', role: 'administrator' })).secret,
  };
  let said = 0;
  return {
    url,
    feedUrl: doors.feedUrl ?? '',
    registry,
    journal,
    timeseries,
    live,
    metrics,
    radio,
    dashboard: doors,
    routes,
    keys,
    setNow: (now) => {
      held = undefined;
      shift = now - systemClock.now();
    },
    holdClock: () => {
      held = clock.now();
    },
    now: () => clock.now(),
    async say(device, message, receivedAt = clock.now(), via?) {
      said += 1;
      const payload = message instanceof Uint8Array ? message : Buffer.from(JSON.stringify(message));
      const id = uplinkId(createHash('sha256').update(`${device} ${said}`).digest('base64url').slice(0, 22));
      await journal.append([
        {
          id,
          redelivered: false,
          connector: 'mqtt',
          device: { by: 'id', value: deviceId(device) },
          receivedAt,
          payload,
          ...(via === undefined ? {} : { via: deviceId(via) }),
        },
      ]);
      await until(() => journal.stats().backlog === 0);
    },
    async hear(eui, payload) {
      said += 1;
      const id = uplinkId(createHash('sha256').update(`${eui} ${said}`).digest('base64url').slice(0, 22));
      const device = { by: 'devEui', value: devEui(eui) } as const;
      const lorawan = { fPort: 1, fCnt: said, session: '01020304', receptions: [] };
      await journal.append([
        { id, redelivered: true, connector: 'chirpstack-mqtt', device, receivedAt: clock.now(), payload, lorawan },
      ]);
      await until(() => journal.stats().backlog === 0);
    },
    ask: (path, { method = 'GET', body, type = 'application/json', accept = 'application/json', ...rest } = {}) =>
      ask(`${url}${path}`, { method, body, type, accept, key: 'key' in rest ? rest.key : keys.viewer }),
    async close() {
      await doors.close();
      await http.close();
      networks.close();
      await history.close();
      await ingest.close();
      await radio.close();
      await timeseries.close();
      await journal.close();
      await registry.close();
      await catalogue.close();
      await sandbox.close();
      await rm(dir, { recursive: true });
    },
  };
};

const ask = async (
  url: string,
  {
    method,
    body,
    type,
    key,
    accept,
  }: {
    readonly method: string;
    readonly body: unknown;
    readonly type: string;
    readonly key: string | undefined;
    readonly accept: string;
  },
): Promise<Answer> => {
  const answer = await fetch(url, {
    method,
    headers: {
      accept,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: answer.status,
    url: answer.url,
    headers: answer.headers,
    text,
    json: isJson ? JSON.parse(text) : null,
  };
};

/** Waits until it is so. @throws Error after 10 s, with what it was waiting for. */
export const until = async (
  holds: () => boolean | Promise<boolean>,
  what: string = holds.toString(),
): Promise<void> => {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited 10 s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
