import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../device-profiles/catalogue.ts';
import { DeviceSeries } from '../../device-profiles/quality/series.ts';
import type { Catalogue } from '../../device-profiles/profile.ts';
import { absent, measured, profileId, quantityOf, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { plainPlan } from '../../ingest/judge/plans.ts';
import { allObservations, counted, eventually, type ApiObservation } from '../faults/api.ts';
import { needsRecording, recording, startKerbside, type KerbsideServer } from '../servers/index.ts';

/** A recorded file, how it is replayed, and what its columns are: written down here a second time, on purpose. */
interface Recorded {
  readonly file: string;
  readonly map: string;
  readonly device: string;
  readonly site: string;
  readonly profile: string;
  readonly rows: number;
  /** Cells with the text `null`. */
  readonly absent: number;
  readonly timeOf: (cells: readonly string[]) => string;
  /** Position of the column -> quantity. */
  readonly columns: ReadonlyMap<number, QuantityId>;
}

const zephyrColumns = new Map<number, QuantityId>([
  [3, 'internal_temperature'],
  [4, 'internal_humidity'],
  [5, 'no2'],
  [6, 'o3'],
  [7, 'no'],
  [8, 'pm1'],
  [9, 'pm2_5'],
  [10, 'pm10'],
  [11, 'temperature'],
  [12, 'humidity'],
  [13, 'pressure'],
]);
/** The first column, ISO 8601; the replay goes by the second, epoch seconds. */
const zephyrTime = ([text = '']: readonly string[]): string => new Date(text).toISOString();
const footfallTime = (cells: readonly string[]): string => new Date(`${cells[6]} ${cells[7]}:00 UTC`).toISOString();

const files: readonly Recorded[] = [
  {
    file: 'air_quality/zephyr_four_banks_2021-01-25_to_31.csv',
    map: 'zephyr-four-banks.yaml',
    device: 'zephyr-four-banks',
    site: 'chorlton-four-banks',
    profile: 'earthsense/zephyr',
    rows: 9863,
    absent: 24,
    timeOf: zephyrTime,
    columns: zephyrColumns,
  },
  {
    file: 'air_quality/zephyr_sandy_lane_2021-12_rows1-1200.csv',
    map: 'zephyr-sandy-lane.yaml',
    device: 'zephyr-sandy-lane',
    site: 'chorlton-sandy-lane',
    profile: 'earthsense/zephyr',
    rows: 1200,
    absent: 102,
    timeOf: zephyrTime,
    columns: zephyrColumns,
  },
  {
    file: 'footfall/chorlton_footfall_2019_hourly.csv',
    map: 'footfall-chorlton-hourly.yaml',
    device: 'footfall-chorlton-place',
    site: 'chorlton-place',
    profile: 'springboard/counter',
    rows: 8760,
    absent: 0,
    timeOf: footfallTime,
    columns: new Map([
      [8, 'footfall_in'],
      [9, 'footfall_out'],
    ]),
  },
];

/**
 * The files have no comma, quote or line break inside of a cell: a reader as simple as this one has no fault to
 * share with the replay's.
 */
const cellsOf = (path: string): readonly (readonly string[])[] =>
  readFileSync(recording(path), 'utf8')
    .replace('\uFEFF', '')
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));

/** What the store must hold of a file, a line a value, sorted. The flags are those of the whole file judged at once. */
const expected = (
  { file, device, site, timeOf, columns, profile }: Recorded,
  catalogue: Catalogue,
): readonly string[] => {
  const plan = plainPlan(catalogue.get(profileId(profile)) ?? expect.fail(`no profile ${profile}`));
  const series = new DeviceSeries<readonly string[]>(() => {});
  const held = cellsOf(file).map((cells) => {
    const observations = [...columns].map(([index, quantity]) => {
      const raw = cells[index] === 'null' ? null : Number(cells[index]);
      return { quantity, value: raw === null ? absent('missing') : measured(raw), raw };
    });
    return series.next({ of: cells, time: Date.parse(timeOf(cells)), observations, disbelieved: false }, plan);
  });
  return held
    .flatMap(({ of: cells, judged }) =>
      judged.map(({ quantity, raw: value, flag }) => {
        return line({
          device,
          site,
          quantity,
          unit: quantityOf(quantity).unit,
          time: timeOf(cells),
          value,
          raw: value,
          flag,
        });
      }),
    )
    .sort();
};

