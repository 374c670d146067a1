import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deviceId,
  instant,
  measured,
  siteId,
  type Instant,
  type Judged,
  type JudgedReading,
} from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from './house.ts';

const HOUR = 3_600_000;
/** Midnight in GMT, of a summer's day: on the clocks of the street it is one o'clock. */
const midnight = Date.parse('2026-07-15T00:00:00Z');
const at = (minutes: number): Instant => instant(midnight + minutes * 60_000);
const hour = (n: number): string => new Date(midnight + n * HOUR).toISOString();
const good = (
  quantity: 'no2' | 'o3' | 'pm2_5' | 'footfall_in',
  value: number,
  extra: Partial<Judged> = {},
): Judged => ({ quantity, value: measured(value), raw: value, flag: 1, ...extra });
const reading = (device: string, site: string, minute: number, observations: Judged[]): JudgedReading => ({
  device: deviceId(device),
  site: siteId(site),
  borough: null,
  time: at(minute),
  receivedAt: at(minute + 1),
  observations,
});
/** A value each ten minutes, as the canonical profile promises, in the hours from one to before another. */
const tens = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) * 6 }, (_, i) => from * 60 + i * 10);

let house: House;
beforeAll(async () => {
  house = await openHouse();
  house.setNow(instant(midnight + 30.5 * HOUR));
  const { registry, timeseries } = house;
  for (const site of ['a56', 'a6', 'quiet']) await registry.addSite({ id: site, borough: 'stockport' });
  for (const [device, site] of [
    ['aq-1', 'a6'],
    ['aq-2', 'a6'],
    ['aq-3', 'a56'],
    ['aq-4', 'quiet'],
  ] as const)
    await registry.addDevice({ id: device, profile: 'kerbside/canonical', site });
  await timeseries.write([
    ...tens(0, 30).map((minute) =>
      reading('aq-1', 'a6', minute, [
        good('no2', 40 + Math.floor(minute / 60)),
        good('pm2_5', 20),
        good('footfall_in', 7),
      ]),
    ),
    ...tens(30, 31)
      .slice(0, 3)
      .map((minute) => reading('aq-1', 'a6', minute, [good('no2', 999)])),
    ...tens(0, 30).map((minute) => reading('aq-2', 'a6', minute, [good('no2', minute < 12 * 60 ? 10 : 210)])),
    reading('aq-1', 'a6', 5, [good('no2', 5_000, { flag: 4, reason: 'gross-range' })]),
    reading('aq-1', 'a6', 6, [good('no2', 100, { flag: 3, reason: 'device-time' })]),
    ...tens(0, 2)
      .filter((minute) => minute % 60 < 30)
      .map((minute) => reading('aq-3', 'a56', minute, [good('o3', 50)])),
    ...tens(2, 3).map((minute) => reading('aq-3', 'a56', minute, [good('o3', 60)])),
  ]);
});
afterAll(() => house.close());

