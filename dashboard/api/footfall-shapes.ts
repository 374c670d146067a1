import { Type, type Static } from 'typebox';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import { localIso, periodName, type PeriodLength } from '../../infra/footfall/civil-time.ts';
import { baselines, refusals, type Comparison } from '../../infra/footfall/compare.ts';
import { doubts } from '../../infra/footfall/count.ts';
import type { Row } from '../../infra/footfall/series.ts';
import { directions, subjects } from '../../infra/footfall/subject.ts';
import { numberOrNull, oneOf, time } from '../wire.ts';
import { closed } from './answers.ts';
import { Next } from './paging.ts';

/** How counts of passages look on the way out of the API. */

/** UCUM, as for all counts: passages, not different people. */
export const UNIT = '{count}';

const count = (description: string) => numberOrNull({ description });
const whole = (description: string) => Type.Integer({ minimum: 0, description });

/** A period, and what was counted in it. */
export const PeriodOut = closed({
  period: Type.String({ description: 'Its name: an hour of UK time with its offset, a day, an ISO week, a month' }),
  from: time('Beginning, UTC'),
  to: time('End, UTC: a day of UK time has 23, 24 or 25 hours'),
  localFrom: time('Beginning, UK time'),
  localTo: time('End, UK time'),
  unit: Type.String({ description: 'UCUM code. Passages, not different people' }),
  in: count('Null when not known'),
  out: count('Null when not known'),
  total: count('All directions; null when one of them is not known'),
  net: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'In less out' }),
  completeness: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'How much of the period was counted; of the directions, the one that knows least',
  }),
  suspect: whole('How many of the total are in doubt'),
  doubts: Type.Array(oneOf(doubts), { description: 'Why; docs/footfall.md says what each means' }),
  edge: whole('How many of the total are of intervals that reach over an end of the period'),
  spread: whole('How many of the total were spread over it from a longer stretch'),
  coarse: whole(
    'How many of the total are known by the hour or by the day only, because retention has taken the single readings',
  ),
});

/** The same in a list, with who is inside. */
export const RowOut = closed({
  ...PeriodOut.properties,
  presence: Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    description: 'Of hours: in less out since the last reset, at the end of the hour',
  }),
});

const stretch = { device: Type.String(), direction: oneOf(directions), from: time('UTC'), to: time('UTC') };
const UnbookedOut = closed({
  ...stretch,
  passages: Type.Integer({ minimum: 0 }),
  doubt: Type.Union([oneOf(doubts), Type.Null()]),
});
const DifferenceOut = closed({
  ...stretch,
  periods: Type.Integer({ minimum: 0 }),
  total: Type.Integer({ minimum: 0 }),
});

/** An answer of `GET /api/v1/footfall`. */
export const FootfallOut = closed({
  of: oneOf(subjects),
  devices: Type.Array(Type.String(), { description: 'Which counted, or should have' }),
  periods: Type.Array(RowOut),
  unbooked: Type.Array(UnbookedOut, {
    description: 'Counts of stretches that belong in no single period of the page: they are in none of its numbers',
  }),
  differences: Type.Array(DifferenceOut, {
    description: "Where the periods' counts and what the running total rose by disagree; the periods' counts are used",
  }),
  leftOut: whole(
    'Readings in the time asked for, and a week on either side, that say what cannot be, or the same again',
  ),
  next: Next,
});

/** A period beside the one that it is compared with. */
export const ComparisonOut = closed({
  ...PeriodOut.properties,
  before: Type.Union([PeriodOut, Type.Null()], { description: 'The period it is compared with' }),
  change: Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    description: 'Total less the total before; null when not compared',
  }),
  changeShare: numberOrNull({ description: '`change` as a share of the total before: 0.1 is a tenth more' }),
  notCompared: Type.Union([oneOf(refusals), Type.Null()], { description: 'Why not' }),
});

/** An answer of `GET /api/v1/footfall/compare`. */
export const ComparisonsOut = closed({
  of: oneOf(subjects),
  with: oneOf(baselines),
  comparisons: Type.Array(ComparisonOut),
  next: Next,
});

/** How a period goes out. */
export const periodOut = (row: Row, length: PeriodLength): Static<typeof PeriodOut> => ({
  period: periodName(row, length),
  from: iso(row.from),
  to: iso(row.to),
  localFrom: localIso(row.from),
  localTo: localIso(row.to),
  unit: UNIT,
  in: row.in,
  out: row.out,
  total: row.total,
  net: row.net,
  completeness: Math.round(row.completeness * 10_000) / 10_000,
  suspect: row.suspect,
  doubts: [...row.doubts],
  edge: row.edge,
  spread: row.spread,
  coarse: row.coarse,
});

/** How a comparison goes out. `length`: of its periods. */
export const comparisonOut = (
  { row, before, change, changeShare, notCompared }: Comparison,
  length: PeriodLength,
): Static<typeof ComparisonOut> => ({
  ...periodOut(row, length),
  before: before === undefined ? null : periodOut(before, length),
  change,
  changeShare: changeShare === null ? null : Math.round(changeShare * 10_000) / 10_000,
  notCompared,
});
