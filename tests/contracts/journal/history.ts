import { expect } from 'vitest';
import { devEui, deviceId } from '../../../device-profiles/vocabulary/index.ts';
import { anUplink, device, entriesIn, idsIn, idsOf, uplinks } from '../../journal/street.ts';
import type { JournalCase } from './case.ts';

/** How uplinks are looked up again: by time, by device, from a place on. */
export const historyCases: readonly JournalCase[] = [
  {
    title: 'history is read by time of receipt and by device',
    run: async (place) => {
      const journal = place.open();
      await journal.append(uplinks(1, 60));
      const { receivedAt: from } = anUplink(20);
      const { receivedAt: to } = anUplink(30);
      expect(await idsIn(journal, { from, to })).toEqual(idsOf(uplinks(20, 29)));
      expect(await idsIn(journal, { from })).toEqual(idsOf(uplinks(20, 60)));
      expect(await idsIn(journal, { to })).toEqual(idsOf(uplinks(1, 29)));
      expect(await idsIn(journal, { from, to, device: device('counter-1') })).toEqual(
        [22, 25, 28].map((n) => anUplink(n).id),
      );
      expect(await idsIn(journal, { from: to, to: from })).toEqual([]);
      expect(await idsIn(journal, { device: device('nobody') })).toEqual([]);
    },
  },
  {
    title: 'history is read on from a place, and the statistics say which is the newest',
    run: async (place) => {
      const journal = place.open();
      expect(journal.stats().last).toBe(0);
      await journal.append(uplinks(1, 5));
      const all = await entriesIn(journal);
      expect(journal.stats().last).toBe(all.at(-1)?.seq);
      const third = all[2]?.seq ?? 0;
      expect((await entriesIn(journal, { after: third })).map(({ seq }) => seq)).toEqual(
        all.slice(3).map(({ seq }) => seq),
      );
      expect(await entriesIn(journal, { after: journal.stats().last })).toEqual([]);
      expect((await entriesIn(journal, { after: 0 })).length).toBe(5);
    },
  },
  {
    title: "a device's newest uplinks come newest first, page by page",
    run: async (place) => {
      const journal = place.open();
      expect(await journal.newest({ device: device('counter-1'), limit: 5 })).toEqual([]);
      await journal.append([
        ...uplinks(1, 9),
        anUplink(10, { device: { by: 'devEui', value: devEui('24e124136b502217') } }),
      ]);
      const pages: (readonly string[])[] = [];
      let before: number | undefined;
      do {
        const page = await journal.newest({
          device: device('counter-1'),
          limit: 2,
          ...(before === undefined ? {} : { before }),
        });
        pages.push(idsOf(page.map(({ uplink }) => uplink)));
        before = page.at(-1)?.seq;
      } while (before !== undefined && pages.length < 9);
      expect(pages).toEqual([[anUplink(7).id, anUplink(4).id], [anUplink(1).id], []]);
      expect(
        await journal.newest({ device: { by: 'devEui', value: devEui('24e124136b502217') }, limit: 2 }),
      ).toHaveLength(1);
    },
  },
  {
    title: 'what came of a device after a place is read in order, look by look, under each of its names',
    run: async (place) => {
      const journal = place.open();
      const names = { id: deviceId('counter-1'), devEui: devEui('24e124136b502217') };
      expect(await journal.following({ device: names, after: 0, limit: 5 })).toEqual({
        entries: [],
        seen: 0,
        more: false,
      });
      await journal.append([
        ...uplinks(1, 9),
        anUplink(10, { device: { by: 'devEui', value: names.devEui } }),
        anUplink(11),
      ]);
      const looks: (readonly string[])[] = [];
      let look = await journal.following({ device: names, after: 1, limit: 2 });
      for (
        looks.push(idsOf(look.entries.map(({ uplink }) => uplink)));
        look.more && looks.length < 9;
        looks.push(idsOf(look.entries.map(({ uplink }) => uplink)))
      )
        look = await journal.following({ device: names, after: look.seen, limit: 2 });
      expect(looks.flat()).toEqual([anUplink(4).id, anUplink(7).id, anUplink(10).id]);
      expect(look).toMatchObject({ seen: 11, more: false });
      expect(await journal.following({ device: { id: names.id }, after: 7, limit: 2 })).toMatchObject({
        entries: [],
        seen: 11,
      });
      expect(await journal.following({ device: names, after: 99, limit: 2 })).toEqual({
        entries: [],
        seen: 11,
        more: false,
      });
    },
  },
];
