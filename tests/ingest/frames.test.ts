import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameWindow } from '../../infra/heard/contract.ts';
import { GAP_AT_MOST, LATE_AT_MOST, nextFrame } from '../../ingest/heard/frames.ts';

const DAY = 20_000;

/** Feeds counters of one session; answers how many frames are missing at the end, and the last window. */
const heard = (counters: readonly number[], session = 's'): { missing: number; window: FrameWindow | undefined } => {
  let window: FrameWindow | undefined;
  let missing = 0;
  for (const fCnt of counters) {
    const step = nextFrame(window, { session, fCnt, day: DAY });
    window = step.window;
    missing += step.missed - (step.filled === undefined ? 0 : 1);
  }
  return { missing, window };
};

describe('what a frame counter shows', () => {
  test('a jump of n + 1 is n missed', () => {
    expect(heard([10, 11, 15]).missing).toBe(3);
    expect(heard([10, 11, 12]).missing).toBe(0);
  });

  test('what lies before the first frame that we heard is not missing', () => {
    expect(heard([7_000]).missing).toBe(0);
  });

  test('a frame that comes late fills its gap, and one that comes twice is nothing', () => {
    expect(heard([10, 12, 11]).missing).toBe(0);
    expect(heard([10, 12, 11, 11, 12, 10]).missing).toBe(0);
    expect(heard([10, 14, 12, 12]).missing).toBe(2);
  });

  test('a late frame is taken off the day to which it was counted', () => {
    const gap = nextFrame({ session: 's', highest: 1, missing: [] }, { session: 's', fCnt: 3, day: DAY });
    expect(nextFrame(gap.window, { session: 's', fCnt: 2, day: DAY + 1 }).filled).toBe(DAY);
  });

  test('a new session is no gap, and neither is a counter that begins anew', () => {
    const before = heard([500, 501]).window;
    expect(nextFrame(before, { session: 'other', fCnt: 900, day: DAY })).toMatchObject({
      missed: 0,
      window: { highest: 900 },
    });
    expect(nextFrame(before, { session: 's', fCnt: 0, day: DAY })).toMatchObject({ missed: 0, window: { highest: 0 } });
    expect(heard([500, 501, 0, 1, 3]).missing).toBe(1);
  });

  test('a jump further than LoRaWAN allows is another counter, not a gap of thousands', () => {
    expect(heard([1, 1 + GAP_AT_MOST]).missing).toBe(GAP_AT_MOST - 1);
    expect(heard([1, 2 + GAP_AT_MOST]).missing).toBe(0);
  });

  test('a counter of 16 bits rolls over without a gap, one of 32 bits goes on', () => {
    expect(heard([65_534, 65_535, 0, 1]).missing).toBe(0);
    expect(heard([65_534, 1]).missing).toBe(2);
    expect(heard([65_534, 1, 65_535, 0]).missing).toBe(0);
    expect(heard([65_534, 65_535, 65_536, 65_538]).missing).toBe(1);
    expect(heard([4_294_967_294, 4_294_967_295]).missing).toBe(0);
  });

  test('whatever is lost, delayed a little or repeated, what is missing is what was lost', () => {
    const street = fc.record({
      start: fc.oneof(fc.nat(70_000), fc.integer({ min: 65_400, max: 65_535 })),
      bits: fc.constantFrom(16, 32),
      fates: fc.array(fc.constantFrom('comes', 'comes', 'comes', 'lost', 'twice', 'late'), {
        minLength: 2,
        maxLength: 150,
      }),
    });
    let lost = 0;
    fc.assert(
      fc.property(street, ({ start, bits, fates }) => {
        const counter = (i: number): number => (bits === 16 ? (start + i) % 65_536 : start + i);
        const order: { at: number; fCnt: number }[] = [{ at: -1, fCnt: counter(0) }];
        fates.forEach((fate, i) => {
          if (fate === 'lost') return;
          order.push({ at: i + (fate === 'late' ? 5.5 : 0), fCnt: counter(i + 1) });
          if (fate === 'twice') order.push({ at: i + 3.5, fCnt: counter(i + 1) });
        });
        order.push({ at: Infinity, fCnt: counter(fates.length + 1) });
        const expected = fates.filter((fate) => fate === 'lost').length;
        lost += expected;
        expect(heard(order.toSorted((a, b) => a.at - b.at).map(({ fCnt }) => fCnt)).missing).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
    expect(lost).toBeGreaterThan(100);
  });

  test('the window stays small, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200_000), { maxLength: 200 }), (counters) => {
        const { window, missing } = heard(counters);
        expect(window?.missing.length ?? 0).toBeLessThanOrEqual(LATE_AT_MOST);
        expect(missing).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