const line = ({
  device,
  site,
  quantity,
  unit,
  time,
  value,
  raw,
  flag,
}: Omit<ApiObservation, 'receivedAt' | 'reason'>): string =>
  [device, site, quantity, unit, time, value, raw, flag].join(' ');

needsRecording(files[0]?.file ?? '', ...files.map(({ file }) => file))(
  'real files, replayed whole through a running server',
  () => {
    let server: KerbsideServer;
    let key: string;
    let catalogue: OpenCatalogue;
    beforeAll(async () => {
      catalogue = await openCatalogue([ownCatalogue]);
      server = await startKerbside();
      key = await server.createKey('viewer');
    });
    afterAll(async () => {
      await server.stop();
      await catalogue.close();
    });

    const replay = ({ file, map }: Recorded): Promise<unknown> =>
      server.cli('replay', recording(file), '--map', join(import.meta.dirname, '../../commands/replay/maps', map));
    const handled = (outcome: string): Promise<number> => counted(server, 'kerbside_uplinks_total', { outcome });
    const stored = (device: string): Promise<ApiObservation[]> =>
      allObservations(server, key, { device, from: '2018-01-01T00:00:00Z', to: '2023-01-01T00:00:00Z' });
    /** The pipeline has worked on all that the doors took. */
    const settled = async (messages: number): Promise<void> => {
      await eventually(
        'every message is handled',
        async () =>
          (await handled('stored')) + (await handled('duplicate')) + (await handled('quarantined')) >= messages,
        60_000,
      );
    };

    it.each(files)(
      '$file: each row is in the store, value by value, and null stays absent',
      { timeout: 120_000 },
      async (recorded) => {
        const before = (await handled('stored')) + (await handled('duplicate'));
        const report = await replay(recorded);
        expect(report).toMatchObject({
          rows: recorded.rows,
          sent: recorded.rows,
          acknowledged: recorded.rows,
          skipped: [],
          registered: 1,
          complete: true,
        });
        await settled(before + recorded.rows);

        const observations = await stored(recorded.device);
        expect(observations).toHaveLength(recorded.rows * recorded.columns.size);
        const wanted = expected(recorded, catalogue);
        expect(wanted).toHaveLength(recorded.rows * recorded.columns.size);
        expect(observations.map(line).sort()).toEqual(wanted);

        const missing = observations.filter(({ flag }) => flag === 9);
        expect(missing).toHaveLength(recorded.absent);
        expect(missing.every(({ value, raw, reason }) => value === null && raw === null && reason === 'missing')).toBe(
          true,
        );
      },
    );

    it('adds up to what the council published for the year', async () => {
      const observations = await stored('footfall-chorlton-place');
      expect(observations.reduce((sum, { value }) => sum + (value ?? 0), 0)).toBe(1_479_099);
    });

    it(
      'changes nothing when they are replayed a second time: all are duplicates, and counted as such',
      { timeout: 180_000 },
      async () => {
        const all = files.reduce((sum, { rows }) => sum + rows, 0);
        expect(await handled('stored')).toBe(all);
        expect(await handled('duplicate')).toBe(0);
        const before = await Promise.all(files.map(({ device }) => stored(device)));
        for (const recorded of files)
          expect(await replay(recorded)).toMatchObject({ acknowledged: recorded.rows, registered: 0 });
        await settled(2 * all);
        expect(await handled('stored')).toBe(all);
        expect(await handled('duplicate')).toBe(all);
        expect(await handled('quarantined')).toBe(0);
        expect(await Promise.all(files.map(({ device }) => stored(device)))).toEqual(before);
      },
    );
  },
);
