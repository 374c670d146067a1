import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { DAY_MS } from '../../infra/timeseries/days.ts';
import { HOUR_MS } from '../../infra/timeseries/hours.ts';
import { keptSinceOf } from '../../infra/timeseries/kept.ts';
import { piecesOf } from '../../infra/timeseries/pieces.ts';

const now = instant(Date.UTC(2026, 5, 1, 12, 30));
const at = (hours: number) => instant(Math.floor(now / DAY_MS) * DAY_MS + hours * HOUR_MS);

describe('since when an answer is made of all that was said', () => {
  test.each([
    ['single readings of a span that lies within what is kept', { from: at(-35.5), tier: 'raw' }, undefined],
    ['single readings of all time', { tier: 'raw' }, at(-36)],
    [
      'single readings of a span that is gone altogether: none, up to its end',
      { from: at(-100), to: at(-90), tier: 'raw' },
      at(-90),
    ],
    ['hours, of which there are more', { from: at(-100), tier: 'hourly' }, undefined],
    ['hours, of which the oldest are gone', { from: at(-400), tier: 'hourly' }, at(-240)],
    ['hours of a span that begins within one whose readings are gone', { from: at(-99.5), tier: 'hourly' }, at(-99)],
    [
      'hours of a span that ends within one whose readings are gone',
      { from: at(-100), to: at(-90.5), tier: 'hourly' },
      at(-90.5),
    ],
    ['days, which are kept for ever', { from: at(-24_000), tier: 'daily' }, undefined],
    ['days of a span that begins within one, of which there are hours', { from: at(-50), tier: 'daily' }, undefined],
    ['days of a span that begins within one whose hours are gone', { from: at(-24_010), tier: 'daily' }, at(-24_000)],
  ] as const)('%s', (_what, span, since) => {
    expect(keptSinceOf(span, { raw: 2, hourly: 10, daily: 0 }, instant(at(12.5)))).toBe(since);
  });

  test('is nothing where everything is kept, and a tier is kept for as long as a finer one', () => {
    expect(keptSinceOf({ tier: 'raw' }, { raw: 0, hourly: 1, daily: 1 }, now)).toBeUndefined();
    expect(keptSinceOf({ from: at(-24 * 100), tier: 'hourly' }, { raw: 0, hourly: 1, daily: 1 }, now)).toBeUndefined();
  });

  test('is before no piece of a span for which its tier has lost anything, whatever is asked and kept', () => {
    const half = fc.integer({ min: -48 * 40, max: 24 }).map((halves) => at(halves / 2));
    const days = fc.integer({ min: 0, max: 20 });
    let lost = 0;
    fc.assert(
      fc.property(
        half,
        half,
        fc.constantFrom('raw', 'hourly', 'daily'),
        fc.record({ raw: days, hourly: days, daily: days }),
        (one, other, tier, retention) => {
          const [from, to] = [instant(Math.min(one, other)), instant(Math.max(one, other))];
          if (from === to) return;
          const since = keptSinceOf({ from, to, tier }, retention, now);
          if (since !== undefined) lost += 1;
          const before = (keep: number, width: number): number =>
            keep === 0 ? -Infinity : Math.floor((now - keep * DAY_MS) / width) * width;
          const rawFrom = before(retention.raw, HOUR_MS);
          const hourlyFrom = Math.min(Math.floor(rawFrom / DAY_MS) * DAY_MS, before(retention.hourly, DAY_MS));
          const dailyFrom = Math.min(hourlyFrom, before(retention.daily, DAY_MS));
          const keptFrom = { raw: rawFrom, hourly: hourlyFrom, daily: dailyFrom };
          // As the store would cut it: what lies before the edges of the tiers falls to raw, which has lost it.
          const pieces = piecesOf({ from, to, tier }, { hourlyFrom, dailyFrom, until: Infinity, touched: [] });
          const faulty = pieces.filter((piece) => piece.from < keptFrom[piece.tier]);
          expect(since === undefined).toBe(faulty.length === 0);
          for (const piece of faulty) expect(since).toBeGreaterThanOrEqual(Math.min(piece.to, keptFrom[piece.tier]));
        },
      ),
      { numRuns: 2_000 },
    );
    expect(lost).toBeGreaterThan(200);
  });
});
