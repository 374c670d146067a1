import { describe, expect, test } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { averagesHouse, day, good, hour, reading } from './averages-house.ts';

const { house, page, all } = averagesHouse();

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
        coarse: false,
      },
    ]);
    const { rows: days } = await page(`averages?device=aq-1&quantity=no2&from=${hour(1)}&to=${hour(2)}`);
    expect(days).toEqual(
      (await page(`averages?device=aq-1&quantity=no2&period=day&from=${hour(1)}&to=${hour(2)}`)).rows,
    );
    expect(days).toMatchObject([{ period: 'day' }]);
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
        coarse: false,
      },
    ]);
  });

  test('of an empty year are a row of the devices that measure the quantity, and of no other', async () => {
    const years = async (device: string, quantity: string, year: number): Promise<unknown> =>
      (
        await all(`averages?device=${device}&quantity=${quantity}&period=year&from=${year}-01-01&to=${year + 1}-01-01`)
      ).map((row) => [row['quantity'], row['value'], row['capture'], row['valid'], row['count']]);
    const empty = (quantity: string) => [[quantity, null, 0, false, 0]];
    // It said nothing in that year, but has since; of ozone it has never said anything.
    expect(await years('aq-1', 'no2', 2025)).toEqual(empty('no2'));
    for (const year of [2025, 2026]) expect(await years('aq-1', 'o3', year)).toEqual([]);
    expect(await years('aq-3', 'o3', 2025)).toEqual(empty('o3'));
    // A profile with fields of its own promises what they are, and nothing else, whatever the device has said.
    const { registry, timeseries } = house();
    await registry.addDevice({ id: 'am-1', profile: 'airgradient/open-air', site: 'quiet' });
    expect(await years('am-1', 'pm2_5', 2025)).toEqual(empty('pm2_5'));
    expect(await years('am-1', 'no2', 2025)).toEqual([]);
    expect(
      await all('averages?borough=stockport&quantity=no2&period=year&from=2025-01-01&to=2026-01-01'),
    ).toMatchObject(['aq-1', 'aq-2', 'aq-4'].map((device) => ({ device, quantity: 'no2', value: null })));
    // What only ever failed is in no mean, but is said now: its year is told to be empty.
    await timeseries.write([reading('aq-3', 'a56', 190, [good('no2', -900, { flag: 4, reason: 'gross-range' })])]);
    expect(await years('aq-3', 'no2', 2026)).toEqual(empty('no2'));
    await registry.removeDevice(deviceId('am-1'));
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
    const { text, headers } = await house().ask(
      `/api/v1/averages?device=aq-1&quantity=no2&period=1h&from=${hour(1)}&to=${hour(2)}`,
      { accept: 'text/csv' },
    );
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(text.split('\r\n')).toEqual([
      'device,site,quantity,unit,period,time,value,capture,valid,count,coarse',
      `aq-1,a6,no2,ug/m3,1h,${hour(1)},41,1,true,6,false`,
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
