import { expect } from 'vitest';
import { devEui, instant, uplinkId } from '../../../device-profiles/vocabulary/index.ts';
import { JournalBroken } from '../../../infra/journal/contract.ts';
import { again, anUplink, entriesIn, idOf, idsIn, idsOf, uplinks } from '../../journal/street.ts';
import type { JournalCase } from './case.ts';

/** What is appended is on disk when that is said, in its order. */
const kept: readonly JournalCase[] = [
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

/** What comes twice is kept once, and nothing else is taken for a repeat. */
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

/** What a journal keeps, and that it keeps it once. */
export const keepingCases: readonly JournalCase[] = [...kept, ...once];