type Row = Record<string, unknown>;
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;
const page = async (path: string): Promise<{ rows: Row[]; next: string | null }> => {
  const { status, json, text } = await house.ask(`/api/v1/${path}`);
  const name = path.startsWith('averages/summary') ? 'summaries' : (/^\w+/.exec(path)?.[0] ?? '');
  const rows: unknown = isRow(json) ? json[name] : undefined;
  if (status !== 200 || !isRow(json) || !Array.isArray(rows)) throw new Error(text);
  return { rows: rows.filter(isRow), next: typeof json['next'] === 'string' ? json['next'] : null };
};
const all = async (path: string): Promise<Row[]> => {
  const rows: Row[] = [];
  for (let cursor = ''; ;) {
    const { rows: more, next } = await page(`${path}${cursor}`);
    rows.push(...more);
    if (next === null) return rows;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
};
const day = `from=${hour(0)}&to=${hour(24)}`;

describe('means', () => {
  test('have a unit, a time, a capture, whether they are valid, and how many values are in them', async () => {
    const { rows } = await page(`averages?device=aq-1&quantity=no2&period=1h&from=${hour(1)}&to=${hour(2)}`);
    expect(rows).toEqual([
      {
        device: 'aq-1',
        site: 'a6',
        quantity: 'no2',
        unit: 'ug/m3',
        period: '1h',
        time: hour(1),
        value: 41,
        capture: 1,
        valid: true,
        count: 6,
      },
    ]);
    const { rows: half } = await page(`averages?device=aq-3&period=1h&${day}`);
    expect(half).toMatchObject([
      { time: hour(0), value: 50, capture: 0.5, valid: false, count: 3 },
      { time: hour(1), valid: false },
      { time: hour(2), valid: true },
    ]);
  });

  test('take suspect values on demand, and failed ones never', async () => {
    const first = async (extra: string): Promise<unknown> =>
      (await page(`averages?device=aq-1&quantity=no2&period=1h&from=${hour(0)}&to=${hour(1)}${extra}`)).rows[0]?.[
        'count'
      ];
    expect([await first(''), await first('&maxFlag=2'), await first('&maxFlag=3')]).toEqual([6, 6, 7]);
  });

  test('are of whole periods: from the one in which `from` lies, and none that is not over', async () => {
    const rows = await all(`averages?device=aq-1&quantity=no2&period=1h&from=${hour(27.5)}`);
    expect(rows.map((row) => row['time'])).toEqual([27, 28, 29].map(hour));
    expect(
      (await all(`averages?device=aq-1&quantity=no2&period=day&from=${hour(3)}`)).map((row) => [
        row['time'],
        row['value'],
        row['count'],
      ]),
    ).toEqual([[hour(0), 51.5, 24]]);
  });

  test('of every period are there', async () => {
    const last = async (period: string): Promise<unknown[]> => {
      const row = (await all(`averages?device=aq-1&quantity=no2&period=${period}&${day}`)).at(-1);
      return [row?.['time'], row?.['value'], row?.['valid']];
    };
    expect(await last('15m')).toEqual([hour(23.75), 63, true]);
    expect(await last('8h')).toEqual([hour(23), 59.5, true]);
    expect(await last('24h')).toEqual([hour(23), 51.5, true]);
    expect(await last('day-max')).toEqual([hour(0), 63, true]);
    expect(await last('day-max-8h')).toEqual([hour(0), 59.5, true]);
    expect(await last('year')).toEqual(['2026-01-01T00:00:00.000Z', 54.5, false]);
  });

  test('of a year in which nothing was measured are a row that says so', async () => {
    const { rows } = await page('averages?device=aq-4&quantity=no2&period=year&from=2025-05-01&to=2025-06-01');
    expect(rows).toEqual([
      {
        device: 'aq-4',
        site: null,
        quantity: 'no2',
        unit: 'ug/m3',
        period: 'year',
        time: '2025-01-01T00:00:00.000Z',
        value: null,
        capture: 0,
        valid: false,
        count: 0,
      },
    ]);
  });

  test('come in pages of any size, which put together are the same as one; counts and directions are not among them', async () => {
    const query = `averages?borough=stockport&period=8h&from=${hour(20)}`;
    const whole = await all(`${query}&limit=10000`);
    expect(whole.length).toBe(30);
    expect(whole.filter((row) => row['quantity'] === 'footfall_in')).toEqual([]);
    for (const limit of [1, 7, 11]) expect(await all(`${query}&limit=${limit}`)).toEqual(whole);
    const order = whole.map((row) => `${String(row['device'])} ${String(row['time'])} ${String(row['quantity'])}`);
    expect(order).toEqual(order.toSorted());
  });

  test('are given as CSV as well', async () => {
    const { text, headers } = await house.ask(
      `/api/v1/averages?device=aq-1&quantity=no2&period=1h&from=${hour(1)}&to=${hour(2)}`,
      { accept: 'text/csv' },
    );
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(text.split('\r\n')).toEqual([
      'device,site,quantity,unit,period,time,value,capture,valid,count',
      `aq-1,a6,no2,ug/m3,1h,${hour(1)},41,1,true,6`,
      '',
    ]);
  });
});

describe('a summary', () => {
  test('has the mean, bounds and percentiles of the valid hours of a stretch, and their share of it', async () => {
    const { rows } = await page(`averages/summary?device=aq-1&quantity=no2&from=${hour(0)}&to=${hour(25)}`);
    expect(rows).toEqual([
      {
        device: 'aq-1',
        site: 'a6',
        quantity: 'no2',
        unit: 'ug/m3',
        from: hour(0),
        to: hour(25),
        mean: 52,
        min: 40,
        max: 64,
        maxAt: hour(24),
        p50: 52,
        p90: expect.closeTo(61.6, 9),
        p98: expect.closeTo(63.52, 9),
        p99_8: expect.closeTo(63.952, 9),
        count: 25,
        capture: 1,
        valid: true,
      },
    ]);
  });

  test('is there for each datastream that measured anything, also where no hour of it is valid', async () => {
    const rows = await all(`averages/summary?borough=stockport&from=${hour(0)}&to=${hour(2)}`);
    expect(rows.map((row) => [row['device'], row['quantity'], row['count']])).toEqual([
      ['aq-1', 'no2', 2],
      ['aq-1', 'pm2_5', 2],
      ['aq-2', 'no2', 2],
      ['aq-3', 'o3', 0],
    ]);
    expect(rows[3]).toMatchObject({ mean: null, max: null, maxAt: null, p99_8: null, capture: 0, valid: false });
  });
});

describe('indices', () => {
  test('are the worst device’s of each hour, indicative, with what each contributes', async () => {
    const rows = await all(`indices?site=a6&${day}`);
    expect(rows.map((row) => row['index'])).toEqual([
      ...Array<number>(12).fill(1),
      ...Array<number>(5).fill(4),
      ...Array<number>(7).fill(4),
    ]);
    expect(rows[12]).toMatchObject({
      site: 'a6',
      time: hour(12),
      index: 4,
      band: 'Moderate',
      colour: '#FFFF00',
      bandColour: '#ffdd00',
      bandTextColour: '#000000',
      decidedBy: 'aq-2 no2',
      capture: 1,
      indicative: true,
    });
    expect(rows[20]?.['pollutants']).toEqual([
      {
        device: 'aq-1',
        quantity: 'no2',
        averaging: '1-hour mean',
        value: 60,
        unit: 'ug/m3',
        capture: 1,
        valid: true,
        index: 1,
      },
      {
        device: 'aq-1',
        quantity: 'pm2_5',
        averaging: 'running 24-hour mean',
        value: 20,
        unit: 'ug/m3',
        capture: 21 / 24,
        valid: true,
        index: 2,
      },
      {
        device: 'aq-2',
        quantity: 'no2',
        averaging: '1-hour mean',
        value: 210,
        unit: 'ug/m3',
        capture: 1,
        valid: true,
        index: 4,
      },
    ]);
    expect(rows[20]?.['capture']).toBe(21 / 24);
  });

  test('are null where too little was measured, which is not 1', async () => {
    expect((await all(`indices?site=a56&${day}`)).length).toBe(8);
    expect(await all(`indices?site=a56&from=${hour(4)}&to=${hour(5)}`)).toMatchObject([
      {
        time: hour(4),
        index: null,
        band: null,
        colour: null,
        decidedBy: null,
        capture: null,
        indicative: true,
        pollutants: [{ quantity: 'o3', value: 60, capture: 0.125, valid: false, index: null }],
      },
    ]);
  });

  test('come in pages of any size', async () => {
    const whole = await all(`indices?from=${hour(8)}&to=${hour(20)}&limit=10000`);
    expect(whole.length).toBe(14);
    for (const limit of [1, 5])
      expect(await all(`indices?from=${hour(8)}&to=${hour(20)}&limit=${limit}`)).toEqual(whole);
  });

  test('of now are of the last hour that is over, with the government’s words; where there is none it says so', async () => {
    const rows = await all('indices/latest?limit=2');
    expect(rows.map((row) => [row['site'], row['time'], row['index']])).toEqual([
      ['a56', hour(29), null],
      ['a6', hour(29), 4],
      ['quiet', hour(29), null],
    ]);
    expect(rows[1]?.['advice']).toMatchObject({ published: '2025-12-19', source: expect.stringContaining('OGL v3') });
    expect(rows.map((row) => row['advice'] === null)).toEqual([true, false, true]);
  });

  test('change when a late value touches them', async () => {
    const query = `indices?site=quiet&from=${hour(2)}&to=${hour(4)}`;
    expect(await all(query)).toEqual([]);
    await house.timeseries.write(
      tens(2, 3)
        .slice(0, 4)
        .map((minute) => reading('aq-4', 'quiet', minute, [good('no2', 70)])),
    );
    expect(await all(query)).toMatchObject([{ time: hour(2), index: null }]);
    await house.timeseries.write([reading('aq-4', 'quiet', 2 * 60 + 45, [good('no2', 70)])]);
    expect(await all(query)).toMatchObject([{ time: hour(2), index: 2, decidedBy: 'aq-4 no2' }]);
    expect((await all(query)).length).toBe(1);
  });
});

describe('a year against objectives', () => {
  test('is said of each device by itself, a page each, with counts, what is allowed, capture, and that it is provisional', async () => {
    const { rows, next } = await page('objectives?site=a6&year=2026');
    expect(new Set(rows.map((row) => row['device']))).toEqual(new Set(['aq-1']));
    expect(rows.map((row) => row['objective'])).toEqual([
      'uk-no2-1h',
      'uk-no2-year',
      'who-no2-year',
      'who-no2-day',
      'uk-pm2_5-year',
      'uk-target-pm2_5-interim',
      'uk-target-pm2_5-2040',
      'who-pm2_5-year',
      'who-pm2_5-day',
    ]);
    const second = await page(`objectives?site=a6&year=2026&cursor=${next ?? ''}`);
    expect(second.next).toBeNull();
    expect(second.rows[0]).toEqual({
      device: 'aq-2',
      site: 'a6',
      year: 2026,
      objective: 'uk-no2-1h',
      authority: 'uk',
      quantity: 'no2',
      averaging: '1h',
      limit: 200,
      unit: 'ug/m3',
      value: 210,
      exceedances: 18,
      allowed: 18,
      exceeded: null,
      percentile: 99.8,
      percentileValue: 210,
      capture: 30 / 8_760,
      valid: false,
      provisional: true,
      indicative: true,
      checked: true,
      source: expect.stringContaining('2010'),
    });
  });

  test('of a site where nothing was measured names every objective, and of none that it is met', async () => {
    const rows = await all('objectives?site=quiet&year=2025');
    expect(rows).toHaveLength(23);
    for (const row of rows)
      expect(row).toMatchObject({ value: null, exceedances: 0, exceeded: null, capture: 0, valid: false });
  });

  test('is given as CSV as well', async () => {
    const { text } = await house.ask('/api/v1/objectives?site=quiet&year=2025', { accept: 'text/csv' });
    expect(text.split('\r\n')).toHaveLength(25);
    expect(text).toContain('aq-4,quiet,2025,uk-no2-1h,uk,no2,1h,200,ug/m3,,0,18,,99.8,,0,false,true,true,true,');
  });
});
