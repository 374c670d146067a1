import { setImmediate as breath } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventStream } from '../../dashboard/preview/event-stream.ts';
import { follow, openTurns } from '../../dashboard/preview/follow.ts';
import type { PreviewOut } from '../../dashboard/preview/shape.ts';
import { deviceId, instant, systemClock, uplinkId } from '../../device-profiles/vocabulary/index.ts';
import type { Entry, FollowingQuery } from '../../infra/journal/contract.ts';

const entry = (seq: number): Entry => ({
  seq,
  uplink: {
    id: uplinkId(String(seq).padStart(22, 'f')),
    redelivered: false,
    connector: 'mqtt',
    device: { by: 'id', value: deviceId('aq-1') },
    receivedAt: instant(0),
    payload: new Uint8Array(),
  },
});

test('whoever watches, however slowly, and comes back after any break, is told each uplink once and in order', async () => {
  let [told, breaks] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 }),
      fc.array(fc.boolean(), { minLength: 50, maxLength: 50 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 6 }),
      async (places, fullness, broken) => {
        const all = places.toSorted((one, other) => one - other).map(entry);
        let arrived = Math.ceil(all.length / 3);
        let asked = 0;
        const last = () => (all[arrived - 1]?.seq ?? 0) + 5;
        const journal = {
          following: async ({ after, limit }: FollowingQuery) => {
            // A look goes no further than 100 places.
            const end = Math.min(last(), after + 100);
            const entries = all
              .slice(0, arrived)
              .filter(({ seq }) => seq > after && seq <= end)
              .slice(0, limit);
            const seen = entries.at(-1)?.seq ?? Math.max(after, end);
            arrived = Math.min(all.length, arrived + 1);
            return { entries, seen, more: seen < last() };
          },
        };
        const ids: number[] = [];
        let lastId = 0;
        let turn = 0;
        for (const most of [...broken, Infinity]) {
          let taken = 0;
          const stream: EventStream<PreviewOut> = {
            open: () => taken < most && ids.length < all.length && turn < 5_000,
            full: () => fullness[(turn += 1) % fullness.length] === true && turn % 3 !== 0,
            send: ({ id = 0 }) => {
              ids.push(id);
              lastId = id;
              taken += 1;
            },
            pause: async () => void (asked += 1),
            end: () => undefined,
          };
          const explain = async (uplinks: readonly Entry['uplink'][]) =>
            uplinks.map((uplink) => ({ uplink, said: [], warnings: [], unmapped: [], readings: [] }));
          await follow(
            stream,
            { journal, explain, clock: systemClock, turn: openTurns() },
            { device: () => ({ id: deviceId('aq-1') }), after: lastId, events: Infinity },
          );
          breaks += 1;
        }
        expect(ids).toEqual(all.map(({ seq }) => seq));
        told += ids.length;
      },
    ),
    { numRuns: 200 },
  );
  expect(told).toBeGreaterThan(1_000);
  expect(breaks).toBeGreaterThan(300);
});

test('many who catch up leave the event loop its turns: one uplink is explained in each', async () => {
  const all = Array.from({ length: 40 }, (_, index) => entry(index + 1));
  const turn = openTurns();
  let [explained, turns, sent, most] = [0, 0, 0, 0];
  const journal = {
    following: async ({ after, limit }: FollowingQuery) => {
      const entries = all.slice(after, after + limit);
      return { entries, seen: entries.at(-1)?.seq ?? after, more: after + limit < all.length };
    },
  };
  const explain = async (uplinks: readonly Entry['uplink'][]) => {
    explained += uplinks.length;
    return uplinks.map((uplink) => ({ uplink, said: [], warnings: [], unmapped: [], readings: [] }));
  };
  const reader = (): EventStream<PreviewOut> => ({
    open: () => true,
    full: () => false,
    send: () => void (sent += 1),
    pause: async () => undefined,
    end: () => undefined,
  });
  const asked = { device: () => ({ id: deviceId('aq-1') }), after: 0, events: Infinity, once: true };
  const followers = Array.from({ length: 20 }, () =>
    follow(reader(), { journal, explain, clock: systemClock, turn }, asked),
  );
  const over = Promise.all(followers).then(() => true);
  for (let before = 0; !(await Promise.race([over, breath(false)])); before = explained) {
    turns += 1;
    most = Math.max(most, explained - before);
  }
  expect([explained, sent]).toEqual([800, 800]);
  expect(most).toBe(1);
  expect(turns).toBeGreaterThan(800);
});
