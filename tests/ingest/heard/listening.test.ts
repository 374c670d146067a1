import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviceId, instant, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { listenedMs } from '../../../infra/heard/listening.ts';
import { openListening, STEP_MS } from '../../../ingest/heard/listening.ts';
import { NOON, Street } from './street.ts';

describe('when the server listened', () => {
  const at = (ms: number): Instant => instant(NOON + ms);

  test('a clock that is put back does not leave a silent device heard until that date', async () => {
    const street = await new Street().open();
    try {
      let ear = await street.listen();
      await street.send('aq-1', '{"pm2_5": 1}', { receivedAt: instant(NOON + 400 * 86_400_000) });
      await street.send('aq-2', '{"pm2_5": 1}', { receivedAt: instant(NOON + 599_000) });
      await street.tell(ear);
      const heardAt = (id: string) => ear.reader.device(deviceId(id))?.heardAt;
      expect(heardAt('aq-1')).toBeGreaterThan(NOON + 86_400_000);
      await ear.keep();
      // A burst may run ahead by less than ten minutes: that is believed.
      expect([heardAt('aq-1'), heardAt('aq-2')]).toEqual([NOON, NOON + 599_000]);
      expect(ear.reader.device(deviceId('aq-1'))).toMatchObject({ aboutAt: NOON, routes: [{ at: NOON }] });
      await ear.close();
      ear = await street.listen();
      expect(heardAt('aq-1')).toBe(NOON);
    } finally {
      await street.close();
    }
  });

  test('a clock that runs is listened to without a break, one that steps is not', () => {
    let [wall, steady] = [0, 0];
    const listening = openListening({ now: () => at(wall) }, () => steady);
    wall = steady = 60_000;
    listening.look();
    expect(listening.listened()).toEqual([{ from: at(0), to: at(60_000) }]);
    wall += 3_600_000;
    listening.look();
    wall += 1_000;
    steady += 1_000;
    listening.look();
    expect(listening.listened()).toEqual([
      { from: at(0), to: at(60_000) },
      { from: at(3_660_000), to: at(3_661_000) },
    ]);
    wall -= 7_200_000;
    listening.look();
    expect(listening.listened()).toHaveLength(3);
  });

  test('breaks do not count, and where two times overlap they count once', () => {
    const spans = (...pairs: readonly (readonly [number, number])[]) =>
      pairs.map(([from, to]) => ({ from: at(from), to: at(to) }));
    expect(listenedMs(spans([0, 100], [200, 300]), at(50), at(250))).toBe(100);
    expect(listenedMs(spans([0, 100], [200, 300]), at(120), at(180))).toBe(0);
    expect(listenedMs(spans([0, 100], [50, 150]), at(0), at(200))).toBe(150);
    expect(listenedMs(spans([0, 100]), at(100), at(50))).toBe(0);
    expect(listenedMs([], at(0), at(100))).toBe(0);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)), { maxLength: 8 }),
        fc.nat(1_000),
        fc.nat(1_000),
        (pairs, from, to) => {
          const listened = spans(...pairs).toSorted((a, b) => a.from - b.from);
          const heard = (t: number): boolean => listened.some((one) => one.from - NOON <= t && t < one.to - NOON);
          const union = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i).filter(heard).length;
          expect(listenedMs(listened, at(from), at(to))).toBeLessThanOrEqual(union);
        },
      ),
    );
  });

  test('no look, however late, makes more time of listening than the steady clock passed', () => {
    const move = fc.record({ wall: fc.integer({ min: -10_000_000, max: 10_000_000 }), steady: fc.nat(10_000_000) });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        let [wall, steady] = [0, 0];
        const listening = openListening({ now: () => at(wall) }, () => steady);
        for (const each of moves) {
          wall += each.wall;
          steady += each.steady;
          listening.look();
        }
        const sum = listenedMs(listening.listened(), at(-400_000_000), at(400_000_000));
        expect(sum).toBeLessThanOrEqual(steady + moves.length * STEP_MS);
      }),
    );
  });
});
