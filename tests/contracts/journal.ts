import { describe, expect, test } from 'vitest';
import { devEui, deviceId, instant, uplinkId, type Clock } from '../../device-profiles/vocabulary/index.ts';
import { JournalBroken, type Journal } from '../../infra/journal/contract.ts';
import {
  again,
  anUplink,
  device,
  entriesIn,
  eventually,
  gate,
  handleAll,
  idOf,
  idsIn,
  idsOf,
  remembering,
  stoppedClock,
  uplinks,
} from '../journal/street.ts';

/** What a case may ask for when it opens the journal. */
export interface JournalSettings {
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly maxBytes: number;
}

/** Where one journal is kept: a folder, a stream. */
export interface JournalPlace {
  /** One at a time: the one before is closed. */
  open(settings?: Partial<JournalSettings>): Journal;
  /** Another place, with what a machine would find that lost its power at this moment. */
  powerCut(): JournalPlace;
  /** Closes what is open and takes everything away. */
  remove(): Promise<void>;
}

export interface JournalCase {
  readonly title: string;
  readonly run: (place: JournalPlace) => Promise<void>;
}

/** What every journal must do, as tests of the one that `make` gives an empty place for. */
export const journalContract = (name: string, make: () => JournalPlace): void => {
  describe(`the contract of a journal: ${name}`, () => {
    test.each(journalCases)('$title', async ({ run }) => {
      await expect(inPlace(make, run)).resolves.toBeUndefined();
    });
  });
};

/** Runs one case in a place of its own. */
export const inPlace = async (make: () => JournalPlace, run: JournalCase['run']): Promise<void> => {
  const place = make();
  try {
    await run(place);
  } finally {
    await place.remove();
  }
};

const keeping: readonly JournalCase[] = [
  {
    title: 'an uplink that was acknowledged is there, word for word, after a power cut',
    run: async (place) => {
      const journal = place.open();
      const full = anUplink(1, {
        connector: 'airrohr',
        device: { by: 'devEui', value: devEui('24e124136b502217') },
        sentAt: instant(1_790_000_000_123),
        payload: Uint8Array.from({ length: 256 }, (_, byte) => byte),
        lorawan: {
          fPort: 85,
          fCnt: 4_294_967_295,
          session: '01ab "ü\u0000',
          receptions: [
            { gateway: 'roof-1', rssi: -117.5, snr: -7.25, time: instant(1_790_000_000_001) },
            { gateway: 'roof-2' },
          ],
        },
      });
      const sent = [
        full,
        anUplink(2, { payload: new Uint8Array(0) }),
        anUplink(3, { redelivered: true, receivedAt: instant(0) }),
      ];
      for (const uplink of sent) {
        await journal.append([uplink]);
        const found = await entriesIn(place.powerCut().open());
        expect(found.at(-1)?.uplink).toEqual(uplink);
      }
    },
  },
  {
    title: 'uplinks are answered one by one and kept in the order in which they were appended',
    run: async (place) => {
      const journal = place.open();
      expect(await journal.append([])).toEqual([]);
      const answers = await Promise.all([
        journal.append(uplinks(1, 3)),
        journal.append([again(anUplink(2)), anUplink(4)]),
        journal.append([anUplink(5)]),
      ]);
      expect(answers).toEqual([['appended', 'appended', 'appended'], ['duplicate', 'appended'], ['appended']]);
      expect(await idsIn(journal)).toEqual(idsOf(uplinks(1, 5)));
    },
  },
  {
    title: 'what comes in while a commit is under way is kept too',
    run: async (place) => {
      const journal = place.open();
      const sent = uplinks(1, 300);
      await Promise.all(
        sent.map(async (uplink, i) => {
          await new Promise((resolve) => void setTimeout(resolve, i % 20));
          await journal.append([uplink]);
        }),
      );
      expect((await idsIn(place.powerCut().open())).toSorted()).toEqual(idsOf(sent).toSorted());
    },
  },
  {
    title: 'closing keeps what was being collected, and afterwards nothing is taken',
    run: async (place) => {
      const journal = place.open();
      const late = journal.append(uplinks(1, 2));
      await journal.close();
      await journal.close();
      expect(await late).toEqual(['appended', 'appended']);
      await expect(journal.append([anUplink(3)])).rejects.toThrow(JournalBroken);
      expect(await idsIn(place.open())).toEqual(idsOf(uplinks(1, 2)));
    },
  },
];

const once: readonly JournalCase[] = [
  {
    title: 'a message that is sent again is kept once, also after a restart',
    run: async (place) => {
      const journal = place.open();
      await journal.append([anUplink(1)]);
      expect(await journal.append([again(anUplink(1))])).toEqual(['duplicate']);
      await journal.close();
      const reopened = place.open();
      expect(await reopened.append([again(anUplink(1)), again(anUplink(2))])).toEqual(['duplicate', 'appended']);
      expect(await idsIn(reopened)).toEqual(idsOf(uplinks(1, 2)));
    },
  },
  {
    title: 'a counter may say 0 twice: a message that nobody calls a repeat is kept, whatever its id',
    run: async (place) => {
      const journal = place.open();
      const zero = anUplink(1, { id: idOf('0') });
      expect(await journal.append([zero, zero])).toEqual(['appended', 'appended']);
      expect(await journal.append([zero])).toEqual(['appended']);
      expect(await journal.append([again(zero)])).toEqual(['duplicate']);
      expect(await idsIn(journal)).toEqual([zero.id, zero.id, zero.id]);
    },
  },
  {
    title: 'a packet id that was used again since is no repeat: its sender had let go of the earlier message',
    run: async (place) => {
      const under = (words: string) => uplinkId(`packet-id-1${words.padEnd(11, '_')}`);
      const [zero, one] = [anUplink(1, { id: under('zero') }), anUplink(2, { id: under('one') })];
      const journal = place.open();
      expect(await journal.append([zero])).toEqual(['appended']);
      expect(await journal.append([one, again(zero)])).toEqual(['appended', 'appended']);
      expect(await journal.append([again(one), again(one)])).toEqual(['appended', 'duplicate']);
      const reopened = place.powerCut().open();
      expect(await reopened.append([again(one)])).toEqual(['duplicate']);
      expect(await idsIn(reopened)).toEqual([zero.id, one.id, zero.id, one.id]);
    },
  },
  {
    title: 'a repeat is not acknowledged before its original is on disk',
    run: async (place) => {
      const journal = place.open();
      const original = journal.append([anUplink(1)]);
      const found = Promise.all([
        journal
          .append([again(anUplink(1))])
          .then(async (answer) => ({ answer, kept: await idsIn(place.powerCut().open()) })),
        original.then(async (answer) => ({ answer, kept: await idsIn(place.powerCut().open()) })),
      ]);
      const kept = [anUplink(1).id];
      expect(await found).toEqual([
        { answer: ['duplicate'], kept },
        { answer: ['appended'], kept },
      ]);
    },
  },
];

const consuming: readonly JournalCase[] = [
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

const history: readonly JournalCase[] = [
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

const HOUR = 3_600_000;
const pruning: readonly JournalCase[] = [
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

export const journalCases: readonly JournalCase[] = [...keeping, ...once, ...consuming, ...history, ...pruning];
