import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../device-profiles/catalogue.ts';
import { DeviceSeries, type Held } from '../../device-profiles/quality/series.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import {
  absent,
  deviceId,
  instant,
  measured,
  profileId,
  uplinkId,
  type Instant,
  type JudgedReading,
  type Measurement,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { openBench } from '../../ingest/judge.ts';
import { plainPlan } from '../../ingest/judge/plans.ts';
import type { NormalisedReading } from '../../ingest/steps.ts';
import type { TimeSeriesPlace } from '../contracts/timeseries.ts';
import { needs, startInfluxdb, type InfluxdbServer } from '../servers/index.ts';
import { influxPlace, sqlitePlace } from '../timeseries/places.ts';

const START = Date.UTC(2026, 0, 1);
const registry = {
  devices: () => [],
  deployments: () => [],
  quality: () => [],
  site: () => undefined,
  onChange: () => () => {},
};
const quantities = [
  'no2',
  'o3',
  'pm1',
  'pm2_5',
  'pm10',
  'temperature',
  'pressure',
  'footfall_in',
] as const satisfies QuantityId[];

let catalogue: OpenCatalogue;
let profiles: readonly Profile[];
beforeAll(async () => {
  catalogue = await openCatalogue([ownCatalogue]);
  profiles = ['earthsense/zephyr', 'kerbside/canonical'].flatMap((id) => catalogue.get(profileId(id)) ?? []);
});
afterAll(() => catalogue.close());

/** Few different values, so that lines are flat and fractions the same; some that cannot be, some absent. */
const value = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 1, 12, 12, 12, 12.0004, 13, 40, 700).map(measured) },
  { weight: 1, arbitrary: fc.constantFrom(-1000, 1e6).map(measured) },
  { weight: 1, arbitrary: fc.constantFrom('missing' as const, 'fault' as const).map(absent) },
);
const reading = fc.dictionary(fc.constantFrom(...quantities), value, { minKeys: 1, maxKeys: 5 });
/** Seconds, minutes, a silence, and hours of it. */
const step = fc.constantFrom(10, 60, 60, 60, 300, 600, 600, 2400, 20_000);
const story = fc.array(fc.record({ step, reading, disbelieved: fc.constantFrom(false, false, false, true) }), {
  minLength: 3,
  maxLength: 40,
});
/** How they arrive: a place in a shuffle, how many come together, and whether the process starts anew before them. */
const arrival = fc.record({
  shuffle: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 }),
  disorder: fc.constantFrom(0, 3, 40),
  together: fc.integer({ min: 1, max: 7 }),
  restarts: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
  twice: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
});

const measurementsOf = (values: Record<string, Measurement['value']>): Measurement[] =>
  quantities.flatMap((quantity) => {
    const found = new Map(Object.entries(values)).get(quantity);
    return found === undefined ? [] : [{ quantity, value: found, raw: found.kind === 'measured' ? found.value : null }];
  });

const line = (time: number, { quantity, value, flag, reason }: JudgedReading['observations'][number]): string =>
  [time, quantity, value.kind === 'measured' ? value.value : value.reason, flag, reason ?? ''].join(' ');

/** All of it at once, in order of time. */
const atOnce = (readings: readonly NormalisedReading[]): readonly string[] => {
  const series = new DeviceSeries<Instant>(() => {});
  const held: Held<Instant>[] = [];
  for (const { time, observations, profile, disbelieved } of readings)
    held.push(
      series.next({ of: time, time, observations, disbelieved: disbelieved !== undefined }, plainPlan(profile)),
    );
  return held.flatMap(({ time, judged }) => judged.map((one) => line(time, one))).sort();
};

