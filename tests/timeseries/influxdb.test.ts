import * as fc from 'fast-check';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { instant, observationsOf, systemClock, type JudgedReading } from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { StoreRefused } from '../../infra/timeseries/errors.ts';
import { identifier, literal } from '../../infra/timeseries/influxdb/influxql.ts';
import { linesOf } from '../../infra/timeseries/influxdb/lines.ts';
import { openInfluxTimeSeries } from '../../infra/timeseries/influxdb.ts';
import { wholeRange } from '../contracts/timeseries.ts';
import { needs, startInfluxdb, type InfluxdbServer } from '../servers/index.ts';
import { inOrder } from './model.ts';
import { influxPlace, influxQuery, silent } from './places.ts';
import { after, device, flagged, gone, MINUTE, NOON, pass, reading, site } from './readings.ts';

const expected = (...readings: readonly JudgedReading[]) => readings.flatMap(observationsOf).toSorted(inOrder);
/** Writes line protocol with nothing of ours between. */
const writeLines = async (url: string, database: string, lines: string): Promise<number> => {
  const answer = await fetch(`${url}/write?db=${encodeURIComponent(database)}&precision=ms`, {
    method: 'POST',
    body: lines,
  });
  await answer.text();
  return answer.status;
};

test('a reading is one line for each family, as others can read it', () => {
  const lines = linesOf(
    reading([
      pass('pm2_5', 12.3),
      pass('no2', 23.6, 12.34),
      gone('o3', 'fault'),
      flagged('temperature', 99, 4, 'gross-range'),
    ]),
    instant(7),
  );
  expect(lines).toEqual([
    'air_quality,borough=stockport,device=zephyr-001,site=a6-column-14 no2=23.6,no2_flag=1i,no2_raw=12.34,o3_flag=9i,o3_reason="fault",' +
      `pm2_5=12.3,pm2_5_flag=1i,pm2_5_raw=12.3,receivedAt=${NOON + 1000}i,writtenAt=7i ${NOON}`,
    `weather,borough=stockport,device=zephyr-001,site=a6-column-14 receivedAt=${NOON + 1000}i,temperature=99,temperature_flag=4i,` +
      `temperature_raw=99,temperature_reason="gross-range",writtenAt=7i ${NOON}`,
  ]);
});

