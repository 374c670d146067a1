import { describe, expect, test } from 'vitest';
import { dayOf, periodAt, periodName } from '../../infra/footfall/civil-time.ts';
import { compare, baselineOf } from '../../infra/footfall/compare.ts';
import type { Row } from '../../infra/footfall/series.ts';
import { at } from './streams.ts';

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
