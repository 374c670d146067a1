import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { openThrottle, waitAfter } from '../../infra/accounts/throttle.ts';

const options = { free: 5, firstMs: 1_000, atMostMs: 60_000, forgetMs: 3_600_000, keysAtMost: 100 };
const fakeClock = (start = 1_000_000) => {
  let now = start;
  return { now: () => instant(now), pass: (ms: number) => (now += ms) };
};

describe('guessing', () => {
  test('is free five times, then each guess waits twice as long as the one before, up to a minute and never for ever', () => {
    const clock = fakeClock();
    const throttle = openThrottle({ clock, ...options });
    const waits: number[] = [];
    const late: number[] = [];
    for (let n = 0; n < 14; n += 1) {
      const wait = throttle.enter('ada');
      waits.push(wait);
      clock.pass(wait);
      if (wait > 0) late.push(throttle.enter('ada'));
    }
    expect(late).toEqual(late.map(() => 0));
    expect(waits).toEqual([0, 0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test('too early counts for nothing, so that nobody can keep somebody else out by knocking', () => {
    const clock = fakeClock();
    const throttle = openThrottle({ clock, ...options });
    for (let n = 0; n < 5; n += 1) throttle.enter('ada');
    for (let n = 0; n < 1_000; n += 1) expect(throttle.enter('ada')).toBeLessThanOrEqual(1_000);
    clock.pass(1_000);
    expect(throttle.enter('ada')).toBe(0);
  });

  test('a right answer forgets everything of an account, and of an address only itself', () => {
    const throttle = openThrottle({ clock: fakeClock(), ...options });
    for (let n = 0; n < 5; n += 1) throttle.enter('ada');
    throttle.succeeded('ada');
    expect(throttle.enter('ada')).toBe(0);
    for (let n = 0; n < 5; n += 1) throttle.enter('::1');
    throttle.undone('::1');
    expect(throttle.enter('::1')).toBe(0);
    expect(throttle.enter('::1')).toBeGreaterThan(0);
  });

  test("of one is nobody else's matter, and what is remembered is bounded", () => {
    const throttle = openThrottle({ clock: fakeClock(), ...options });
    for (let n = 0; n < 5; n += 1) throttle.enter('ada');
    expect(throttle.enter('eve')).toBe(0);
    expect(throttle.enter('ada')).toBeGreaterThan(0);
    for (let n = 0; n < 100; n += 1) throttle.enter(`somebody ${n}`);
    expect(throttle.enter('ada')).toBe(0);
  });

  test('however the attempts come, no more are let through than the waits allow', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 120_000 }), { maxLength: 200 }), (pauses) => {
        const clock = fakeClock();
        const throttle = openThrottle({ clock, ...options });
        const gaps: number[] = [];
        let taken = 0;
        let last = 0;
        for (const pause of pauses) {
          clock.pass(pause);
          const wait = throttle.enter('ada');
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(options.atMostMs);
          if (wait > 0) continue;
          gaps.push(clock.now() - last - waitAfter(taken, options));
          taken += 1;
          last = clock.now();
        }
        expect(gaps.every((gap) => gap >= 0)).toBe(true);
      }),
    );
  });

  test('a clock that is set back makes nobody wait longer than he earned', () => {
    const clock = fakeClock();
    const throttle = openThrottle({ clock, ...options });
    for (let n = 0; n < 6; n += 1) throttle.enter('ada');
    clock.pass(-900_000);
    expect(throttle.enter('ada')).toBeLessThanOrEqual(options.firstMs);
  });
});
