import { assert, constant, double, integer, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paceOf, shiftToNow } from '../../commands/replay/pace.ts';
import { openWindow } from '../../commands/replay/window.ts';
import { instant, systemClock } from '../../device-profiles/vocabulary/index.ts';

const never = new AbortController().signal;

describe('the pace of a replay', () => {
  it('is the rows’ own, so many times faster', async () => {
    const due = paceOf(600, systemClock);
    const began = performance.now();
    for (const minute of [0, 1, 2, 3]) await due(instant(minute * 60_000), never);
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(250);
    expect(took).toBeLessThan(2000);
  });

  it('does not wait for a row that is older than the one before, nor at full speed', async () => {
    const began = performance.now();
    const due = paceOf(1, systemClock);
    for (const time of [1e12, 5e11, 0]) await due(instant(time), never);
    const full = paceOf('max', systemClock);
    for (const time of [0, 1e12]) await full(instant(time), never);
    expect(performance.now() - began).toBeLessThan(100);
  });

  it('ends at once when it is stopped', async () => {
    const stop = new AbortController();
    const due = paceOf(1, systemClock);
    await due(instant(0), stop.signal);
    const waiting = due(instant(3_600_000), stop.signal);
    stop.abort();
    await expect(waiting).resolves.toBeUndefined();
  });

  it('shifted to now, the newest row is at most a minute old when it is sent and no row is ever in the future', () => {
    const time = integer({ min: 0, max: 4e12 });
    assert(
      property(
        time,
        integer({ min: 0, max: 1e11 }),
        oneof(constant('max' as const), double({ min: 0.1, max: 1e6, noNaN: true })),
        (oldest, lasts, speed) => {
          const [now, newest] = [1_795_449_903_000, oldest + lasts];
          const shift = shiftToNow({ oldest: instant(oldest), newest: instant(newest) }, speed, now);
          const sentAt = (row: number): number => (speed === 'max' ? now : now + (row - oldest) / speed);
          const aheadBy = [oldest, oldest + lasts / 3, newest].map((row) => row + shift - sentAt(row));
          expect(Math.max(...aheadBy)).toBeLessThanOrEqual(0.001);
          const pivot = speed === 'max' || speed >= 1 ? newest : oldest;
          expect(sentAt(pivot) - (pivot + shift)).toBeLessThan(60_000);
          expect(shift % 60_000).toBeCloseTo(0);
        },
      ),
    );
  });
});

describe('the window of a replay', () => {
  it('has never more on the way than it may', async () => {
    const window = openWindow(4);
    let [onTheWay, most, done] = [0, 0, 0];
    for (let index = 0; index < 40; index += 1) {
      await window.add(async () => {
        onTheWay += 1;
        most = Math.max(most, onTheWay);
        await new Promise((resolve) => setTimeout(resolve, index % 5));
        onTheWay -= 1;
        done += 1;
      });
    }
    await window.drain();
    expect(most).toBe(4);
    expect(done).toBe(40);
  });

  it('tells of the first failure', async () => {
    const window = openWindow(2);
    await window.add(() => Promise.reject(new Error('refused')));
    await expect(window.drain()).rejects.toThrow('refused');
  });

  it('gives up, with advice, when nothing is acknowledged any more', async () => {
    const window = openWindow(1, 50);
    await window.add(() => new Promise(() => undefined));
    await expect(window.add(() => Promise.resolve())).rejects.toThrow(/1 messages are sent and none was acknowledged/);
  });
});
