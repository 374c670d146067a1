import { expect } from 'vitest';
import {
  anUplink,
  entriesIn,
  eventually,
  handleAll,
  idsIn,
  remembering,
  stoppedClock,
  uplinks,
} from '../../journal/street.ts';
import type { JournalCase } from './case.ts';

const HOUR = 3_600_000;

/** What retention takes away, and what it leaves. */
export const pruningCases: readonly JournalCase[] = [
  {
    title: 'uplinks that are older than the retention go, but never before they are handled',
    run: async (place) => {
      const clock = stoppedClock();
      const journal = place.open({ clock, retentionMs: HOUR });
      await journal.append(uplinks(1, 20));
      clock.forward(2 * HOUR);
      await journal.append([anUplink(2 * 3_600 + 1)]);
      expect(await journal.prune()).toBe(0);
      expect(journal.stats()).toMatchObject({ entries: 21, oldest: anUplink(1).receivedAt });
      await handleAll(journal);
      expect(await journal.prune()).toBe(20);
      expect(await idsIn(journal)).toEqual([anUplink(2 * 3_600 + 1).id]);
      expect(journal.stats()).toMatchObject({ entries: 1, oldest: anUplink(2 * 3_600 + 1).receivedAt });
    },
  },
  {
    title: 'a journal that was emptied by retention goes on counting where it was',
    run: async (place) => {
      const clock = stoppedClock();
      const settings = { clock, retentionMs: HOUR };
      const journal = place.open(settings);
      await journal.append(uplinks(1, 5));
      const last = (await entriesIn(journal)).at(-1)?.seq ?? Infinity;
      await handleAll(journal);
      clock.forward(2 * HOUR);
      expect(await journal.prune()).toBe(5);
      expect(journal.stats()).toMatchObject({ entries: 0, backlog: 0 });
      expect(journal.stats().oldest).toBeUndefined();
      await journal.close();
      const reopened = place.open(settings);
      expect(await idsIn(reopened)).toEqual([]);
      await reopened.append([anUplink(6)]);
      expect((await entriesIn(reopened)).at(0)?.seq).toBeGreaterThan(last);
      const { ids } = remembering(reopened);
      await eventually(() => expect(ids()).toEqual([anUplink(6).id]));
    },
  },
];
