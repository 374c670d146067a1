import { describe, expect, test } from 'vitest';
import { seriesOf } from '../../infra/footfall/series.ts';
import {
  at,
  begin,
  HOUR,
  MINUTE,
  morning,
  passagesOf,
  rules,
  samples,
  shares,
  span,
  stream,
  totals,
  unbooked,
} from './streams.ts';

describe('counts by hours', () => {
  test('a gap is booked in no hour: the count stands beside them, for the whole of the gap', () => {
    const series = seriesOf(
      [
        stream('all', {
          totals: samples(begin, [
            [0, 100],
            [1, 130],
            [4, 190],
            [5, 200],
          ]),
        }),
      ],
      morning,
    );
    expect(totals(series)).toEqual([30, null, null, null, 10]);
    expect(shares(series)).toEqual([1, 0, 0, 0, 1]);
    expect(unbooked(series)).toEqual([['09:00', '12:00', 60, undefined]]);
    expect(passagesOf(series)).toBe(100);
  });

  test('a gap of a counter that speaks each quarter is one too, though it is no longer than an hour', () => {
    const said = {
      totals: samples(begin, [
        [0.25, 100],
        [0.5, 110],
        [1.5, 150],
        [1.75, 155],
      ]),
    };
    const series = seriesOf(
      [stream('all', said, rules({ everyMs: 15 * MINUTE }))],
      span(begin, '2026-01-15T10:00:00Z'),
    );
    expect([totals(series), unbooked(series)]).toEqual([[10, 5], [['08:30', '09:30', 40, undefined]]]);
  });

  test('no hour is more than whole, whatever should have been counted', () => {
    const series = seriesOf([stream('all', { periods: samples(begin, [[1, 3]]) })], {
      ...span(begin, '2026-01-15T09:00:00Z'),
      expectedMs: () => HOUR / 2,
    });
    expect(shares(series)).toEqual([1]);
  });

  test('a gap is within its day, so the day has it, whole', () => {
    const series = seriesOf(
      [
        stream('all', {
          totals: samples(begin, [
            [0, 100],
            [1, 130],
            [4, 190],
            [5, 200],
          ]),
        }),
      ],
      span('2026-01-15', '2026-01-16', 'day'),
    );
    expect(series.rows).toMatchObject([{ total: 100, completeness: 5 / 24, spread: 0 }]);
    expect(series.unbooked).toEqual([]);
  });

  test('where a reader wants it spread, each hour says how much of it is', () => {
    const series = seriesOf(
      [
        stream('all', {
          totals: samples(begin, [
            [0, 100],
            [1, 130],
            [4, 191],
            [5, 201],
          ]),
        }),
      ],
      { ...morning, spread: true },
    );
    expect(series.rows.map(({ total, spread, completeness }) => [total, spread, completeness])).toEqual([
      [30, 0, 1],
      [20, 20, 0],
      [21, 21, 0],
      [20, 20, 0],
      [10, 0, 1],
    ]);
    expect(series.unbooked).toEqual([]);
  });

  test('an interval that reaches over the hour is booked whole where its middle lies, and marked', () => {
    const quarter = rules({ everyMs: 15 * MINUTE });
    const periods = [10, 25, 40, 55, 70].map((minute) => ({ label: at(begin) + minute * MINUTE, value: 4 }));
    const series = seriesOf(
      [stream('all', { periods }, quarter)],
      span('2026-01-15T07:00:00Z', '2026-01-15T10:00:00Z'),
    );
    // 07:55-08:10 has its middle after eight, 08:55-09:10 after nine.
    expect(series.rows.map(({ total, edge, completeness }) => [total, edge, completeness])).toEqual([
      [null, 0, 5 / 60],
      [16, 4, 1],
      [4, 4, 10 / 60],
    ]);
  });

  test('what nobody counted is null and never 0; an hour in which nobody came is 0', () => {
    const series = seriesOf(
      [
        stream('all', {
          periods: samples(begin, [
            [1, 0],
            [3, 7],
          ]),
        }),
      ],
      morning,
    );
    expect(totals(series)).toEqual([0, null, 7, null, null]);
  });

  test('in and out give total and net; an hour of which one is missing has no total', () => {
    const series = seriesOf(
      [
        stream('in', {
          periods: samples(begin, [
            [1, 10],
            [2, 5],
          ]),
        }),
        stream('out', { periods: samples(begin, [[1, 4]]) }),
      ],
      span(begin, '2026-01-15T10:00:00Z'),
    );
    expect(series.rows).toMatchObject([
      { in: 10, out: 4, total: 14, net: 6, completeness: 1 },
      { in: 5, out: null, total: null, net: null, completeness: 0 },
    ]);
  });
});

describe('what cannot be true', () => {
  test('is told with its reason, booked nowhere and spread nowhere', () => {
    const series = seriesOf(
      [
        stream('all', {
          totals: samples(begin, [
            [0, 100],
            [1, 40_000],
            [2, 40_010],
          ]),
        }),
      ],
      { ...morning, spread: true },
    );
    expect(totals(series)).toEqual([null, 10, null, null, null]);
    expect(unbooked(series)).toEqual([['08:00', '09:00', 39_900, 'too-fast']]);
  });

  test('a reset is counted, and its hour says how much of it is in doubt', () => {
    const series = seriesOf(
      [
        stream('all', {
          totals: samples(begin, [
            [0, 3_000],
            [1, 40],
            [2, 50],
          ]),
        }),
      ],
      morning,
    );
    expect(series.rows.slice(0, 2)).toMatchObject([
      { total: 40, suspect: 40, doubts: ['reset'] },
      { total: 10, suspect: 0, doubts: [] },
    ]);
  });
});
