import Fastify from 'fastify';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deviceId,
  instant,
  measured,
  siteId,
  systemClock,
  type Judged,
  type JudgedReading,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import { openDataFolder } from '../../infra/data-folder.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import { machine, type Machine } from './environment.ts';
import { own } from './owned.ts';
import { table, whole } from './report.ts';
import { startServer } from './server.ts';
import { withRegistry } from './subjects/kerbside.ts';
import { median } from './sums.ts';

export interface PagesSettings {
  readonly devices: number;
  /** Pages of each kind that are drawn; each is another one, because one that was just drawn is not drawn again. */
  readonly rounds: number;
}
export const PAGES_FULL: PagesSettings = { devices: 10_000, rounds: 60 };
/** For a look while working. */
export const PAGES_QUICK: PagesSettings = { devices: 10_000, rounds: 12 };

/** The first page, in milliseconds, nineteen times of twenty. */
export const FIRST_PAGE_MS = 300;

/** One kind of page. */
export interface PageFigures {
  readonly page: 'first' | 'first again' | 'site';
  readonly kilobytes: number;
  /** From the request to the last byte, on loopback. */
  readonly medianMs: number;
  readonly p95Ms: number;
  /** The same bytes from a bare Fastify, asked in turn. */
  readonly bareMs: number;
}

/** What `bench -- pages --json` prints. */
export interface PagesFigures {
  readonly environment: Machine;
  readonly devices: number;
  readonly pages: readonly PageFigures[];
  readonly ratios: Readonly<Record<string, number>>;
  readonly met: boolean;
}

/** How long pages take with so many sensors, beside a bare reply of the same bytes. */
export const benchPages = async (
  { devices, rounds }: PagesSettings,
  say: (progress: string) => void,
): Promise<PagesFigures> => {
  const environment = machine();
  const folder = await mkdtemp(join(tmpdir(), 'kerbside-bench-'));
  const remove = own(() => rm(folder, { recursive: true, force: true }));
  say(`${whole(devices)} sensors with their newest values, ${rounds} of them with a day`);
  await fill(folder, devices, rounds);
  const server = await startServer(folder, { KERBSIDE_MQTT_PORT: '0' });
  const bare = await openBare();
  const pages: PageFigures[] = [];
  const measure = async (page: PageFigures['page'], pathOf: (round: number) => string): Promise<void> => {
    say(page);
    const [ours, theirs]: [number[], number[]] = [[], []];
    let bytes = 0;
    // The first is not counted: it fills what is kept between pages, and comes once in the life of a server.
    for (let round = -1; round < rounds; round += 1) {
      const drawn = await timed(`${server.url}${pathOf(round + 1)}`);
      bare.say(drawn.text);
      const plain = await timed(bare.url);
      if (plain.text !== drawn.text || !drawn.text.includes('<main'))
        throw new Error(`${pathOf(round + 1)} is no page, or the bare reply another one: the figures are void`);
      if (round < 0) continue;
      ours.push(drawn.ms);
      theirs.push(plain.ms);
      bytes = Math.max(bytes, Buffer.byteLength(drawn.text));
    }
    pages.push({
      page,
      kilobytes: bytes / 1000,
      medianMs: median(ours),
      p95Ms: ours.toSorted((a, b) => a - b)[Math.ceil(ours.length * 0.95) - 1] ?? Number.NaN,
      bareMs: median(theirs),
    });
  };
  await measure('first', (round) => `/?page=${round + 1}`);
  await measure('first again', () => '/');
  await measure('site', (round) => `/sites/${idOf(round)}`);
  await bare.close();
  await server.stop();
  await remove();
  const first = pages.find(({ page }) => page === 'first')?.p95Ms ?? Number.NaN;
  return {
    environment,
    devices,
    pages,
    ratios: Object.fromEntries(pages.map(({ page, medianMs, bareMs }) => [page, medianMs / bareMs])),
    met: first <= FIRST_PAGE_MS,
  };
};

const idOf = (n: number): string => `place-${String(n).padStart(5, '0')}`;

/** A Fastify that says what it is told to. */
const openBare = async (): Promise<{ readonly url: string; say(text: string): void; close(): Promise<void> }> => {
  const server = Fastify();
  let words = '';
  server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(words));
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const close = own(() => server.close());
  return { url, say: (text) => void (words = text), close };
};

const timed = async (url: string): Promise<{ readonly ms: number; readonly text: string }> => {
  const startedAt = performance.now();
  const answer = await fetch(url, { headers: { accept: 'text/html' } });
  const text = await answer.text();
  return { ms: performance.now() - startedAt, text };
};

const QUARTER_HOUR_MS = 900_000;
const quantities: readonly QuantityId[] = ['pm2_5', 'pm10', 'no2', 'temperature', 'humidity'];
/** Readings in one write: some megabytes. */
const AT_ONCE = 2_000;

const fill = async (folder: string, devices: number, withDay: number): Promise<void> => {
  const now = systemClock.now();
  const ids = Array.from({ length: devices }, (_, n) => idOf(n));
  await withRegistry(folder, async (registry) => {
    const added = await registry.addDevices(ids.map((id) => ({ id, profile: 'kerbside/canonical', site: id })));
    await registry.keepHeard({
      devices: added.map(({ device }) => ({
        device: device.id,
        seq: 0,
        heardAt: now,
        connector: 'mqtt' as const,
        routes: [],
      })),
      days: [],
    });
  });
  const timeseries = openSqliteTimeSeries({
    file: openDataFolder(folder).timeseries,
    clock: systemClock,
    log: openLog('silent'),
  });
  const readings = ids.flatMap((id, n) =>
    Array.from({ length: n <= withDay ? 96 : 1 }, (_, back) =>
      readingOf(id, instant(now - back * QUARTER_HOUR_MS), n + back),
    ),
  );
  for (let at = 0; at < readings.length; at += AT_ONCE) await timeseries.write(readings.slice(at, at + AT_ONCE));
  await timeseries.close();
};

const readingOf = (id: string, time: JudgedReading['time'], seed: number): JudgedReading => ({
  device: deviceId(id),
  site: siteId(id),
  borough: null,
  time,
  receivedAt: time,
  observations: quantities.map((quantity, i): Judged => ({
    quantity,
    value: measured(5 + ((seed * 7 + i * 3) % 20)),
    raw: 5 + ((seed * 7 + i * 3) % 20),
    flag: 1,
  })),
});

export const pagesReport = ({ environment: env, devices, pages, ratios, met }: PagesFigures): string =>
  [
    `${env.cores} cores (${env.processor}), ${env.memoryGb} GB, Linux ${env.kernel}, Node ${env.node}, load average before ${env.loadBefore.toFixed(2)}`,
    `${whole(devices)} sensors. Milliseconds from the request to the last byte; "again" is asked for while it is kept. Bare: the same bytes from a Fastify that does nothing else.`,
    '',
    table([
      ['', 'kB', 'median', 'p95', 'bare', 'times bare'],
      ...pages.map(({ page, kilobytes, medianMs, p95Ms, bareMs }) => [
        page,
        whole(kilobytes),
        medianMs.toFixed(1),
        p95Ms.toFixed(1),
        bareMs.toFixed(1),
        (ratios[page] ?? Number.NaN).toFixed(1),
      ]),
    ]),
    '',
    `The first page within ${FIRST_PAGE_MS} ms, nineteen times of twenty: ${met ? 'reached' : 'NOT REACHED'}`,
  ].join('\n');
