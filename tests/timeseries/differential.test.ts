import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant, type JudgedReading } from '../../device-profiles/vocabulary/index.ts';
import { aggregates, type Bucket, type Selection, type TimeSeries } from '../../infra/timeseries/contract.ts';
import { wholeRange } from '../contracts/timeseries.ts';
import { needs, startInfluxdb, type InfluxdbServer } from '../servers/index.ts';
import { readingsEvery, rounded, selections } from './arbitrary.ts';
import { influxPlace, modelPlace, sqlitePlaceWith } from './places.ts';
import { after, DAY, HOUR, MINUTE, NOON } from './readings.ts';
import { sameAsTheModel, type Walk } from './walk.ts';

const readings = readingsEvery(7 * MINUTE);

type Step =
  | { readonly kind: 'write'; readonly batch: readonly JudgedReading[] }
  | { readonly kind: 'prune'; readonly minute: number }
  | {
      readonly kind: 'range';
      readonly selection: Selection;
      readonly from: number;
      readonly minutes: number;
      readonly limit: number;
    }
  | { readonly kind: 'latest'; readonly selection: Selection; readonly days: number }
  | {
      readonly kind: 'aggregate';
      readonly selection: Selection;
      readonly from: number;
      readonly everyMinutes: number;
      readonly which: number;
    };

const minutes = fc.integer({ min: -300, max: 300 });
const anything: Walk<Step>['steps'] = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('write' as const), batch: fc.array(readings, { maxLength: 12 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('prune' as const), minute: fc.integer({ min: -300, max: 0 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('range' as const),
        selection: selections,
        from: minutes,
        minutes: fc.nat({ max: 500 }),
        limit: fc.integer({ min: 1, max: 40 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('latest' as const),
        selection: selections,
        days: fc.constantFrom(0, 30.9, 31, 31.1),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('aggregate' as const),
        selection: selections,
        from: minutes,
        everyMinutes: fc.constantFrom(5, 60, 97),
        which: fc.nat({ max: 5 }),
      }),
    },
  ),
  { minLength: 4, maxLength: 24 },
);

/** Asked at the end of every walk, so that all that was written is looked at, whatever was asked before. */
const atLast: readonly Step[] = [
  { kind: 'range', selection: {}, from: -300, minutes: 600, limit: 7 },
  { kind: 'latest', selection: {}, days: 0 },
  { kind: 'aggregate', selection: {}, from: -180, everyMinutes: 60, which: 0 },
];
const steps = anything.map((taken) => [...taken, ...atLast]);

/** What a step answers; sums of the same numbers in another order may differ in their last digits. */
const take = async (series: TimeSeries, step: Step, tells: boolean): Promise<readonly unknown[]> => {
  switch (step.kind) {
    case 'write':
      return (await series.write(step.batch)).filter(() => tells);
    case 'prune':
      return [await series.prune(after(step.minute * MINUTE))].filter(() => tells);
    case 'range':
      return wholeRange(
        series,
        { ...step.selection, from: after(step.from * MINUTE), to: after((step.from + step.minutes) * MINUTE) },
        step.limit,
      );
    case 'latest':
      return series.latest({ ...step.selection, now: instant(NOON + step.days * DAY) });
    case 'aggregate':
      return bucketsOf(series, step);
  }
  return [];
};

const bucketsOf = async (
  series: TimeSeries,
  { selection, from, everyMinutes, which }: Extract<Step, { kind: 'aggregate' }>,
): Promise<readonly Bucket[]> => {
  const query = {
    ...selection,
    from: after(from * MINUTE),
    to: after(from * MINUTE + 6 * HOUR),
    everyMs: everyMinutes * MINUTE,
  };
  return (await series.aggregate({ ...query, aggregate: aggregates[which] ?? 'mean' })).map(rounded);
};

const walk: Walk<Step> = { steps, take };

describe('whatever is written and asked, in whatever order', () => {
  test.each([0, 7, 40_000])('SQLite answers as the model does, with %i recent readings', async (recentRows) => {
    await expect(sameAsTheModel(sqlitePlaceWith({ recentRows }), walk, 40)).resolves.toBeUndefined();
  });

  test('a model with a mistake is found out', async () => {
    await expect(sameAsTheModel(modelPlace('latest is the last to arrive'), walk, 200)).rejects.toThrow(
      /Property failed/,
    );
  });
});

needs('influxd')('whatever is written and asked of InfluxDB', () => {
  let influx: InfluxdbServer;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());

  test('InfluxDB answers as the model does', async () => {
    await expect(sameAsTheModel(() => influxPlace(influx.url), walk, 25)).resolves.toBeUndefined();
  });
});
