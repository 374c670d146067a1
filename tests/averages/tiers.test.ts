import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant, type DeviceId, type Instant, type JudgedReading } from '../../device-profiles/vocabulary/index.ts';
import { periods } from '../../infra/averages/periods.ts';
import { readHours, type HoursAsked } from '../../infra/averages/read.ts';
import { seriesOf } from '../../infra/averages/series.ts';
import { siteIndexHours } from '../../infra/averages/site-index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { hoursOf } from '../../infra/timeseries/hours.ts';
import { wholeRange, type TimeSeriesPlace } from '../contracts/timeseries.ts';
import { needs, startInfluxdb, type InfluxdbServer } from '../servers/index.ts';
import { readingsEvery, sites } from '../timeseries/arbitrary.ts';
import { influxPlace, sqlitePlaceWith } from '../timeseries/places.ts';
import { after, device, HOUR, MINUTE } from '../timeseries/readings.ts';

/** Over four days, with two in an hour now and then, so that some hours of a device that speaks hourly are valid. */
const readings = readingsEvery(37 * MINUTE, ['no2', 'o3', 'pm2_5', 'so2']);
const devices = [1, 2, 3].map((number) => device(number));
const expected = (id: DeviceId) => ({ everyMs: id === devices[0] ? HOUR : 20 * MINUTE, hourCapture: 0.5 });

interface Asked {
  readonly from: number;
  readonly hours: number;
  /** How far into its last hour the question reaches: the year that lasts is asked for up to now. */
  readonly minutes: number;
  readonly maxFlag: 2 | 3;
  readonly at: number;
}
const questions = fc.record({
  from: fc.integer({ min: -60, max: 30 }),
  hours: fc.integer({ min: 0, max: 60 }),
  minutes: fc.constantFrom(0, 0, 25),
  maxFlag: fc.constantFrom(2 as const, 3 as const),
  at: fc.nat({ max: 2 }),
});
type Step =
  | { readonly kind: 'write'; readonly batch: readonly JudgedReading[] }
  | { readonly kind: 'roll up' }
  | { readonly kind: 'ask'; readonly asked: Asked };
const anything: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('write' as const), batch: fc.array(readings, { maxLength: 25 }) }),
    },
    { weight: 3, arbitrary: fc.constant({ kind: 'roll up' as const }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), asked: questions }) },
  ),
  { minLength: 6, maxLength: 24 },
);

/** Asked at the end of every walk, so that all that was written is looked at, whatever was asked before. */
const atLast: Step = { kind: 'ask', asked: { from: -30, hours: 60, minutes: 0, maxFlag: 3, at: 2 } };
const steps = anything.map((taken) => [...taken, atLast]);

/** A store without hours: what `hours` gives is made of every single value. */
const rawOnly = (series: TimeSeries): Pick<TimeSeries, 'range' | 'hours' | 'days'> => ({
  range: (query) => series.range(query),
  days: async () => [],
  hours: async ({ from, to, ...selection }) => {
    const values = await wholeRange(series, { ...selection, from, to });
    const streams = Map.groupBy(values, ({ device, site, quantity }) => `${device} ${quantity} ${site ?? ''}`);
    return [...streams]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, [first, ...rest]]) => {
        if (first === undefined) return [];
        const { device, site, quantity } = first;
        const samples = [first, ...rest].flatMap(({ time, value }) =>
          value.kind === 'measured' ? [{ time, value: value.value }] : [],
        );
        return hoursOf(samples).map((hour) => ({ ...hour, device, site, quantity }));
      });
  },
});

/** All that averages and indices say of a span. */
const answersOf = async (
  timeseries: Pick<TimeSeries, 'range' | 'hours' | 'days'>,
  { from, hours, minutes, maxFlag, at }: Asked,
): Promise<readonly unknown[]> => {
  const span: { from: Instant; to: Instant } = {
    from: after(from * HOUR),
    to: after((from + hours) * HOUR + minutes * MINUTE),
  };
  const where = at === 2 ? {} : { sites: sites.slice(at, at + 1) };
  const asked: HoursAsked = { devices, quantities: ['no2', 'o3', 'pm2_5', 'so2'], maxFlag, ...span, ...where };
  const rows: unknown[] = inOrder(await readHours(timeseries, asked));
  for (const period of periods) {
    const series = await seriesOf({ timeseries, expected }, asked, period);
    rows.push(
      ...inOrder(series.flatMap(({ means, ...stream }) => means.map((mean) => ({ ...stream, period, ...mean })))),
    );
  }
  for (const site of sites)
    rows.push(...(await siteIndexHours({ timeseries, expected }, { site, devices, maxFlag, ...span })));
  return rows;
};