needs('influxd')('a time series in InfluxDB', () => {
  let influx: InfluxdbServer;
  let place: Awaited<ReturnType<typeof influxPlace>>;
  let series: TimeSeries;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());
  beforeEach(async () => {
    place = await influxPlace(influx.url);
    series = await place.open();
  });
  afterEach(() => place.remove());

  test('any name and any text comes through its quotes as it is', async () => {
    await influxQuery(influx.url, 'CREATE DATABASE texts');
    const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => !/[\0\r]/.test(text));
    const nasty = [
      ["'; DROP DATABASE texts; --"],
      ['a" OR "b" = "b'],
      ["\\'"],
      ['\\'],
      ['\\n'],
      ['line\nbreak'],
      ["' OR 1=1 --"],
      ['ÿ日本 🌧'],
    ] satisfies [string][];
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const field = `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
        expect(await writeLines(influx.url, 'texts', `t s=${field},other="x" 1\nt s="another" 2`)).toBe(204);
        const found = await influxQuery(influx.url, `SELECT "s" FROM "t" WHERE "s" = ${literal(text)}`, 'texts');
        expect(JSON.parse(found)).toMatchObject({ results: [{ series: [{ values: [[1, text]] }] }] });
        const named = await influxQuery(
          influx.url,
          `SELECT "other" AS ${identifier(text)} FROM "t" WHERE "other" = 'x'`,
          'texts',
        );
        expect(JSON.parse(named)).toMatchObject({ results: [{ series: [{ columns: ['time', text] }] }] });
      }),
      { numRuns: 60, examples: nasty },
    );
  });

  test('a database may have any name', async () => {
    const options = {
      url: `${influx.url}/`,
      database: `Stockport's "air"; DROP DATABASE x; -- ü`,
      timeoutMs: 5000,
      log: silent,
      clock: systemClock,
    };
    const series = openInfluxTimeSeries(options);
    const one = reading([pass('pm2_5', 1)]);
    await series.write([one]);
    expect(await wholeRange(series)).toEqual(expected(one));
    expect(JSON.parse(await influxQuery(influx.url, 'SHOW DATABASES'))).toMatchObject({
      results: [{ series: [{ values: expect.arrayContaining([[options.database]]) }] }],
    });
  });

  test('a database that somebody dropped is made again, and until then nothing is said to be stored', async () => {
    const one = reading([pass('pm2_5', 1)]);
    await series.write([one]);
    await influxQuery(influx.url, `DROP DATABASE "${place.database}"`);
    await expect(series.write([one])).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('database not found'),
    });
    expect(await series.write([one])).toEqual(['stored']);
    expect(await wholeRange(series)).toEqual(expected(one));
  });

  test('readings that a field of another type keeps out are refused by name, once and for all; the others of the batch are in', async () => {
    await series.write([]);
    expect(await writeLines(influx.url, place.database, `air_quality,device=theirs pm2_5=1i ${NOON}`)).toBe(204);
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const own = openInfluxTimeSeries({
      url: influx.url,
      database: place.database,
      timeoutMs: 5000,
      log,
      clock: systemClock,
    });
    const batch = Array.from({ length: 9 }, (_, n) =>
      reading([n === 2 || n === 7 ? pass('pm2_5', n) : pass('pm10', n)], { time: after(n * MINUTE) }),
    );
    const error: unknown = await own.write(batch).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(StoreRefused);
    expect(error).toMatchObject({
      code: 'store-refused',
      message: expect.stringContaining('2 of 9'),
      written: batch.map((_, n) => (n === 2 || n === 7 ? undefined : 'stored')),
    });
    expect(error instanceof StoreRefused ? [...error.refused] : []).toEqual(
      [2, 7].map((n) => [n, expect.stringContaining('field type conflict')]),
    );
    expect(await wholeRange(series)).toEqual(expected(...batch.filter((_, n) => n !== 2 && n !== 7)));
    await own.write(batch).catch(() => undefined);
    expect(lines).toHaveLength(1);
  });

  test('a time that InfluxDB cannot hold is refused, and not the readings beside it', async () => {
    const [beyond, good] = [
      reading([pass('pm2_5', 1)], { time: instant(Date.UTC(2400, 0)) }),
      reading([pass('pm2_5', 2)]),
    ];
    await expect(series.write([good, beyond])).rejects.toMatchObject({
      code: 'store-refused',
      written: ['stored', undefined],
    });
    expect(await wholeRange(series)).toEqual(expected(good));
  });

  test('what others keep in the same database is passed over', async () => {
    const one = reading([pass('pm2_5', 1), pass('temperature', 2)]);
    await series.write([one]);
    const theirs = [
      `air_quality pm2_5=99 ${NOON}`,
      `air_quality,device=not\\ ours pm2_5=98,pm2_5_flag=1i ${NOON}`,
      `weather,device=theirs temperature=97 ${NOON}`,
      `cpu,host=a idle=1 ${NOON}`,
    ];
    expect(await writeLines(influx.url, place.database, theirs.join('\n'))).toBe(204);
    expect(await wholeRange(series)).toEqual(expected(one));
    expect(await series.latest({ now: after(MINUTE) })).toEqual(expected(one));
    const buckets = await series.aggregate({ from: NOON, to: after(MINUTE), everyMs: MINUTE, aggregate: 'sum' });
    expect(buckets.map(({ quantity, value }) => [quantity, value])).toEqual([
      ['pm2_5', 1],
      ['temperature', 2],
    ]);
  });

  test('a raw value that was there stays when a correction has none: InfluxDB takes no field away', async () => {
    await series.write([reading([pass('pm2_5', 8)])]);
    await series.write([reading([gone('pm2_5', 'fault', null)])]);
    expect((await wholeRange(series)).map(({ value, raw }) => [value, raw])).toEqual([
      [{ kind: 'absent', reason: 'fault' }, 8],
    ]);
  });

  test('a street of many devices, some busy and some not, is paged through once', async () => {
    const readings = Array.from({ length: 130 }, (_, n) => n).flatMap((n) =>
      Array.from({ length: n % 40 === 0 ? 60 : 1 }, (_, minute) =>
        reading([pass('pm2_5', minute), pass('temperature', n)], {
          device: device(n),
          site: site(`column-${n % 3}`),
          time: after(minute * MINUTE),
        }),
      ),
    );
    await series.write(readings);
    for (const limit of [7, 100, 10_000]) expect(await wholeRange(series, {}, limit)).toEqual(expected(...readings));
    expect(await series.latest({ now: after(100 * MINUTE) })).toHaveLength(260);
  });
});

needs('influxd')('an InfluxDB that asks who is there', () => {
  let influx: InfluxdbServer;
  beforeAll(async () => {
    influx = await startInfluxdb({ env: { INFLUXDB_HTTP_AUTH_ENABLED: 'true' } });
    await influxQuery(influx.url, `CREATE USER kerbside WITH PASSWORD 'a long one: with colon' WITH ALL PRIVILEGES`);
  });
  afterAll(() => influx.stop());
  const open = (token?: string) =>
    openInfluxTimeSeries({
      url: influx.url,
      database: 'street',
      timeoutMs: 5000,
      log: silent,
      clock: systemClock,
      ...(token === undefined ? {} : { token }),
    });

  test('is told name and password; without them, or with others, uplinks wait', async () => {
    const one = reading([pass('pm2_5', 1)]);
    const series = open('kerbside:a long one: with colon');
    expect(await series.write([one])).toEqual(['stored']);
    expect(await wholeRange(series)).toEqual(expected(one));
    for (const token of [undefined, 'kerbside:wrong', 'a-token-of-version-2']) {
      await expect(open(token).write([one])).rejects.toMatchObject({
        code: 'store-unavailable',
        message: expect.stringContaining('answers 401'),
      });
      await expect(open(token).latest({ now: NOON })).rejects.toMatchObject({ code: 'store-unavailable' });
    }
  });
});
