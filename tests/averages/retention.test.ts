import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deviceId,
  Flag,
  instant,
  iso,
  measured,
  siteId,
  type JudgedReading,
} from '../../device-profiles/vocabulary/index.ts';
import { DAY_MS } from '../../infra/timeseries/days.ts';
import { HOUR_MS, MINUTE_MS } from '../../infra/timeseries/hours.ts';
import { openHouse, type House } from '../dashboard/house.ts';

const BEGIN = Date.UTC(2026, 0, 5);
const DAYS = 12;
const TEN = 10 * MINUTE_MS;

const reading = (time: number, value: number): JudgedReading => ({
  device: deviceId('aq-1'),
  site: siteId('street'),
  borough: null,
  time: instant(time),
  receivedAt: instant(time),
  observations: [{ quantity: 'pm2_5', value: measured(value), raw: value, flag: Flag.pass }],
});

/** Six values an hour but for one hour of the second day, which has one, and the third day, which has ten hours. */
const isSaid = (time: number): boolean => {
  const [day, hour, minute] = [
    Math.floor((time - BEGIN) / DAY_MS),
    new Date(time).getUTCHours(),
    new Date(time).getUTCMinutes(),
  ];
  return (day !== 1 || hour !== 7 || minute === 0) && (day !== 2 || hour < 10);
};
const valueAt = (time: number): number =>
  Math.floor((time - BEGIN) / DAY_MS) === 1 && new Date(time).getUTCHours() === 7
    ? 500
    : 20 + Math.floor((time - BEGIN) / HOUR_MS) / 10;

let house: House;
interface Row {
  readonly time: string;
  readonly value: number;
  readonly capture: number;
  readonly valid: boolean;
  readonly coarse: boolean;
}
const rowsOf = async (route: 'averages' | 'objectives', query: string): Promise<readonly Row[]> => {
  const { status, json } = await house.ask(`/api/v1/${route}?${query}`);
  expect([status, query]).toEqual([200, query]);
  return (json as Readonly<Record<string, readonly Row[]>>)[route] ?? [];
};
const DAYS_ASKED = `device=aq-1&quantity=pm2_5&period=day&from=2026-01-05&to=2026-01-17&limit=100`;
const exceeded = async () =>
  (await rowsOf('objectives', 'site=street&year=2026')).find(
    (row) => 'objective' in row && row.objective === 'who-pm2_5-day',
  );

let before: readonly Row[] = [];
let standing: unknown;
beforeAll(async () => {
  house = await openHouse();
  house.setNow(instant(BEGIN));
  await house.registry.addSite({ id: 'street' });
  await house.registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical', site: 'street' });
  house.setNow(instant(BEGIN + DAYS * DAY_MS));
  const times = Array.from({ length: (DAYS * DAY_MS) / TEN }, (_, place) => BEGIN + place * TEN).filter(isSaid);
  await house.timeseries.write(times.map((time) => reading(time, valueAt(time))));
  while ((await house.timeseries.rollUp()) > 0);
  [before, standing] = [await rowsOf('averages', DAYS_ASKED), await exceeded()];
  await house.timeseries.prune(instant(BEGIN + 9 * DAY_MS), 'raw');
  await house.timeseries.prune(instant(BEGIN + 6 * DAY_MS), 'hourly');
}, 60_000);
afterAll(() => house.close());

describe('daily means whose hours retention has taken', () => {
  test('are those of the days that stay, and say so', async () => {
    const rows = await rowsOf('averages', DAYS_ASKED);
    expect(rows.map(({ time, coarse }) => [time, coarse])).toEqual(
      Array.from({ length: DAYS }, (_, day) => [iso(instant(BEGIN + day * DAY_MS)), day < 6]),
    );
    const whole = (all: readonly Row[]) =>
      all
        .filter((_, day) => day !== 1)
        .map(({ value, capture, valid }) => ({
          value: Math.round(value * 1e9),
          capture: Math.round(capture * 1e9),
          valid,
        }));
    expect(whole(rows)).toEqual(whole(before));
    expect(before.map(({ valid }) => valid)).toEqual([true, true, false, ...Array<boolean>(9).fill(true)]);
  });

  test('have in them the hours that were measured too little, because which those were is not kept', async () => {
    const [then, now] = [before[1], (await rowsOf('averages', DAYS_ASKED))[1]];
    expect(then).toMatchObject({ coarse: false, capture: 23 / 24 });
    expect(now?.value).toBeCloseTo(((then?.value ?? 0) * 23 + 500) / 24, 9);
    expect(now).toMatchObject({ coarse: true, valid: true, capture: 139 / 144 });
  });

  test('are held against the objectives of days; a year has only the hours that are there', async () => {
    expect(await exceeded()).toEqual(standing);
    expect(standing).toMatchObject({ exceedances: 11, allowed: 3, exceeded: true });
    const [year] = await rowsOf('averages', 'device=aq-1&quantity=pm2_5&period=year&from=2026-01-01');
    expect(year).toMatchObject({ capture: (6 * 24) / 8_760, valid: false, coarse: false });
  });
});