const inOrder = <
  Row extends {
    readonly device: string;
    readonly site: string | null;
    readonly quantity: string;
    readonly time: number;
  },
>(
  rows: readonly Row[],
): Row[] => rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
const keyOf = ({
  device,
  site,
  quantity,
  time,
}: {
  readonly device: string;
  readonly site: string | null;
  readonly quantity: string;
  readonly time: number;
}): string => `${device} ${site ?? ''} ${quantity} ${time + 1e15}`;

/** Answers how many rows were the same from the store's hours and from its values. */
const walk = async (
  make: () => Promise<TimeSeriesPlace>,
  taken: readonly Step[],
  spoil: (series: TimeSeries) => Pick<TimeSeries, 'range' | 'hours' | 'days'>,
): Promise<number> => {
  const place = await make();
  let compared = 0;
  try {
    const series = await place.open();
    for (const step of taken) {
      if (step.kind === 'write') await series.write(step.batch);
      else if (step.kind === 'roll up') await series.rollUp();
      else {
        const truth = await answersOf(rawOnly(series), step.asked);
        expect(await answersOf(spoil(series), step.asked)).toEqual(truth);
        compared += truth.length;
      }
    }
    return compared;
  } finally {
    await place.remove();
  }
};

const sameFromHours = async (
  make: () => Promise<TimeSeriesPlace>,
  numRuns: number,
  spoil: (series: TimeSeries) => Pick<TimeSeries, 'range' | 'hours' | 'days'> = (series) => series,
): Promise<void> => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      compared += await walk(make, taken, spoil);
    }),
    { numRuns, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(20 * numRuns);
};

describe('means and indices of whatever is written, late, corrected, flagged, at another site', () => {
  test.each([0, 40_000])(
    'are the same from the hours of SQLite as from its values, with %i recent readings',
    async (recentRows) => {
      await expect(sameFromHours(sqlitePlaceWith({ recentRows }), 25)).resolves.toBeUndefined();
    },
  );

  test('are other ones where an hour’s mean is its last value, which is found out', async () => {
    const wrong = (series: TimeSeries): Pick<TimeSeries, 'range' | 'hours' | 'days'> => ({
      range: (query) => series.range(query),
      days: async () => [],
      hours: async (query) =>
        (await series.hours(query)).map((hour) => (hour.count === 1 ? hour : { ...hour, mean: hour.last })),
    });
    await expect(sameFromHours(sqlitePlaceWith(), 60, wrong)).rejects.toThrow(/Property failed/);
  });
});

needs('influxd')('means and indices of whatever is written to InfluxDB', () => {
  let influx: InfluxdbServer;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());

  test('are the same from its hours as from its values', async () => {
    await expect(sameFromHours(() => influxPlace(influx.url), 8)).resolves.toBeUndefined();
  });
});

test('an hour that is cut has the values before the cut only', async () => {
  const place = await sqlitePlaceWith()();
  try {
    const series = await place.open();
    const value = (minute: number, number: number): JudgedReading => ({
      device: device(1),
      site: null,
      borough: null,
      time: after(minute * MINUTE),
      receivedAt: after(minute * MINUTE),
      observations: [{ quantity: 'no2', value: { kind: 'measured', value: number }, raw: number, flag: 1 }],
    });
    await series.write([value(0, 1), value(70, 10), value(80, 90), value(200, 1)]);
    await series.rollUp();
    const hours = await readHours(series, {
      devices,
      quantities: ['no2'],
      from: after(0),
      to: instant(after(75 * MINUTE)),
    });
    expect(hours.map(({ time, mean, count }) => [time, mean, count])).toEqual([
      [after(0), 1, 1],
      [after(HOUR), 10, 1],
    ]);
  } finally {
    await place.remove();
  }
});
