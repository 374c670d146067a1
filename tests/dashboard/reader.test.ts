import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AT_ONCE_AT_MOST, openReader, STUCK_MS, WAITING_AT_MOST, type Outgoing } from '../../dashboard/live/reader.ts';

const event = (n: number, padding = 0): Outgoing => ({
  name: 'observation',
  payload: { n, padding: 'x'.repeat(padding) },
});

/** A connection that takes things or does not, as the test says. */
const scene = () => {
  const state = { ready: true, now: 0, dropped: 0, ended: false, seen: new Array<Outgoing>() };
  const reader = openReader({
    outlet: {
      ready: () => state.ready,
      emit: (one) => void state.seen.push(one),
      end: () => void (state.ended = true),
    },
    now: () => state.now,
    dropped: (count) => void (state.dropped += count),
    resync: () => ({ name: 'resync', payload: {} }),
  });
  return { state, reader, names: () => state.seen.map(({ name }) => name) };
};

describe('a slow reader', () => {
  test('who takes a breath is given what waited, in order', () => {
    const { state, reader } = scene();
    reader.offer([event(1)]);
    state.ready = false;
    reader.offer([event(2), event(3)]);
    reader.pump();
    expect(state.seen).toHaveLength(1);
    state.ready = true;
    reader.offer([event(4)]);
    expect(state.seen.map(({ payload }) => payload)).toMatchObject([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
  });

  test(`with more than ${WAITING_AT_MOST} events waiting loses all of them, is told so once, and each is counted`, () => {
    const { state, reader, names } = scene();
    state.ready = false;
    for (let n = 0; n < WAITING_AT_MOST + 50; n += 1) reader.offer([event(n)]);
    state.ready = true;
    reader.pump();
    expect(names()).toEqual(['resync']);
    expect(state.dropped).toBe(WAITING_AT_MOST + 50);
    reader.offer([event(1)]);
    expect(names()).toEqual(['resync', 'observation']);
  });

  test('with more than a megabyte waiting as well, however few the events', () => {
    const { state, reader, names } = scene();
    state.ready = false;
    reader.offer([event(1, 600_000)]);
    reader.offer([event(2, 600_000)]);
    state.ready = true;
    reader.pump();
    expect(names()).toEqual(['resync']);
    expect(state.dropped).toBe(2);
  });

  test('who is stuck for thirty seconds is disconnected, and not before', () => {
    const { state, reader } = scene();
    state.ready = false;
    reader.offer([event(1)]);
    state.now = STUCK_MS;
    reader.pump();
    expect(state.ended).toBe(false);
    state.now = STUCK_MS + 1;
    reader.pump();
    expect(state.ended).toBe(true);
  });

  test('who has nothing to take is never stuck', () => {
    const { state, reader } = scene();
    state.ready = false;
    state.now = 10 * STUCK_MS;
    reader.pump();
    expect(state.ended).toBe(false);
  });

  test('a burst larger than any batch is not handed over but told as one resync', () => {
    const { state, reader, names } = scene();
    reader.offer(Array.from({ length: AT_ONCE_AT_MOST + 1 }, (_, n) => event(n)));
    expect(names()).toEqual(['resync']);
    expect(state.dropped).toBe(AT_ONCE_AT_MOST + 1);
  });

  test('whatever happens, what was offered was given in order, waits, or was counted as dropped; and after a loss comes a resync', () => {
    const step = fc.oneof(
      fc.record({ offer: fc.integer({ min: 0, max: 80 }) }),
      fc.record({ ready: fc.boolean() }),
      fc.constant({ pump: true }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { state, reader } = scene();
        let offered = 0;
        for (const one of steps) {
          if ('offer' in one) reader.offer(Array.from({ length: one.offer }, () => event((offered += 1))));
          else if ('ready' in one) state.ready = one.ready;
          else reader.pump();
        }
        state.ready = true;
        reader.pump();
        const given = state.seen.flatMap((one) =>
          one.name === 'observation' && 'n' in one.payload ? [Number(one.payload.n)] : [],
        );
        expect(given.length + state.dropped).toBe(offered);
        expect(given).toEqual(given.toSorted((a, b) => a - b));
        expect(state.seen.some(({ name }) => name === 'resync')).toBe(state.dropped > 0);
      }),
    );
  });
});
