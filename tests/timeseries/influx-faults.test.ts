import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { observationsOf, systemClock } from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { openInfluxTimeSeries } from '../../infra/timeseries/influxdb.ts';
import { wholeRange } from '../contracts/timeseries.ts';
import {
  needs,
  startInfluxdb,
  startProxy,
  type FaultProxy,
  type InfluxdbServer,
  type ProxyMode,
} from '../servers/index.ts';
import { inOrder } from './model.ts';
import { influxPlace, influxQuery, silent } from './places.ts';
import { after, device, MINUTE, NOON, pass, reading } from './readings.ts';

/** Long enough for a loaded machine to answer, short enough to wait for in a test. */
const TIMEOUT_MS = 1000;

const batch = (from: number) =>
  Array.from({ length: 20 }, (_, n) =>
    reading([pass('pm2_5', from + n), pass('temperature', n)], {
      device: device(n % 4),
      time: after((from + n) * MINUTE),
    }),
  );
const all = [...batch(0), ...batch(20), ...batch(40)].flatMap(observationsOf).toSorted(inOrder);

needs('influxd')('an InfluxDB behind a bad line', () => {
  let influx: InfluxdbServer;
  let proxy: FaultProxy;
  let place: Awaited<ReturnType<typeof influxPlace>>;
  let series: TimeSeries;
  beforeAll(async () => {
    influx = await startInfluxdb();
    proxy = await startProxy(influx);
  });
  afterAll(async () => {
    await proxy.stop();
    await influx.stop();
  });
  beforeEach(async () => {
    await proxy.mode('pass');
    place = await influxPlace(influx.url);
    series = openInfluxTimeSeries({
      url: `http://127.0.0.1:${proxy.port}`,
      database: place.database,
      timeoutMs: TIMEOUT_MS,
      log: silent,
      clock: systemClock,
    });
  });
  afterEach(() => place.remove());

  /** Writes as ingest does: until it is done. */
  const untilStored = async (readings: ReturnType<typeof batch>): Promise<number> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await series.write(readings);
        return attempt;
      } catch (error) {
        expect(error).toMatchObject({ name: 'StoreUnavailable', code: 'store-unavailable' });
        expect(attempt).toBeLessThan(20);
      }
    }
  };

  test.each<[ProxyMode, RegExp]>([
    ['refuse', /ECONNREFUSED|ECONNRESET|other side closed|does not answer/],
    ['reset', /does not answer/],
    ['hang', /in time/],
    ['deaf', /in time/],
    ['cut-answer', /does not answer/],
  ])(
    'while the line is in mode "%s" nothing is said to be stored; afterwards all of it is, once and in order',
    async (mode, words) => {
      await untilStored(batch(0));
      await proxy.mode(mode);
      await expect(series.write(batch(20))).rejects.toMatchObject({
        code: 'store-unavailable',
        message: expect.stringMatching(words),
      });
      await expect(series.range({ limit: 10 })).rejects.toMatchObject({ code: 'store-unavailable' });
      await expect(series.latest({ now: NOON })).rejects.toMatchObject({ code: 'store-unavailable' });
      await proxy.mode('pass');
      await untilStored(batch(20));
      await untilStored(batch(40));
      expect(await wholeRange(series)).toEqual(all);
      const points = JSON.parse(
        await influxQuery(influx.url, 'SELECT count("pm2_5") FROM "air_quality"', place.database),
      );
      expect(points).toMatchObject({ results: [{ series: [{ values: [[0, 60]] }] }] });
    },
  );

  test('a line that is only slow loses nothing', async () => {
    await proxy.mode('delay', { delayMs: 100 });
    expect(await untilStored([...batch(0), ...batch(20), ...batch(40)])).toBe(1);
    expect(await wholeRange(series)).toEqual(all);
  });

  test('a server that stops answering in the middle, is killed and comes back, has everything once', async () => {
    await untilStored(batch(0));
    await influx.pause();
    await expect(series.write(batch(20))).rejects.toMatchObject({ code: 'store-unavailable' });
    await influx.kill();
    await expect(series.write(batch(20))).rejects.toMatchObject({ code: 'store-unavailable' });
    await influx.restart();
    await untilStored(batch(20));
    await untilStored(batch(40));
    expect(await wholeRange(series)).toEqual(all);
  });
});

describe('something that answers in the place of InfluxDB', () => {
  let server: Server;
  let series: TimeSeries;
  let answer: { status: number; body: string; headers?: Record<string, string> } = { status: 500, body: '' };
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(answer.status, answer.headers).end(answer.body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    series = openInfluxTimeSeries({
      url: `http://127.0.0.1:${port}`,
      database: 'street',
      timeoutMs: TIMEOUT_MS,
      log: silent,
      clock: systemClock,
    });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each([500, 502, 503, 429, 401, 403, 404, 200, 301])(
    'status %i is not "stored": the batch is written again later',
    async (status) => {
      answer = { status, body: '{"error":"no"}', headers: { location: '/elsewhere' } };
      await expect(series.write(batch(0))).rejects.toMatchObject({ code: 'store-unavailable' });
    },
  );

  test.each([
    '',
    '<html>',
    'null',
    '[]',
    '{}',
    '{"results":{}}',
    '{"results":[]}',
    '{"results":[{"series":[{"columns":1}]}]}',
  ])('an answer that is not of InfluxDB, %j, is an error and no empty history', async (body) => {
    answer = { status: 200, body };
    await expect(series.latest({ now: NOON, quantities: ['pm2_5'] })).rejects.toMatchObject({
      code: 'store-unavailable',
    });
    await expect(series.range({ limit: 1 })).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  test('what a refusal quotes of the data does not come into the message', async () => {
    answer = { status: 400, body: `{"error":"unable to parse 'air_quality,device=zephyr-001 pm2_5=4711': bad thing"}` };
    const error: unknown = await series.write(batch(0).slice(0, 1)).catch((error: unknown) => error);
    expect(String(error)).toContain('bad thing');
    expect(String(error)).not.toContain('4711');
  });
});
