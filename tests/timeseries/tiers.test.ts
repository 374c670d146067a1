import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant, type JudgedReading } from '../../device-profiles/vocabulary/index.ts';
import { aggregates, type Selection, type Tier, type TimeSeries } from '../../infra/timeseries/contract.ts';
import { piecesOf } from '../../infra/timeseries/pieces.ts';

import { needs, startInfluxdb, type InfluxdbServer } from '../servers/index.ts';
import { digits, readingsEvery, rounded, selections } from './arbitrary.ts';
import { influxPlace, modelPlace, sqlitePlaceWith } from './places.ts';
import { after, DAY, HOUR, MINUTE } from './readings.ts';
import { sameAsTheModel, type Walk } from './walk.ts';

/** Over five days, several in an hour now and then. */
const EVERY = 53 * MINUTE;

type Step =
  | { readonly kind: 'write'; readonly batch: readonly JudgedReading[] }
  | { readonly kind: 'roll up' }
  | { readonly kind: 'prune'; readonly tier: Tier; readonly hours: number }
  | {
      readonly kind: 'aggregate' | 'hours' | 'days';
      readonly selection: Selection;
      readonly from: number;
      readonly hours: number;
      readonly everyHours: number;
      readonly which: number;
    };

const anything = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        batch: fc.array(readingsEvery(EVERY), { maxLength: 12 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
    { weight: 3, arbitrary: fc.constant({ kind: 'roll up' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('prune' as const),
        tier: fc.constantFrom<Tier>('raw', 'raw', 'hourly', 'daily'),
        hours: fc.double({ min: -40, max: 40, noNaN: true }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constantFrom('aggregate' as const, 'aggregate' as const, 'hours' as const, 'days' as const),
        selection: selections,
        from: fc.oneof(
          fc.integer({ min: -60, max: 40 }),
          fc.double({ min: -60, max: 40, noNaN: true }),
          fc.constantFrom(-36, -12, 12),
        ),
        hours: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(24, 48, 96)),
        everyHours: fc.constantFrom(0.5, 1, 1, 2, 7, 24, 24, 48),
        which: fc.nat({ max: aggregates.length - 1 }),
      }),
    },
  ),
  { minLength: 6, maxLength: 40 },
);

/** Asked at the end of every walk, so that what became of all that was written is looked at, whatever was asked before. */
const atLast: readonly Step[] = (['hours', 'days', 'aggregate'] as const).map((kind) => ({
  kind,
  selection: { maxFlag: 9 },
  from: -48,
  hours: 96,
  everyHours: 24,
  which: 0,
}));
const steps = anything.map((taken) => [...taken, ...atLast]);

const take = async (series: TimeSeries, step: Step, tells: boolean): Promise<readonly unknown[]> => {
  switch (step.kind) {
    case 'write':
      return (await series.write(step.batch)).filter(() => tells);
    case 'roll up':
      await series.rollUp();
      return [];
    case 'prune':
      return [await series.prune(instant(Math.round(after(step.hours * HOUR))), step.tier)].filter(() => tells);
    case 'aggregate':
    case 'hours':
    case 'days':
      return asked(series, step);
  }
  return [];
};

const asked = async (
  series: TimeSeries,
  { kind, selection, from, hours, everyHours, which }: Extract<Step, { which: number }>,
): Promise<readonly unknown[]> => {
  const begin = instant(Math.round(after(from * HOUR)));
  const span = { ...selection, from: begin, to: instant(begin + hours * HOUR) };
  if (kind === 'aggregate')
    return (
      await series.aggregate({ ...span, everyMs: everyHours * HOUR, aggregate: aggregates[which] ?? 'mean' })
    ).map(rounded);
  const { maxFlag = 3 } = selection;
  const found = kind === 'hours' ? await series.hours({ ...span, maxFlag }) : await series.days({ ...span, maxFlag });
  return found.map((row) => ({ ...row, mean: digits(row.mean), sum: digits(row.sum) }));
};

const walk: Walk<Step> = { steps, take };

describe('whatever is written in whatever order, late, corrected, pruned in any tier: hours, days and aggregates are those of the values', () => {
  test.each([0, 7, 40_000])('in SQLite, with %i recent readings', async (recentRows) => {
    await expect(
      sameAsTheModel(sqlitePlaceWith({ recentRows }), walk, Number(process.env['TIER_RUNS'] ?? 60)),
    ).resolves.toBeUndefined();
  });

  test.each(['makes hours once and for all', 'hours go with raw', 'hours forget where'] as const)(
    'a model that %s is found out',
    async (mistake) => {
      await expect(sameAsTheModel(modelPlace(mistake), walk, 300)).rejects.toThrow(/Property failed/);
    },
  );
});

needs('influxd')('whatever is written in whatever order', () => {
  let influx: InfluxdbServer;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());

  test('hours, days and aggregates from InfluxDB are those of the values', async () => {
    await expect(
      sameAsTheModel(() => influxPlace(influx.url), walk, Number(process.env['TIER_RUNS'] ?? 25)),
    ).resolves.toBeUndefined();
  });
});

test('pieces cover a span once and in order, and no tier is asked for what it has not got', () => {
  const counted = { raw: 0, hourly: 0, daily: 0 };
  const hours = fc.integer({ min: -100, max: 100 });
  fc.assert(
    fc.property(
      fc.record({
        from: fc.integer({ min: -100 * HOUR, max: 100 * HOUR }),
        length: fc.nat({ max: 150 * HOUR }),
        tier: fc.constantFrom<Tier>('raw', 'hourly', 'daily'),
      }),
      fc.record({
        floor: fc.integer({ min: -4, max: 4 }),
        older: fc.nat({ max: 3 }),
        until: hours,
        touched: fc.uniqueArray(hours, { maxLength: 12 }),
      }),
      ({ from, length, tier }, { floor, older, until, touched }) => {
        const extent = {
          hourlyFrom: floor * DAY,
          dailyFrom: (floor - older) * DAY,
          until: until * HOUR,
          touched: touched.toSorted((a, b) => a - b).flatMap((hour) => (hour < until ? [instant(hour * HOUR)] : [])),
        };
        const pieces = piecesOf({ from: instant(from), to: instant(from + length), tier }, extent);
        let at = from;
        for (const piece of pieces) {
          expect(piece.from === at).toBe(true);
          at = piece.to;
          counted[piece.tier] += 1;
          if (piece.tier === 'raw') continue;
          const width = piece.tier === 'hourly' ? HOUR : DAY;
          const floor = piece.tier === 'hourly' ? extent.hourlyFrom : extent.dailyFrom;
          expect([
            Math.abs(piece.from % width),
            Math.abs(piece.to % width),
            piece.from < floor,
            piece.to > extent.until,
          ]).toEqual([0, 0, false, false]);
          expect(extent.touched.filter((hour) => hour >= piece.from && hour < piece.to)).toEqual([]);
        }
        expect(at === from + length).toBe(true);
      },
    ),
    { numRuns: 3_000 },
  );
  expect(Math.min(...Object.values(counted))).toBeGreaterThan(50);
});
