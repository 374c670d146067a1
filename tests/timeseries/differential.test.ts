import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant, type JudgedReading } from '../../device-profiles/vocabulary/index.ts';
import { aggregates, type Bucket, type Selection, type TimeSeries } from '../../infra/timeseries/contract.ts';
import { wholeRange, type TimeSeriesPlace } from '../contracts/timeseries.ts';
import { needs, startInfluxdb, type InfluxdbServer } from '../servers/index.ts';
import { readingsEvery, rounded, selections } from './arbitrary.ts';
import { influxPlace, modelPlace, sqlitePlaceWith } from './places.ts';
import { after, DAY, HOUR, MINUTE, NOON } from './readings.ts';

const readings = readingsEvery(7 * MINUTE);

type Step =
  | { readonly kind: 'write'; readonly batch: readonly JudgedReading[] }
  | { readonly kind: 'restart' }
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
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
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

/** What a step answers; sums of the same numbers in another order may differ in their last digits. */
const take = async (series: TimeSeries, step: Exclude<Step, { kind: 'restart' }>, tells: boolean): Promise<unknown> => {
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
  return undefined;
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

/** Takes the same steps in a place and in the model, and compares each answer. Answers how many answers there were. */
const walk = async (make: () => Promise<TimeSeriesPlace>, taken: readonly Step[]): Promise<number> => {
  const [place, truth] = [await make(), await modelPlace()()];
  let [series, model] = [await place.open(), await truth.open()];
  let compared = 0;
  try {
    for (const step of taken) {
      if (step.kind === 'restart') {
        [series, model] = [await place.open(), await truth.open()];
        continue;
      }
      expect({ step, answer: await take(series, step, place.tells) }).toEqual({
        step,
        answer: await take(model, step, place.tells),
      });
      compared += 1;
    }
    expect(await wholeRange(series)).toEqual(await wholeRange(model));
    return compared;
  } finally {
    await place.remove();
  }
};

const sameAsTheModel = async (make: () => Promise<TimeSeriesPlace>, numRuns: number): Promise<void> => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      compared += await walk(make, taken);
    }),
    { numRuns },
  );
  expect(compared).toBeGreaterThan(numRuns);
};

describe('whatever is written and asked, in whatever order', () => {
  test.each([0, 7, 40_000])('SQLite answers as the model does, with %i recent readings', async (recentRows) => {
    await expect(sameAsTheModel(sqlitePlaceWith({ recentRows }), 40)).resolves.toBeUndefined();
  });

  test('a model with a mistake is found out', async () => {
    await expect(sameAsTheModel(modelPlace('latest is the last to arrive'), 200)).rejects.toThrow(/Property failed/);
  });
});

needs('influxd')('whatever is written and asked of InfluxDB', () => {
  let influx: InfluxdbServer;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());

  test('InfluxDB answers as the model does', async () => {
    await expect(sameAsTheModel(() => influxPlace(influx.url), 25)).resolves.toBeUndefined();
  });
});
