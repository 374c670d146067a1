import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deviceId,
  instant,
  measured,
  siteId,
  type Instant,
  type Judged,
} from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from './house.ts';

/** Noon of a winter's day: whole hours are whole hours of UTC. */
const noon = Date.parse('2026-01-15T12:00:00Z');
const at = (minutes: number): Instant => instant(noon + minutes * 60_000);
const good = (quantity: 'no2' | 'pm2_5' | 'footfall_in', value: number, extra: Partial<Judged> = {}): Judged => ({
  quantity,
  value: measured(value),
  raw: value,
  flag: 1,
  ...extra,
});

let house: House;
beforeAll(async () => {
  house = await openHouse();
  house.setNow(at(180));
  const { registry, timeseries } = house;
  for (const [site, borough] of [
    ['a6', 'stockport'],
    ['a56', 'trafford'],
    ['a57', 'stockport'],
  ] as const)
    await registry.addSite({ id: site, borough });
  for (const [device, site] of [
    ['aq-1', 'a6'],
    ['aq-2', 'a56'],
    ['aq-3', 'a57'],
  ] as const) {
    await registry.addDevice({ id: device, profile: 'kerbside/canonical', site });
  }
  const reading = (device: string, site: string, minute: number, observations: Judged[]) => ({
    device: deviceId(device),
    site: siteId(site),
    borough: null,
    time: at(minute),
    receivedAt: at(minute + 1),
    observations,
  });
  await timeseries.write([
    ...[0, 15, 30, 45, 60, 75].map((minute) =>
      reading('aq-1', 'a6', minute, [good('no2', 40 + minute), good('pm2_5', 10)]),
    ),
    reading('aq-1', 'a6', 90, [
      good('no2', 999, { flag: 4, reason: 'gross-range' }),
      { quantity: 'pm2_5', value: { kind: 'absent', reason: 'warming-up' }, raw: null, flag: 9, reason: 'warming-up' },
    ]),
    ...[0, 60].map((minute) => reading('aq-2', 'a56', minute, [good('no2', 20), good('footfall_in', 7)])),
    reading('aq-3', 'a57', 5, [good('no2', 1)]),
  ]);
});
afterAll(() => house.close());

type Row = Record<string, unknown>;
const page = async (query: string): Promise<{ rows: Row[]; next: string | null }> => {
  const { status, json, text } = await house.ask(`/api/v1/observations${query}`);
  if (
    status !== 200 ||
    typeof json !== 'object' ||
    json === null ||
    !('observations' in json) ||
    !Array.isArray(json.observations) ||
    !('next' in json)
  )
    throw new Error(text);
  return { rows: json.observations, next: typeof json.next === 'string' ? json.next : null };
};
const all = async (query: string): Promise<Row[]> => {
  const rows: Row[] = [];
  for (let cursor = ''; ;) {
    const { rows: more, next } = await page(`${query}${cursor}`);
    rows.push(...more);
    if (next === null) return rows;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
};
const devices = (rows: readonly Row[]): unknown[] => [...new Set(rows.map((row) => row['device']))];

describe('observations', () => {
  test('an observation says device, site, quantity, unit, both times, value, raw value and flag', async () => {
    const { rows } = await page('?device=aq-1&quantity=no2&limit=1');
    expect(rows).toEqual([
      {
        device: 'aq-1',
        site: 'a6',
        quantity: 'no2',
        unit: 'ug/m3',
        time: '2026-01-15T12:00:00.000Z',
        receivedAt: '2026-01-15T12:01:00.000Z',
        value: 40,
        raw: 40,
        flag: 1,
      },
    ]);
  });

  test('a value that is not there is null and says why; it is not 0 and not left out', async () => {
    const { rows } = await page(`?device=aq-1&quantity=pm2_5&from=${new Date(at(90)).toISOString()}`);
    expect(rows).toMatchObject([{ value: null, raw: null, flag: 9, reason: 'warming-up' }]);
  });

  test('without a span it is everything, and pages of any size put together are the same, in order of device and time', async () => {
    const whole = await all('?limit=10000');
    expect(whole).toHaveLength(19);
    for (const limit of [1, 2, 7]) expect(await all(`?limit=${limit}`)).toEqual(whole);
    const order = whole.map((row) => `${String(row['device'])} ${String(row['time'])} ${String(row['quantity'])}`);
    expect(order).toEqual(order.toSorted());
  });

  test('names may be repeated or separated by commas; different parameters must all fit', async () => {
    expect(devices((await page('?device=aq-1,aq-2')).rows)).toEqual(['aq-1', 'aq-2']);
    expect(devices((await page('?device=aq-1&device=aq-2')).rows)).toEqual(['aq-1', 'aq-2']);
    expect(devices((await page('?borough=stockport')).rows)).toEqual(['aq-1', 'aq-3']);
    expect(devices((await page('?borough=Stockport&site=a6,a56')).rows)).toEqual(['aq-1']);
    expect((await page('?site=a6&device=aq-2')).rows).toEqual([]);
    expect((await page('?borough=trafford&site=a6')).rows).toEqual([]);
  });

  test('from is inclusive and to is exclusive', async () => {
    const { rows } = await page('?device=aq-1&quantity=no2&from=2026-01-15T12:15:00Z&to=2026-01-15T12:45:00Z');
    expect(rows.map((row) => row['value'])).toEqual([55, 70]);
    const zoned = await page('?device=aq-1&quantity=no2&from=2026-01-15T13:15:00+01:00&to=2026-01-15T12:45:00Z');
    expect(zoned.rows).toEqual(rows);
  });

  test('a flag may be required: suspect, failed and missing values stay out', async () => {
    const { rows } = await page('?device=aq-1&maxFlag=2');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((row) => row['flag'] !== 1)).toEqual([]);
  });
});

