import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  absent,
  deviceId,
  Flag,
  instant,
  measured,
  siteId,
  type JudgedReading,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { at, HOUR } from './streams.ts';

let house: House;
let clock = 0;

/** A reading as the pipeline stores it. */
const reading = (
  device: string,
  time: string,
  values: Readonly<Partial<Record<QuantityId, number | null>>>,
  { site = 'street', flag = Flag.pass }: { readonly site?: string; readonly flag?: Flag } = {},
): JudgedReading => ({
  device: deviceId(device),
  site: siteId(site),
  borough: null,
  time: at(time),
  receivedAt: instant(at(time) + (clock += 1)),
  observations: Object.entries(values).flatMap(([quantity, value]): JudgedReading['observations'] => {
    const id = quantity as QuantityId;
    return value === null || value === undefined
      ? [{ quantity: id, value: absent('missing'), raw: null, flag: Flag.missing, reason: 'missing' as const }]
      : [
          {
            quantity: id,
            value: measured(value),
            raw: value,
            flag,
            ...(flag === Flag.suspect ? { reason: 'device-time' as const } : {}),
          },
        ];
  }),
});
type Options = NonNullable<Parameters<typeof reading>[3]>;
/** One reading an hour, so many of them. */
const hourly = (
  device: string,
  begin: string,
  values: (hour: number) => Parameters<typeof reading>[2],
  { hours, ...options }: Options & { readonly hours: number },
) =>
  Array.from({ length: hours }, (_, hour) =>
    reading(device, new Date(at(begin) + hour * HOUR).toISOString(), values(hour), options),
  );

beforeAll(async () => {
  house = await openHouse();
  const { registry, timeseries } = house;
  for (const id of ['street', 'square', 'gate', 'elsewhere', 'road']) await registry.addSite({ id });
  await registry.addDevice({ id: 'label-1', profile: 'springboard/counter', site: 'street' });
  await registry.addDevice({ id: 'thermo-1', profile: 'milesight/vs351', site: 'square' });
  await registry.addDevice({ id: 'old-1', profile: 'springboard/counter', site: 'gate' });
  await registry.addDevice({ id: 'moved-1', profile: 'milesight/vs351', site: 'road' });
  await registry.addDevice({ id: 'car-1', profile: 'nwave/ncc405sm', site: 'road' });
  await registry.replaceDevice(
    deviceId('old-1'),
    { id: 'new-1', profile: 'springboard/counter' },
    at('2026-01-06T00:00:00Z'),
  );
  await timeseries.write([
    // A summer day of UK labels: 24 of them, a passage in and two out in each hour.
    ...hourly('label-1', '2025-07-01T00:00:00Z', () => ({ footfall_in: 1, footfall_out: 2 }), { hours: 24 }),
    // Two weeks and the same a year before, 24 labels a day: a Monday to a Sunday, and the next.
    ...hourly(
      'label-1',
      '2026-01-05T00:00:00Z',
      (hour) => ({ footfall_in: hour < 168 ? 10 : 12, footfall_out: hour < 168 ? 10 : 12 }),
      { hours: 14 * 24 },
    ),
    ...hourly('label-1', '2024-12-30T00:00:00Z', () => ({ footfall_in: 8, footfall_out: 8 }), { hours: 5 * 24 }),
    // A 16-bit total, in only, that rolls over and falls silent from 11:30 to 14:30.
    ...[
      ['10:30', 65_500],
      ['11:30', 20],
      ['14:30', 320],
      ['15:30', 350],
    ].map(([time, value]) =>
      reading('thermo-1', `2026-01-15T${time}:00Z`, { footfall_in_total: Number(value) }, { site: 'square' }),
    ),
    // Two counters of one site, one after the other.
    ...hourly('old-1', '2026-01-05T00:00:00Z', () => ({ footfall_in: 3, footfall_out: 1 }), {
      hours: 24,
      site: 'gate',
    }),
    ...hourly('new-1', '2026-01-06T00:00:00Z', () => ({ footfall_in: 5, footfall_out: 1 }), {
      hours: 24,
      site: 'gate',
    }),
    // A total that was somewhere else in between.
    ...[
      ['09:00', 100, 'road'],
      ['10:00', 120, 'road'],
      ['11:00', 500, 'elsewhere'],
      ['12:00', 900, 'elsewhere'],
      ['13:00', 910, 'road'],
      ['14:00', 915, 'road'],
    ].map(([time, value, site]) =>
      reading('moved-1', `2026-01-15T${time}:00Z`, { footfall_in_total: Number(value) }, { site: String(site) }),
    ),
    ...hourly('car-1', '2026-01-15T09:00:00Z', (hour) => ({ vehicles_total: 65_530 + hour * 3 }), {
      hours: 3,
      site: 'road',
    }),
    reading('label-1', '2026-02-02T12:00:00Z', { footfall_in: 7, footfall_out: 7 }, { flag: Flag.suspect }),
    reading('label-1', '2026-02-02T13:00:00Z', { footfall_in: null, footfall_out: 3 }),
  ]);
});
afterAll(() => house.close());

