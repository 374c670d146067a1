import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  deviceId,
  instant,
  iso,
  measured,
  siteId,
  type Instant,
  type Judged,
  type JudgedReading,
} from '../../device-profiles/vocabulary/index.ts';
import { HOUR_MS } from '../../infra/timeseries/hours.ts';
import { columns, compared, DERIVED, MEASURED, recorded, samplesOf, timeOf } from '../averages/marylebone.ts';
import { needsRecording } from '../servers/needs.ts';
import { openHouse, type House } from './house.ts';

type Row = Record<string, unknown>;
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;
const rowsIn = (value: unknown): Row[] => (Array.isArray(value) ? value.filter(isRow) : []);

needsRecording(MEASURED, DERIVED)('half a year at Marylebone Road, stored and asked for by HTTP', () => {
  const files = recorded();
  const [from, to] = [timeOf(files.derived[0]), instant(timeOf(files.derived.at(-1)) + HOUR_MS)];
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
    await house.registry.addDevice({
      id: 'my-1',
      profile: 'kerbside/canonical',
      site: 'marylebone',
      variables: { every: '1h' },
    });
    const readings = new Map<Instant, Judged[]>();
    for (const column of columns) {
      for (const { time, value } of samplesOf(files, column))
        readings.set(time, [
          ...(readings.get(time) ?? []),
          { quantity: column.pollutant, value: measured(value), raw: value, flag: 1 },
        ]);
    }
    const device = { device: deviceId('my-1'), site: siteId('marylebone'), borough: null };
    const whole = [...readings].map(([time, observations]): JudgedReading => ({
      ...device,
      time,
      receivedAt: time,
      observations,
    }));
    for (let first = 0; first < whole.length; first += 1_000)
      await house.timeseries.write(whole.slice(first, first + 1_000));
  });
  afterAll(() => house.close());

  test('gives the derived file hour by hour', async () => {
    const hours = new Map<string, Row>();
    let pages = 0;
    for (let cursor = ''; ; pages += 1) {
      const { json, text } = await house.ask(
        `/api/v1/indices?site=marylebone&from=${iso(from)}&to=${iso(to)}${cursor}`,
      );
      if (!isRow(json) || !Array.isArray(json['indices'])) throw new Error(text);
      for (const row of rowsIn(json['indices'])) hours.set(String(row['time']), row);
      if (typeof json['next'] !== 'string') break;
      cursor = `&cursor=${json['next']}`;
    }
    const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
    const { counts, differing, words } = compared(files, (time) => {
      const row = hours.get(iso(time));
      return {
        index: numberOrNull(row?.['index']),
        of: (pollutant) => {
          const part = rowsIn(row?.['pollutants']).find(
            (each) => each['quantity'] === pollutant && each['valid'] === true,
          );
          return part === undefined ? undefined : { value: Number(part['value']), index: numberOrNull(part['index']) };
        },
      };
    });
    process.stdout.write(`Marylebone, by HTTP in ${pages + 1} pages: ${words}\n`);
    expect(differing).toEqual([]);
    expect([hours.size, counts.hours]).toEqual([4_344, 4_344]);
  });
});
