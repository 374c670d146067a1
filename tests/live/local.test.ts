import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviceId, instant } from '../../device-profiles/vocabulary/index.ts';
import type { Announced, LiveEvent } from '../../infra/live/contract.ts';
import { openLocalBus, REMEMBERED_EVENTS } from '../../infra/live/local.ts';

const heard = (n: number): LiveEvent => ({ kind: 'device', device: deviceId('aq-1'), site: null, heardAt: instant(n) });
const times = (announced: readonly Announced[] | 'lost') =>
  announced === 'lost'
    ? announced
    : announced.map(({ event }) => (event.kind === 'device' ? Number(event.heardAt) : -1));

describe('the live bus of one process', () => {
  test('a reader who was away for three events is given these three, in order', () => {
    const bus = openLocalBus();
    bus.announce([heard(1), heard(2)]);
    const left = bus.cursor();
    bus.announce([heard(3)]);
    bus.announce([heard(4), heard(5)]);
    expect(times(bus.since(left))).toEqual([3, 4, 5]);
    expect(bus.since(bus.cursor())).toEqual([]);
  });

  test('the cursor of each event is where a reader goes on from', () => {
    const bus = openLocalBus();
    const seen: Announced[] = [];
    bus.subscribe((announced) => seen.push(...announced));
    bus.announce([heard(1), heard(2), heard(3)]);
    expect(seen).toHaveLength(3);
    expect(times(bus.since(seen[0]!.cursor))).toEqual([2, 3]);
    expect(seen[2]!.cursor).toBe(bus.cursor());
  });

  test('a cursor of another start, of the future or of no shape at all is lost, never mistaken', () => {
    const bus = openLocalBus();
    const before = openLocalBus().cursor();
    bus.announce([heard(1)]);
    const [epoch] = bus.cursor().split('-');
    const strange = [
      before,
      `${epoch}-2`,
      `${epoch}--1`,
      `${epoch}-1e0`,
      `${epoch}-`,
      epoch ?? '',
      '',
      'a-b-c',
      `${bus.cursor()}-0`,
    ];
    expect(strange.filter((cursor) => bus.since(cursor) !== 'lost')).toEqual([]);
  });

  test('whoever was away longer than the ring remembers is told so', () => {
    const bus = openLocalBus();
    const first = bus.cursor();
    for (let n = 1; n <= REMEMBERED_EVENTS; n += 1) bus.announce([heard(n)]);
    const all = times(bus.since(first));
    expect(all).toHaveLength(REMEMBERED_EVENTS);
    expect(all.at(-1)).toBe(REMEMBERED_EVENTS);
    bus.announce([heard(REMEMBERED_EVENTS + 1)]);
    expect(bus.since(first)).toBe('lost');
  });

  test('however events are grouped, since gives exactly what a listener was told after that cursor', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }), fc.nat(), (groups, pick) => {
        const bus = openLocalBus();
        const told: Announced[] = [];
        bus.subscribe((announced) => told.push(...announced));
        const start = bus.cursor();
        let n = 0;
        for (const size of groups) bus.announce(Array.from({ length: size }, () => heard((n += 1))));
        const cursors = [start, ...told.map(({ cursor }) => cursor)];
        const at = pick % cursors.length;
        expect(bus.since(cursors[at]!)).toEqual(told.slice(at));
      }),
    );
  });

  test('who has left is not called again, and the same listener may listen twice', () => {
    const bus = openLocalBus();
    let calls = 0;
    const listener = () => void (calls += 1);
    const leave = bus.subscribe(listener);
    bus.subscribe(listener);
    bus.announce([heard(1)]);
    expect(calls).toBe(2);
    leave();
    bus.announce([heard(2)]);
    expect(calls).toBe(3);
  });
});
