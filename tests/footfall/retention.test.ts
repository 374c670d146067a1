import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  deviceId,
  Flag,
  instant,
  measured,
  siteId,
  type JudgedReading,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { at, HOUR, MINUTE } from './streams.ts';

const DAY = 24 * HOUR;
const BEGIN = at('2026-01-05T00:00:00Z');
const DAYS = 12;

const reading = (
  device: string,
  time: number,
  values: Readonly<Partial<Record<QuantityId, number>>>,
): JudgedReading => ({
  device: deviceId(device),
  site: siteId(`site-${device}`),
  borough: null,
  time: instant(time),
  receivedAt: instant(time),
  observations: Object.entries(values).map(([quantity, value]) => ({
    quantity: quantity as QuantityId,
    value: measured(value),
    raw: value,
    flag: Flag.pass,
  })),
});

/** Readings all through the days, without those that are lost. */
const readings = (
  device: string,
  {
    everyMs,
    first = 0,
    lost = [],
  }: { readonly everyMs: number; readonly first?: number; readonly lost?: readonly string[] },
  values: (place: number) => Readonly<Partial<Record<QuantityId, number>>>,
) => {
  const missing = new Set(lost.map((time) => Number(at(time))));
  return Array.from({ length: (DAYS * DAY) / everyMs }, (_, place) =>
    reading(device, BEGIN + first + place * everyMs, values(place)),
  ).filter(({ time }) => !missing.has(time));
};

/** So many passages in the interval of that number: no two hours or days of a week have the same. */
const passages = (place: number): number => 1 + ((place * 7) % 23);
/** All until the end of that interval. */
const until = (place: number, of: (place: number) => number = passages): number =>
  Array.from({ length: place + 1 }, (_, one) => of(one)).reduce((sum, one) => sum + one, 0);

const sites = ['begin', 'end', 'total', 'both', 'labels'] as const;
let house: House;
const whole = new Map<string, readonly Period[]>();

interface Period {
  readonly from: string;
  readonly period: string;
  readonly in: number | null;
  readonly completeness: number;
  readonly coarse: number;
  readonly edge: number;
  readonly doubts: readonly string[];
}
interface Answer {
  readonly periods: readonly Period[];
  readonly unbooked: readonly { readonly passages: number; readonly doubt: string | null }[];
  readonly differences: readonly { readonly periods: number; readonly total: number }[];
}
const ask = async (site: string, every: string, [from, to] = ['2026-01-05', '2026-01-17']): Promise<Answer> => {
  const { status, json } = await house.ask(
    `/api/v1/footfall?site=site-${site}&every=${every}&from=${from}&to=${to}&limit=1000`,
  );
  expect([status, site, every]).toEqual([200, site, every]);
  return json as Answer;
};
interface Intervals {
  readonly observations: readonly { readonly time: string; readonly value: number; readonly count: number }[];
  readonly keptSince: string | null;
}
/** Values by interval, asked for when the last of all days is over. */
const intervals = async (
  device: string,
  every: string,
  [from, to]: readonly [string, string],
  aggregate = 'sum',
): Promise<Intervals> => {
  const { status, json } = await house.ask(
    `/api/v1/observations?device=${device}&quantity=footfall_in&every=${every}&from=${from}&to=${to}&aggregate=${aggregate}&limit=10000`,
  );
  expect([status, device, every]).toEqual([200, device, every]);
  return json as Intervals;
};
const told = ({ periods }: Pick<Answer, 'periods'>) =>
  periods.map(({ period, in: passed, completeness }) => ({ period, in: passed, completeness }));

