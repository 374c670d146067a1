import { afterAll, beforeAll } from 'vitest';
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

export const HOUR = 3_600_000;
/** Midnight in GMT, of a summer's day: on the clocks of the street it is one o'clock. */
export const midnight = Date.parse('2026-07-15T00:00:00Z');
const at = (minutes: number): Instant => instant(midnight + minutes * 60_000);
/** So many hours after midnight. */
export const hour = (n: number): string => new Date(midnight + n * HOUR).toISOString();
/** A value that passed. */
export const good = (
  quantity: 'no2' | 'o3' | 'pm2_5' | 'footfall_in',
  value: number,
  extra: Partial<Judged> = {},
): Judged => ({ quantity, value: measured(value), raw: value, flag: 1, ...extra });
/** One reading, so many minutes after midnight. */
export const reading = (device: string, site: string, minute: number, observations: Judged[]): JudgedReading => ({
  device: deviceId(device),
  site: siteId(site),
  borough: null,
  time: at(minute),
  receivedAt: at(minute + 1),
  observations,
});
/** A value each ten minutes, as the canonical profile promises, in the hours from one to before another. */
export const tens = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) * 6 }, (_, i) => from * 60 + i * 10);

type Row = Record<string, unknown>;
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

/** Two sensors at the A6, one at the A56 and one at a quiet place, over thirty hours of a day in July. */
const prepare = async (house: House): Promise<void> => {
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
};

/** The house above, for all tests of a file, and what reads its answers. */
export const averagesHouse = () => {
  let house!: House;
  beforeAll(async () => {
    house = await openHouse();
    await prepare(house);
  });
  afterAll(() => house.close());
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
  return { house: () => house, page, all };
};

/** The day, as a query. */
export const day = `from=${hour(0)}&to=${hour(24)}`;
