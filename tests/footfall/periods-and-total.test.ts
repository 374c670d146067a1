import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import { seriesOf } from '../../infra/footfall/series.ts';
import {
  at,
  begin,
  HOUR,
  hoursLater,
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
