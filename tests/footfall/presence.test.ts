import { describe, expect, test } from 'vitest';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import { periodAt } from '../../infra/footfall/civil-time.ts';
import { presenceOf, resetBefore } from '../../infra/footfall/presence.ts';
import type { Row } from '../../infra/footfall/series.ts';
import { at } from './streams.ts';

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