/** As it comes, through a real store. */
const asItComes = async (
  readings: readonly NormalisedReading[],
  { timeseries, tells }: { readonly timeseries: TimeSeries; readonly tells: boolean },
  how: { together: number; restarts: readonly boolean[]; twice: readonly boolean[] },
): Promise<readonly string[]> => {
  let judge = openBench({ registry, timeseries }).judge();
  for (let from = 0; from < readings.length; from += how.together) {
    if (how.restarts[from] === true) judge = openBench({ registry, timeseries }).judge();
    const batch = readings.slice(from, from + how.together);
    for (let again = how.twice[from] === true ? 2 : 1; again > 0; again -= 1) {
      const { judged, corrections, settle } = await judge(batch);
      expect(judged).toHaveLength(batch.length);
      const written = await timeseries.write([...judged.map((one) => one.reading), ...corrections]);
      settle();
      if (tells && again === 1 && how.twice[from] === true)
        expect(new Set(written), 'a batch again changes nothing').toEqual(new Set(['duplicate']));
    }
  }
  const { observations } = await timeseries.range({ limit: 10_000 });
  return observations.map((one) => `${one.device} ${line(one.time, one)}`).sort();
};

/** What the flags in a store are in the end, tried so often; at least so many must be of a test that looks at others. */
const flagsInStore = (
  name: string,
  make: () => Promise<TimeSeriesPlace>,
  { runs: wantedRuns, flags }: { readonly runs: number; readonly flags: number },
): void => {
  it(
    `the flags in ${name} are those of the whole series judged at once, in whatever order its readings came`,
    { timeout: 180_000 },
    async () => {
      let [runs, flagged] = [0, 0];
      await fc.assert(
        fc.asyncProperty(story, arrival, fc.constantFrom(0, 1), async (told, how, which) => {
          const profile = profiles[which];
          if (profile === undefined) throw new Error('the catalogue has lost a profile');
          let time = START;
          const inOrder = told.map((one, index): NormalisedReading => {
            time += one.step * 1000;
            const uplink = {
              id: uplinkId(String(index).padStart(22, 'q')),
              redelivered: false,
              connector: 'mqtt' as const,
              device: { by: 'id' as const, value: deviceId('q-1') },
              receivedAt: instant(time),
              payload: new Uint8Array(),
            };
            return {
              entry: { seq: index, uplink },
              profile,
              device: deviceId('q-1'),
              site: null,
              borough: null,
              time: instant(time),
              receivedAt: instant(time),
              observations: measurementsOf(one.reading),
              ...(one.disbelieved ? { disbelieved: instant(0) } : {}),
            };
          });
          const arriving = inOrder
            .map((one, index) => ({ one, key: index + (how.shuffle[index] ?? 0) * how.disorder }))
            .sort((a, b) => a.key - b.key)
            .map(({ one }) => one);
          runs += 1;
          const place = await make();
          try {
            const timeseries = await place.open();
            const wanted = atOnce(inOrder);
            flagged += wanted.filter((text) =>
              / [34] (warm-up|flat-line|spike|plausibility|rate-of-change)$/.test(text),
            ).length;
            // Two devices that say the same, so that what lies around them is read together.
            const both = arriving.flatMap((one) => [one, { ...one, device: deviceId('q-2') }]);
            const found = await asItComes(both, { timeseries, tells: place.tells }, how);
            expect(found.filter((text) => text.startsWith('q-1 ')).map((text) => text.slice(4))).toEqual(wanted);
            expect(found.filter((text) => text.startsWith('q-2 ')).map((text) => text.slice(4))).toEqual(wanted);
            expect(found).toHaveLength(2 * wanted.length);
          } finally {
            await place.remove();
          }
        }),
        { numRuns: wantedRuns },
      );
      expect(runs).toBeGreaterThanOrEqual(wantedRuns);
      expect(flagged).toBeGreaterThan(flags);
    },
  );
};

flagsInStore('SQLite', sqlitePlace, { runs: 80, flags: 100 });

needs('influxd')('InfluxDB 1.6', () => {
  let influx: InfluxdbServer;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());
  // Each run is a database of its own, and each batch a request or two.
  flagsInStore('InfluxDB', () => influxPlace(influx.url), { runs: 25, flags: 25 });
});
