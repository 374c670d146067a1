import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LATE_AT_MOST,
  readingsOf,
  resumed,
  TURNS_TRIED,
  withReturned,
  withTaken,
  type CounterState,
} from '../../../gateway/lorawan/phy/counter.ts';

describe('the 32-bit frame counter', () => {
  // ChirpStack's own table (chirpstack/src/storage/device.rs, test_get_full_f_cnt_up): the counter expected next, the 16
  // bits received, the whole.
  it.each([
    [1, 1, 1],
    [65_536, 0, 65_536],
    [65_537, 1, 65_537],
    [0, 1, 1],
    [65_537, 2, 65_538],
    [2, 1, 1],
    [65_537, 0, 65_536],
    [65_536, 65_535, 65_535],
  ])('where %i is expected and %i received it is %i', (expected, received, whole) => {
    const [likeliest] = readingsOf(expected === 0 ? undefined : resumed(expected - 1), received);
    expect(likeliest?.fCnt).toBe(whole);
  });

  it('has among its readings whatever a device can have counted to, each once, and all of these 16 bits', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffffffff),
        fc.integer({ min: -LATE_AT_MOST + 1, max: (TURNS_TRIED - 1) * 65_536 }),
        (highest, step) => {
          const fCnt = highest + step;
          fc.pre(fCnt >= 0 && fCnt <= 0xffffffff);
          const readings = readingsOf(resumed(highest), fCnt & 0xffff);
          const counters = readings.map((each) => each.fCnt);
          expect(counters).toContain(fCnt);
          expect(new Set(counters).size).toBe(counters.length);
          expect(
            counters.filter((each) => (each & 0xffff) !== (fCnt & 0xffff) || each < 0 || each > 0xffffffff),
          ).toEqual([]);
          expect(readings.find((each) => each.fCnt === fCnt)?.kind).toBe(step > 0 ? 'ahead' : 'again');
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('takes each counter among the newest once, in whatever order, and tells which were taken', () => {
    fc.assert(
      fc.property(
        fc.nat(200_000),
        fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 120 }),
        (from, steps) => {
          let state: CounterState | undefined;
          const taken = new Set<number>();
          for (const step of steps) {
            const fCnt = from + step;
            const reading = readingsOf(state, fCnt & 0xffff).find((each) => each.fCnt === fCnt);
            const highest = Math.max(-1, ...taken);
            const kind =
              taken.size === 0
                ? 'first'
                : fCnt > highest
                  ? 'ahead'
                  : fCnt <= highest - LATE_AT_MOST
                    ? 'old'
                    : taken.has(fCnt)
                      ? 'again'
                      : 'late';
            expect(reading?.kind ?? 'old').toBe(kind);
            if (kind === 'old' || kind === 'again') continue;
            state = withTaken(state, fCnt);
            taken.add(fCnt);
            expect(state.highest).toBe(Math.max(...taken));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('lets a counter come again that was given back', () => {
    const state = withReturned(withTaken(withTaken(undefined, 7), 8), 8);
    expect(readingsOf(state, 8)[0]).toEqual({ kind: 'late', fCnt: 8 });
    expect(readingsOf(state, 7)[0]).toEqual({ kind: 'again', fCnt: 7 });
    expect(withReturned(state, 100)).toEqual(state);
  });
});
