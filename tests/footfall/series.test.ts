import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import { compare, baselineOf } from '../../infra/footfall/compare.ts';
import { dayOf, periodAt, periodName } from '../../infra/footfall/civil-time.ts';
import { presenceOf, resetBefore } from '../../infra/footfall/presence.ts';
import { seriesOf, type Row, type Series } from '../../infra/footfall/series.ts';
import { at, HOUR, hoursLater, MINUTE, passagesOf, rules, samples, span, stream } from './streams.ts';

const begin = '2026-01-15T08:00:00Z';
const morning = span(begin, '2026-01-15T13:00:00Z');
const totals = ({ rows }: Series) => rows.map(({ total }) => total);
const shares = ({ rows }: Series) => rows.map(({ completeness }) => completeness);
const unbooked = (series: Series) =>
  series.unbooked.map(({ from, to, passages, doubt }) => [
    iso(from).slice(11, 16),
    iso(to).slice(11, 16),
    passages,
    doubt,
  ]);

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

describe('period counts beside a running total', () => {
  const both = (periods: readonly (readonly [number, number])[], total: readonly (readonly [number, number])[]) =>
    seriesOf([stream('all', { periods: samples(begin, periods), totals: samples(begin, total) })], morning);

  test('that agree are counted once', () => {
    const series = both(
      [
        [0, 9],
        [1, 30],
        [2, 20],
      ],
      [
        [0, 100],
        [1, 130],
        [2, 150],
      ],
    );
    expect([totals(series).slice(0, 2), series.differences]).toEqual([[30, 20], []]);
  });

  test('a frame that was lost is in the next total: its hour is known, because only one is uncovered', () => {
    const series = both(
      [
        [0, 9],
        [1, 30],
        [3, 25],
      ],
      [
        [0, 100],
        [1, 130],
        [3, 175],
      ],
    );
    expect(totals(series).slice(0, 3)).toEqual([30, 20, 25]);
    expect(shares(series).slice(0, 3)).toEqual([1, 1, 1]);
    expect([series.unbooked, series.differences]).toEqual([[], []]);
  });

  test('of two lost frames the total gives one stretch, not two hours', () => {
    const series = both(
      [
        [1, 30],
        [4, 25],
      ],
      [
        [1, 130],
        [4, 175],
      ],
    );
    expect(unbooked(series)).toEqual([['09:00', '11:00', 20, undefined]]);
    expect(totals(series)).toEqual([30, null, null, 25, null]);
  });

  test('where they disagree the period is used and the difference is told', () => {
    const series = both(
      [
        [0, 9],
        [1, 30],
        [2, 22],
      ],
      [
        [0, 100],
        [1, 130],
        [2, 150],
      ],
    );
    expect(totals(series).slice(0, 2)).toEqual([30, 22]);
    expect(series.differences).toMatchObject([
      { from: at('2026-01-15T09:00:00Z'), to: at('2026-01-15T10:00:00Z'), periods: 22, total: 20 },
    ]);
  });

  test('of a source that says when a period began, the total beside it is that at the end', () => {
    const said = {
      periods: samples(begin, [
        [0, 30],
        [2, 25],
      ]),
      totals: samples(begin, [
        [0, 130],
        [2, 175],
      ]),
    };
    const series = seriesOf([stream('all', said, rules({ labelled: 'begin' }))], morning);
    expect([totals(series).slice(0, 3), series.differences]).toEqual([[30, 20, 25], []]);
  });

  test('a reset of the total takes nothing from the periods and adds nothing to them', () => {
    const series = both(
      [
        [0, 9],
        [1, 30],
        [2, 40],
      ],
      [
        [0, 5_000],
        [1, 5_030],
        [2, 22],
      ],
    );
    expect([totals(series).slice(0, 2), series.rows.map(({ suspect }) => suspect), series.differences]).toEqual([
      [30, 40],
      [0, 0, 0, 0, 0],
      [],
    ]);
  });

  test('a frame that was sent twice under another time is counted once: the total stands still', () => {
    const minute = 1 / 60;
    const series = both(
      [
        [1, 30],
        [2, 20],
        [2 + minute, 20],
      ],
      [
        [1, 130],
        [2, 150],
        [2 + minute, 150],
      ],
    );
    expect([totals(series).slice(0, 3), series.leftOut]).toEqual([[30, 20, null], 1]);
  });

  test('whichever frames are lost and repeated, periods and filled gaps together are what the total rose by', () => {
    let gaps = 0;
    fc.assert(
      fc.property(
        fc.array(fc.record({ passages: fc.nat({ max: 5_000 }), heard: fc.integer({ min: 0, max: 2 }) }), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.nat({ max: 65_535 }),
        (hours, start) => {
          let passed = 0;
          const frames = hours.flatMap(({ passages, heard }, hour) => {
            passed += passages;
            const frame = { hour: hour + 1, passages, passed, total: (start + passed) % 65_536 };
            return Array.from({ length: heard }, () => frame);
          });
          // A silence of more than two hours could hide a roll-over of 16 bits: the next frame is heard then.
          const known = frames.filter(({ hour }, n) => n === 0 || hour - (frames[n - 1]?.hour ?? hour) <= 2);
          fc.pre(known.length === frames.length);
          const said = {
            periods: frames.map(({ hour, passages }) => ({ label: at(begin) + hour * HOUR, value: passages })),
            totals: frames.map(({ hour, total }) => ({ label: at(begin) + hour * HOUR, value: total })),
          };
          const series = seriesOf([stream('all', said)], span(begin, iso(hoursLater(at(begin), 41))));
          const first = frames[0];
          expect(passagesOf(series)).toBe(
            first === undefined ? 0 : (frames.at(-1)?.passed ?? 0) - first.passed + first.passages,
          );
          expect(series.differences).toEqual([]);
          for (const row of series.rows) expect(row.total === null || row.total >= 0).toBe(true);
          if (hours.some(({ heard }) => heard === 0)) gaps += 1;
        },
      ),
      { numRuns: 300 },
    );
    expect(gaps).toBeGreaterThan(50);
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

describe('who is inside', () => {
  const row = (from: string, net: number | null, completeness = 1): Row => ({
    ...periodAt(at(from), 'hour'),
    in: null,
    out: null,
    total: null,
    net,
    completeness,
    suspect: 0,
    doubts: [],
    edge: 0,
    spread: 0,
    coarse: 0,
  });
  const four = { resetHour: 4, minCompleteness: 0.75 };

  test('is in less out since four in the morning, and nobody at four', () => {
    const rows = [
      row('2026-01-15T02:00:00Z', 5),
      row('2026-01-15T03:00:00Z', 2),
      row('2026-01-15T04:00:00Z', 1),
      row('2026-01-15T05:00:00Z', -3),
    ];
    expect(presenceOf(rows, four)).toEqual([5, 7, 1, -2]);
  });

  test('is not known from an unknown hour on until the next reset', () => {
    const rows = [
      row('2026-01-15T02:00:00Z', 5),
      row('2026-01-15T03:00:00Z', null, 0),
      row('2026-01-15T04:00:00Z', 1),
      row('2026-01-15T05:00:00Z', 1, 0.2),
    ];
    expect(presenceOf(rows, four)).toEqual([5, null, 1, null]);
  });

  test('begins anew at that hour of UK clocks, summer and winter, and on the days on which they change', () => {
    const reset = (text: string, hour: number) => iso(resetBefore(at(text), hour));
    expect(reset('2026-07-01T12:00:00Z', 4)).toBe('2026-07-01T03:00:00.000Z');
    expect(reset('2026-01-15T03:59:00Z', 4)).toBe('2026-01-14T04:00:00.000Z');
    expect(reset('2026-01-15T04:00:00Z', 4)).toBe('2026-01-15T04:00:00.000Z');
    expect([reset('2019-03-31T12:00:00Z', 4), reset('2019-10-27T12:00:00Z', 4)]).toEqual([
      '2019-03-31T03:00:00.000Z',
      '2019-10-27T04:00:00.000Z',
    ]);
    // There is no 01:00 on that day: it is the moment of the change.
    expect(reset('2019-03-31T12:00:00Z', 1)).toBe('2019-03-31T01:00:00.000Z');
    expect(reset('2019-07-01T12:00:00Z', 0)).toBe('2019-06-30T23:00:00.000Z');
  });
});

describe('a day beside the one before', () => {
  const row = (text: string, total: number | null, completeness = 1): Row => ({
    ...periodAt(at(text), 'day'),
    in: null,
    out: null,
    total,
    net: null,
    completeness,
    suspect: 0,
    doubts: [],
    edge: 0,
    spread: 0,
    coarse: 0,
  });
  const name = (text: string, length: 'day' | 'week', baseline: 'last-week' | 'last-year') => {
    const found = baselineOf(periodAt(at(text), length), length, baseline);
    return found === undefined ? undefined : periodName(found, length);
  };

  test('is the same weekday a week ago, over a change of the clocks too', () => {
    expect(name('2019-04-03T12:00:00Z', 'day', 'last-week')).toBe('2019-03-27');
    expect(name('2019-04-01T12:00:00Z', 'week', 'last-week')).toBe('2019-W13');
  });

  test('is the same weekday of the same ISO week last year, not the same date', () => {
    expect(name('2019-12-21T12:00:00Z', 'day', 'last-year')).toBe('2018-12-22');
    expect(name('2019-12-30T12:00:00Z', 'day', 'last-year')).toBe('2018-12-31');
    expect(name('2019-12-21T12:00:00Z', 'week', 'last-year')).toBe('2018-W51');
    expect(name('2021-01-03T12:00:00Z', 'day', 'last-year')).toBeUndefined();
    expect(dayOf(at('2018-12-22T12:00:00Z')) - dayOf(at('2019-12-21T12:00:00Z'))).toBe(-364);
  });

  test('gives change and share; nothing where too little was counted, on either side, or nobody came before', () => {
    expect(compare(row('2026-01-15', 110), row('2026-01-08', 100), 0.75)).toMatchObject({
      change: 10,
      changeShare: 0.1,
      notCompared: null,
    });
    expect(compare(row('2026-01-15', 110, 0.74), row('2026-01-08', 100), 0.75)).toMatchObject({
      change: null,
      changeShare: null,
      notCompared: 'incomplete',
    });
    expect(compare(row('2026-01-15', 110), row('2026-01-08', 100, 0.5), 0.75)).toMatchObject({
      change: null,
      notCompared: 'before-incomplete',
    });
    expect(compare(row('2026-01-15', 110), row('2026-01-08', null, 0), 0)).toMatchObject({
      change: null,
      notCompared: 'before-incomplete',
    });
    expect(compare(row('2026-01-15', 5), row('2026-01-08', 0), 0.75)).toMatchObject({
      change: 5,
      changeShare: null,
      notCompared: null,
    });
    expect(compare(row('2021-01-03', 5), undefined, 0.75)).toMatchObject({ change: null, notCompared: 'no-such-week' });
  });
});