describe('values by interval', () => {
  test('an hour of a quantity is one row with its mean, its unit and how many values it has', async () => {
    const { rows } = await page('?device=aq-1&quantity=no2&from=2026-01-15T12:00:00Z&to=2026-01-15T14:00:00Z&every=1h');
    expect(rows).toEqual([
      {
        device: 'aq-1',
        site: 'a6',
        quantity: 'no2',
        unit: 'ug/m3',
        time: '2026-01-15T12:00:00.000Z',
        value: 62.5,
        count: 4,
      },
      {
        device: 'aq-1',
        site: 'a6',
        quantity: 'no2',
        unit: 'ug/m3',
        time: '2026-01-15T13:00:00.000Z',
        value: 107.5,
        count: 2,
      },
    ]);
  });

  test('a length may be said as 30m or as PT30M, and to is now unless given', async () => {
    const short = await page('?device=aq-1&quantity=no2&from=2026-01-15T12:00:00Z&every=30m&aggregate=max');
    const long = await page('?device=aq-1&quantity=no2&from=2026-01-15T12:00:00Z&every=PT30M&aggregate=max');
    expect(short.rows.map((row) => row['value'])).toEqual([55, 85, 115]);
    expect(long).toEqual(short);
  });

  test('a count of values has the unit 1', async () => {
    const { rows } = await page('?device=aq-2&quantity=footfall_in&from=2026-01-15T12:00:00Z&every=1d&aggregate=count');
    expect(rows).toMatchObject([{ value: 2, unit: '1' }]);
  });

  test('pages of any size put together are the same as one', async () => {
    const query = '?from=2026-01-15T11:00:00Z&to=2026-01-15T15:00:00Z&every=15m&aggregate=last';
    const whole = await all(`${query}&limit=10000`);
    // 6 of no2 and 6 of pm2_5, 2 and 2, 1: what failed or is missing takes no part.
    expect(whole).toHaveLength(17);
    for (const limit of [1, 3, 5, 16]) expect(await all(`${query}&limit=${limit}`)).toEqual(whole);
  });
});

describe('the newest values', () => {
  test('each datastream has one row, that with the newest phenomenon time', async () => {
    const { rows } = await page('/latest');
    expect(rows.map((row) => [row['device'], row['quantity'], row['time']])).toEqual([
      ['aq-1', 'no2', '2026-01-15T13:30:00.000Z'],
      ['aq-1', 'pm2_5', '2026-01-15T13:30:00.000Z'],
      ['aq-2', 'footfall_in', '2026-01-15T13:00:00.000Z'],
      ['aq-2', 'no2', '2026-01-15T13:00:00.000Z'],
      ['aq-3', 'no2', '2026-01-15T12:05:00.000Z'],
    ]);
  });

  test('they are paged by device, and a device is never cut in two', async () => {
    const first = await page('/latest?limit=2');
    expect(devices(first.rows)).toEqual(['aq-1', 'aq-2']);
    const second = await page(`/latest?limit=2&cursor=${first.next ?? ''}`);
    expect(devices(second.rows)).toEqual(['aq-3']);
    expect(second.next).toBeNull();
  });

  test('where only good ones are asked for, a datastream whose newest value is worse is left out: an older one is not the newest', async () => {
    expect((await page('/latest?device=aq-1&maxFlag=2')).rows).toEqual([]);
    expect((await page('/latest?device=aq-1&maxFlag=4')).rows).toMatchObject([{ quantity: 'no2', flag: 4 }]);
  });
});

describe('as CSV', () => {
  test('a header, a row each, empty where nothing is, and the way on in the Link header', async () => {
    const answer = await house.ask(
      '/api/v1/observations?device=aq-1&quantity=pm2_5&from=2026-01-15T13:15:00Z&limit=1',
      { accept: 'text/csv' },
    );
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.text).toBe(
      'device,site,quantity,unit,time,receivedAt,value,raw,flag,reason\r\naq-1,a6,pm2_5,ug/m3,2026-01-15T13:15:00.000Z,2026-01-15T13:16:00.000Z,10,10,1,\r\n',
    );
    const next = /^<(\/api\/v1\/observations\?[^>]*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? '';
    const after = await house.ask(next, { accept: 'text/csv' });
    expect(after.text.split('\r\n')[1]).toBe(
      'aq-1,a6,pm2_5,ug/m3,2026-01-15T13:30:00.000Z,2026-01-15T13:31:00.000Z,,,9,warming-up',
    );
    expect(after.headers.get('link')).toBeNull();
  });

  test('intervals have columns of their own', async () => {
    const { text } = await house.ask('/api/v1/observations?device=aq-3&from=2026-01-15T12:00:00Z&every=1h', {
      accept: 'text/csv;q=0.9, */*;q=0.1',
    });
    expect(text.split('\r\n')).toEqual([
      'device,site,quantity,unit,time,value,count',
      'aq-3,a57,no2,ug/m3,2026-01-15T12:00:00.000Z,1,1',
      '',
    ]);
  });
});
