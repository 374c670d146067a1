import { expect } from 'vitest';
import { anUplink, entriesIn, eventually, gate, handleAll, idsOf, remembering, uplinks } from '../../journal/street.ts';
import type { JournalCase, JournalPlace } from './case.ts';

/** How uplinks are handed to whoever handles them. */
export const consumingCases: readonly JournalCase[] = [
  {
    title: 'a consumer is handed everything, once and in order, with numbers that only rise',
    run: async (place) => {
      const journal = place.open();
      await journal.append(uplinks(1, 50));
      const { seen, ids, stop } = remembering(journal);
      for (let n = 51; n <= 200; n += 10) await journal.append(uplinks(n, n + 9));
      await eventually(() => expect(journal.stats().backlog).toBe(0));
      await stop();
      expect(ids()).toEqual(idsOf(uplinks(1, 200)));
      expect(seen.every(({ seq }, i) => i === 0 || seq > (seen[i - 1]?.seq ?? Infinity))).toBe(true);
      expect(await entriesIn(journal)).toEqual(seen);
    },
  },
  {
    title: 'a consumer goes on where it stopped, also after a restart',
    run: async (place) => {
      const journal = place.open();
      await journal.append(uplinks(1, 10));
      await handleAll(journal);
      await journal.append(uplinks(11, 15));
      await journal.close();
      const reopened = place.open();
      expect(reopened.stats().backlog).toBe(5);
      const { ids, stop } = remembering(reopened);
      await eventually(() => expect(reopened.stats().backlog).toBe(0));
      await stop();
      expect(ids()).toEqual(idsOf(uplinks(11, 15)));
      await reopened.close();
      expect(place.open().stats().backlog).toBe(0);
    },
  },
  {
    title: 'what was being handled when the power failed is handed over again',
    run: async (place) => {
      const journal = place.open();
      await journal.append(uplinks(1, 3));
      let cut: JournalPlace | undefined;
      const consumption = journal.consume('ingest', () => {
        cut ??= place.powerCut();
        return Promise.resolve();
      });
      await eventually(() => expect(journal.stats().backlog).toBe(0));
      await consumption.stop();
      const after = cut?.open();
      const { ids } = remembering(after ?? journal);
      await eventually(() => expect(ids()).toEqual(idsOf(uplinks(1, 3))), 2_000);
    },
  },
  {
    title: 'a batch that could not be handled comes again, whole, before anything newer',
    run: async (place) => {
      const journal = place.open();
      await journal.append(uplinks(1, 3));
      const tries: (readonly string[])[] = [];
      const consumption = journal.consume('ingest', async (batch) => {
        tries.push(idsOf(batch.map(({ uplink }) => uplink)));
        if (tries.length === 1) await journal.append([anUplink(4)]);
        if (tries.length < 3) throw new Error('the store is down');
      });
      await eventually(() => expect(journal.stats().backlog).toBe(0));
      await consumption.stop();
      const first = idsOf(uplinks(1, 3));
      expect(tries).toEqual([first, first, first, [anUplink(4).id]]);
    },
  },
  {
    title: 'a slow consumer holds up nobody: uplinks are acknowledged and counted as backlog',
    run: async (place) => {
      const journal = place.open();
      const { promise, resolve } = gate();
      const consumption = journal.consume('ingest', () => promise);
      await journal.append([anUplink(1)]);
      expect(await journal.append(uplinks(2, 100))).toHaveLength(99);
      expect(journal.stats()).toMatchObject({ entries: 100, backlog: 100, accepting: true });
      const stopped = consumption.stop();
      resolve();
      await stopped;
      expect(journal.stats().backlog).toBeLessThan(100);
    },
  },
  {
    title: 'there is one consumer of a name at a time',
    run: async (place) => {
      const journal = place.open();
      const { stop } = remembering(journal);
      expect(() => remembering(journal)).toThrow(expect.objectContaining({ code: 'consumer-exists' }));
      await stop();
      await remembering(journal).stop();
    },
  },
];
