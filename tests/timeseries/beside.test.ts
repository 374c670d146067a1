import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Observation } from '../../device-profiles/vocabulary/index.ts';
import type { RangeQuery, TimeSeries } from '../../infra/timeseries/contract.ts';
import { openTimeSeriesBeside } from '../../infra/timeseries/sqlite/beside.ts';
import { sqlitePlaceWith, type FilePlace } from './places.ts';
import { after, device, flagged, HOUR, MINUTE, pass, reading, site } from './readings.ts';

let place: FilePlace;
beforeEach(async () => {
  // Few rows wait, so that some have moved, some not, and some lie in both tables.
  place = await sqlitePlaceWith({ recentRows: 6 })();
});
afterEach(() => place.remove());

/** All pages of a question. */
const walk = async (
  series: Pick<TimeSeries, 'range'>,
  query: Omit<RangeQuery, 'limit'>,
  limit: number,
): Promise<readonly Observation[]> => {
  const all: Observation[] = [];
  for (let next: string | undefined; ;) {
    const page = await series.range({ ...query, limit, ...(next === undefined ? {} : { after: next }) });
    all.push(...page.observations);
    if (page.next === undefined) return all;
    next = page.next;
  }
};

test('whoever reads beside the server sees what it answers, page by page, while rows come, move, are corrected and withdrawn', async () => {
  const server = await place.open();
  const beside = openTimeSeriesBeside(place.file);
  const queries: Omit<RangeQuery, 'limit'>[] = [
    {},
    { devices: [device(2), device(1), device(2)] },
    { devices: [device(1)], from: after(3 * MINUTE), to: after(12 * MINUTE), quantities: ['no2'], maxFlag: 2 },
    { sites: [site('market')] },
    { devices: [device(9)] },
  ];
  let compared = 0;
  const same = async (): Promise<void> => {
    for (const query of queries)
      for (const limit of [1, 3, 1000]) {
        const expected = await walk(server, query, limit);
        expect(await walk(beside, query, limit)).toEqual(expected);
        compared += expected.length;
      }
  };
  await same();
  for (let minute = 0; minute < 20; minute += 1) {
    const number = (minute % 3) + 1;
    const where = number === 2 ? { site: site('market') } : {};
    await server.write([
      reading([pass('pm2_5', minute), flagged('no2', minute, minute % 2 === 0 ? 1 : 3)], {
        device: device(number),
        time: after(minute * MINUTE),
        ...where,
      }),
    ]);
    if (minute % 5 === 4)
      await server.write([
        reading([flagged('pm2_5', minute + 100, 3, 'spike')], {
          device: device(number),
          time: after(minute * MINUTE),
          ...where,
        }),
      ]);
    if (minute % 7 === 6)
      await server.withdraw([{ device: device(number), time: after(minute * MINUTE), quantities: ['no2', 'pm2_5'] }]);
    await same();
  }
  await server.write([reading([pass('pm2_5', 1)], { device: device(1), time: after(-HOUR) })]);
  await same();
  expect(compared).toBeGreaterThan(1000);
  await beside.close();
});

test('it changes nothing, finds nothing where there is no file, and refuses what is none of ours', async () => {
  const server = await place.open();
  await server.write([reading([pass('no2', 5)], { device: device(1) })]);
  await server.close();
  const before = readFileSync(place.file);
  const beside = openTimeSeriesBeside(place.file);
  expect((await beside.range({ devices: [device(1)], limit: 10 })).observations).toHaveLength(1);
  await beside.close();
  expect(readFileSync(place.file).equals(before)).toBe(true);
  const nothing = openTimeSeriesBeside(`${place.file}-none`);
  expect(await nothing.range({ limit: 10 })).toEqual({ observations: [] });
  await nothing.close();
  expect(() => openTimeSeriesBeside(join(import.meta.dirname, 'beside.test.ts'))).toThrow(
    expect.objectContaining({ code: 'sqlite-corrupt' }),
  );
});