type Out = Readonly<Record<string, unknown>>;
const ask = async (query: string) => {
  const { status, json } = await house.ask(`/api/v1/footfall${query}`);
  expect([status, query]).toEqual([200, query]);
  return json as {
    readonly periods: Out[];
    readonly unbooked: Out[];
    readonly comparisons: Out[];
    readonly devices: string[];
    readonly next: string | null;
    readonly leftOut: number;
  };
};

describe('counts over the API', () => {
  test('a day is one of UK time, though its hours are kept in UTC: a source with UK labels fills it', async () => {
    const { periods, devices } = await ask('?site=street&from=2025-07-01&to=2025-07-02');
    expect(devices).toEqual(['label-1']);
    expect(periods).toEqual([
      {
        period: '2025-07-01',
        from: '2025-06-30T23:00:00.000Z',
        to: '2025-07-01T23:00:00.000Z',
        localFrom: '2025-07-01T00:00:00+01:00',
        localTo: '2025-07-02T00:00:00+01:00',
        unit: '{count}',
        in: 24,
        out: 48,
        total: 72,
        net: -24,
        completeness: 1,
        suspect: 0,
        doubts: [],
        edge: 0,
        spread: 0,
        coarse: 0,
        presence: null,
      },
    ]);
    const hours = await ask('?site=street&from=2025-07-01&to=2025-07-02&every=hour');
    expect(hours.periods).toHaveLength(24);
    expect(hours.periods.filter(({ total }) => total === 3)).toHaveLength(24);
    expect(hours.periods[5]).toMatchObject({
      period: '2025-07-01T05:00:00+01:00',
      from: '2025-07-01T04:00:00.000Z',
      presence: -2,
    });
  });

  test('a 16-bit total rolls over, and a gap in it is no hour: it stands beside them, or is spread and marked', async () => {
    const query = '?site=square&from=2026-01-15T10:00:00Z&to=2026-01-15T16:00:00Z&every=hour';
    const { periods, unbooked } = await ask(query);
    // Hours of the device end half past: the middle of 10:30 to 11:30 is eleven o'clock.
    expect(periods.map(({ total }) => total)).toEqual([null, 56, null, null, null, 30]);
    expect(unbooked).toEqual([
      {
        device: 'thermo-1',
        direction: 'in',
        from: '2026-01-15T11:30:00.000Z',
        to: '2026-01-15T14:30:00.000Z',
        passages: 300,
        doubt: null,
      },
    ]);
    const spread = await ask(`${query}&spread=true`);
    expect(spread.periods.map(({ total, spread: how }) => [total, how])).toEqual([
      [null, 0],
      [106, 50],
      [100, 100],
      [100, 100],
      [50, 50],
      [30, 0],
    ]);
    expect(spread.unbooked).toEqual([]);
  });

  test('a site has the counts of the device that stood there, and of the one that took its place', async () => {
    const { periods, devices } = await ask('?site=gate&from=2026-01-05&to=2026-01-07');
    expect(devices).toEqual(['new-1', 'old-1']);
    expect(periods.map(({ total, completeness }) => [total, completeness])).toEqual([
      [96, 1],
      [144, 1],
    ]);
  });

  test('what a total counted elsewhere is not counted here', async () => {
    const { periods } = await ask('?site=road&from=2026-01-15&to=2026-01-16');
    expect(periods).toMatchObject([{ in: 25, out: null, total: 25, completeness: 0.0833 }]);
    const all = await ask('?device=moved-1&from=2026-01-15&to=2026-01-16');
    expect(all.periods).toMatchObject([{ in: 425 }]);
  });

  test('vehicles are counted by the same rules, without directions', async () => {
    const { periods } = await ask('?site=road&from=2026-01-15&to=2026-01-16&of=vehicles');
    expect(periods).toMatchObject([{ in: null, out: null, net: null, total: 6 }]);
  });

  test('suspect values take part only where they are asked for, and an absent one is never 0', async () => {
    const query = '?site=street&from=2026-02-02T12:00:00Z&to=2026-02-02T14:00:00Z&every=hour';
    expect((await ask(query)).periods.map(({ in: came, out }) => [came, out])).toEqual([
      [null, null],
      [null, 3],
    ]);
    expect((await ask(`${query}&maxFlag=3`)).periods.map(({ in: came, out }) => [came, out])).toEqual([
      [7, 7],
      [null, 3],
    ]);
  });

  test('pages of any size put together are the same as one', async () => {
    const query = '?site=street&from=2026-01-05&to=2026-01-19&every=hour';
    const whole = (await ask(query)).periods;
    expect(whole).toHaveLength(336);
    const seen: Out[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { readonly periods: Out[]; readonly next: string | null } = await ask(
        `${query}&limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...page.periods);
      cursor = page.next;
    }
    expect(seen).toEqual(whole);
  });

  test('as CSV each period is a row, and so is what is booked in none', async () => {
    const { text, headers } = await house.ask(
      '/api/v1/footfall?site=square&from=2026-01-15T11:00:00Z&to=2026-01-15T13:00:00Z&every=hour',
      { accept: 'text/csv' },
    );
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(text.split('\r\n')).toEqual([
      'period,from,to,localFrom,localTo,unit,in,out,total,net,completeness,suspect,doubts,edge,spread,coarse,presence',
      '2026-01-15T11:00:00+00:00,2026-01-15T11:00:00.000Z,2026-01-15T12:00:00.000Z,2026-01-15T11:00:00+00:00,2026-01-15T12:00:00+00:00,{count},56,,56,,0.5,0,,56,0,0,',
      '2026-01-15T12:00:00+00:00,2026-01-15T12:00:00.000Z,2026-01-15T13:00:00.000Z,2026-01-15T12:00:00+00:00,2026-01-15T13:00:00+00:00,{count},,,,,0,0,,0,0,0,',
      'unbooked,2026-01-15T11:30:00.000Z,2026-01-15T14:30:00.000Z,2026-01-15T11:30:00+00:00,2026-01-15T14:30:00+00:00,{count},300,,,,,,,,,,',
      '',
    ]);
  });
});

describe('comparisons over the API', () => {
  test('a week beside the one before, and beside the same ISO week of the year before where enough of it was counted', async () => {
    const week = await ask('/compare?site=street&from=2026-01-12&to=2026-01-19&every=week&with=last-week');
    expect(week.comparisons).toMatchObject([
      {
        period: '2026-W03',
        total: 4_032,
        before: { period: '2026-W02', total: 3_360, completeness: 1 },
        change: 672,
        changeShare: 0.2,
        notCompared: null,
      },
    ]);
    const year = await ask('/compare?site=street&from=2026-01-05&to=2026-01-12&every=week&with=last-year');
    expect(year.comparisons).toMatchObject([
      {
        period: '2026-W02',
        before: { period: '2025-W02', total: null },
        change: null,
        notCompared: 'before-incomplete',
      },
    ]);
  });

  test('a day is compared with the same weekday of the same ISO week, and not where it is incomplete', async () => {
    const { comparisons } = await ask('/compare?site=street&from=2026-01-18&to=2026-01-20&with=last-week');
    expect(comparisons).toMatchObject([
      { period: '2026-01-18', change: 96, changeShare: 0.2 },
      { period: '2026-01-19', total: null, change: null, notCompared: 'incomplete' },
    ]);
    const { text } = await house.ask(
      '/api/v1/footfall/compare?site=street&from=2026-01-18&to=2026-01-19&with=last-week',
      { accept: 'text/csv' },
    );
    expect(text.split('\r\n')[1]).toMatch(/^2026-01-18,.*,576,0,1,0,,0,0,0,480,2026-01-11,1,96,0\.2,$/);
  });
});