beforeAll(async () => {
  house = await openHouse({
    env: { KERBSIDE_TIMESERIES_RETENTION_DAYS: '3', KERBSIDE_TIMESERIES_HOURLY_RETENTION_DAYS: '6' },
  });
  const { registry, timeseries } = house;
  const profiles = {
    begin: 'kerbside/canonical',
    end: 'milesight/vs133',
    total: 'milesight/vs351',
    both: 'kerbside/canonical',
    labels: 'springboard/counter',
  };
  for (const site of sites) {
    await registry.addSite({ id: `site-${site}` });
    await registry.addDevice({ id: site, profile: profiles[site], site: `site-${site}` });
  }
  const ten = { everyMs: 10 * MINUTE };
  await timeseries.write([
    ...readings('begin', { ...ten, lost: ['2026-01-06T10:30:00Z'] }, (place) => ({ footfall_in: passages(place) })),
    ...readings('end', ten, (place) => ({ footfall_in: passages(place) })),
    // Hourly, at twenty past; cleared after a hundred readings.
    ...readings('total', { everyMs: HOUR, first: 20 * MINUTE }, (place) => ({
      footfall_in_total: place < 100 ? until(place) : until(place) - until(99) + 1,
    })),
    // The frame that is lost is in the next total.
    ...readings('both', { ...ten, lost: ['2026-01-06T10:30:00Z'] }, (place) => ({
      footfall_in: passages(place),
      footfall_in_total: until(place),
    })),
    ...readings('labels', { everyMs: HOUR }, (place) => ({ footfall_in: passages(place), footfall_out: 1 })),
  ]);
  for (const site of sites)
    for (const every of ['hour', 'day', 'month']) whole.set(`${site} ${every}`, (await ask(site, every)).periods);
  while ((await timeseries.rollUp()) > 0);
  // Single readings of the last three days stay, hours of the last six.
  await timeseries.prune(instant(BEGIN + 9 * DAY), 'raw');
}, 60_000);
beforeEach(() => house.setNow(instant(BEGIN + DAYS * DAY)));
afterAll(() => house.close());

const before = (site: string, every: string): readonly Period[] => whole.get(`${site} ${every}`) ?? [];

describe('counts of readings that retention has taken', () => {
  test('are those of the hours that stay: hours, days and months have the same passages and the same completeness', async () => {
    const same = [];
    for (const site of ['begin', 'both', 'labels'])
      for (const every of ['hour', 'day', 'month']) {
        const answer = await ask(site, every);
        expect([site, every, told(answer)]).toEqual([site, every, told({ periods: before(site, every) })]);
        same.push(answer.periods.length);
      }
    expect(same).toEqual([288, 12, 1, 288, 12, 1, 288, 12, 1]);
  });

  test('say how many of them are known by the hour only: all before the edge, none after it', async () => {
    const { periods } = await ask('begin', 'day');
    expect(periods.map(({ coarse, in: passed }) => coarse === passed)).toEqual([
      ...Array<boolean>(9).fill(true),
      false,
      false,
      false,
    ]);
    expect(periods.slice(9).map(({ coarse }) => coarse)).toEqual([0, 0, 0]);
    expect(before('begin', 'day').map(({ coarse }) => coarse)).toEqual(Array(12).fill(0));
  });

  test('of a day in which a frame was lost are as incomplete as they were', async () => {
    const { periods } = await ask('begin', 'hour', ['2026-01-06T10:00:00Z', '2026-01-06T11:00:00Z']);
    expect(periods).toMatchObject([{ completeness: 0.8333 }]);
  });

  test('of a counter that names intervals by their end reach over the edge of an hour by one interval, and no passage is lost', async () => {
    const { periods, unbooked } = await ask('end', 'hour', ['2026-01-06T00:00:00Z', '2026-01-07T00:00:00Z']);
    expect(unbooked).toEqual([]);
    expect(periods.every(({ edge, in: passed, completeness }) => edge === passed && completeness === 1)).toBe(true);
    const total = (all: readonly Period[]): number => all.reduce((sum, { in: passed }) => sum + (passed ?? 0), 0);
    expect(total((await ask('end', 'month')).periods)).toBe(total(before('end', 'month')));
  });

  test('of a running total are its rise from hour to hour, resets with it', async () => {
    for (const every of ['hour', 'day', 'month'])
      expect([every, told(await ask('total', every))]).toEqual([every, told({ periods: before('total', every) })]);
    const doubts = (await ask('total', 'day')).periods.flatMap(({ period, doubts: why }) =>
      why.length > 0 ? [period] : [],
    );
    expect(doubts).toEqual(['2026-01-09']);
  });

  test('are in the same hours from observations by the interval, which end where hours do and not where single readings do', async () => {
    const span = ['2026-01-06T00:00:00Z', '2026-01-16T00:00:00Z'] as const;
    for (const site of ['end', 'labels'] as const) {
      const { observations, keptSince } = await intervals(site, '1h', span);
      const { periods } = await ask(site, 'hour', [...span]);
      expect(observations.map(({ time, value }) => [time, value])).toEqual(
        periods.map(({ from, in: passed }) => [from, passed]),
      );
      expect([site, observations.length]).toEqual([site, 240]);
      // They are all there, and the oldest of them are about to go.
      expect(keptSince).toBe('2026-01-11T00:00:00.000Z');
      expect((await intervals(site, '1h', ['2026-01-11T00:00:00Z', span[1]])).keptSince).toBeNull();
      const counts = await intervals(site, '1h', span, 'count');
      // The first single reading is about the last interval of an hour that is booked whole: one hour has an interval more.
      expect(counts.observations.reduce((sum, { value }) => sum + value, 0)).toBe(site === 'end' ? 240 * 6 + 1 : 240);
    }
    const [most] = (await intervals('end', '1d', ['2026-01-07T00:00:00Z', '2026-01-08T00:00:00Z'], 'max')).observations;
    expect(most).toMatchObject({ value: 23, count: 144 });
  });

  test('are not there by intervals of less than an hour, and the answer says since when it has any', async () => {
    const { observations, keptSince } = await intervals('end', '10m', ['2026-01-13T12:00:00Z', '2026-01-14T12:00:00Z']);
    expect(observations[0]?.time).toBe('2026-01-13T23:50:00.000Z');
    expect(keptSince).toBe('2026-01-14T00:00:00.000Z');
    expect((await intervals('end', '10m', ['2026-01-14T00:00:00Z', '2026-01-14T12:00:00Z'])).keptSince).toBeNull();
    const single = await house.ask('/api/v1/observations?device=end&from=2026-01-13T12:00:00Z&limit=1');
    expect(single.json).toMatchObject({
      keptSince: '2026-01-14T00:00:00.000Z',
      observations: [{ time: '2026-01-14T00:00:00.000Z' }],
    });
    const table = await house.ask(
      '/api/v1/observations?device=end&quantity=footfall_in&from=2026-01-13T12:00:00Z&limit=1',
      { accept: 'text/csv' },
    );
    expect(table.headers.get('Kerbside-Kept-Since')).toBe('2026-01-14T00:00:00.000Z');
    expect((await house.ask('/api/v1/observations/latest?device=end')).json).not.toHaveProperty('keptSince');
  });

  test('and then of the days, when retention has taken the hours too', async () => {
    await house.timeseries.prune(instant(BEGIN + 6 * DAY), 'hourly');
    for (const site of ['begin', 'labels'])
      for (const every of ['day', 'month'])
        expect([site, every, (await ask(site, every)).periods.map((row) => row.in)]).toEqual([
          site,
          every,
          before(site, every).map((row) => row.in),
        ]);
    const { periods } = await ask('begin', 'day');
    expect(periods.map(({ completeness }) => completeness)).toEqual(Array(12).fill(1));
    const first = ['2026-01-05T00:00:00Z', '2026-01-17T00:00:00Z'] as const;
    const byDay = await intervals('labels', '1d', first);
    expect(byDay.observations.map(({ value }) => value)).toEqual(before('labels', 'day').map((row) => row.in));
    expect(byDay.keptSince).toBeNull();
    const byHour = await intervals('labels', '1h', first);
    expect(byHour.observations[0]?.time).toBe(byHour.keptSince);
    expect(byHour.keptSince).toBe('2026-01-11T00:00:00.000Z');
    const hours = await ask('begin', 'hour', ['2026-01-06', '2026-01-07']);
    expect(hours.periods.every((row) => row.in === null)).toBe(true);
    expect(hours.unbooked).toMatchObject([{ passages: before('begin', 'day')[1]?.in, doubt: null }]);
    // Which minutes of an hour had a frame days do not say: what the total knows of one that was lost is a difference.
    const { differences } = await ask('both', 'day');
    expect(differences).toMatchObject([{ periods: 1_719, total: 1_720 }]);
  });

  test('of a running total in days lack what it rose by in its first day, and before it was reset: what it showed then is not kept', async () => {
    const sum = (all: readonly Period[]): number => all.reduce((total, row) => total + (row.in ?? 0), 0);
    const { periods, unbooked } = await ask('total', 'month');
    const lost = until(23) - until(0) + (until(99) - until(95));
    expect(sum(periods) + unbooked.reduce((total, one) => total + one.passages, 0)).toBe(
      sum(before('total', 'month')) - lost,
    );
    expect(periods.map(({ doubts }) => doubts)).toEqual([['reset', 'rollover-unseen']]);
  });
});
