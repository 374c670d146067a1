import { describe, expect, test } from 'vitest';
import { inPlace, journalCases, journalContract } from '../contracts/journal.ts';
import { memoryPlace, type Fault } from './memory-journal.ts';
import { sqlitePlace } from './sqlite-place.ts';

journalContract('in a SQLite file', () => sqlitePlace());

journalContract('an honest one in memory is accepted', () => memoryPlace());

describe('the cases of the contract', () => {
  const found: readonly { readonly fault: Fault; readonly by: readonly string[] }[] = [
    {
      fault: 'acknowledges-before-keeping',
      by: [
        'an uplink that was acknowledged is there, word for word, after a power cut',
        'a repeat is not acknowledged before its original is on disk',
      ],
    },
    { fault: 'forgets-duplicates', by: ['a message that is sent again is kept once, also after a restart'] },
    {
      fault: 'calls-every-known-id-a-duplicate',
      by: ['a counter may say 0 twice: a message that nobody calls a repeat is kept, whatever its id'],
    },
    {
      fault: 'loses-on-reopen',
      by: [
        'closing keeps what was being collected, and afterwards nothing is taken',
        'a consumer goes on where it stopped, also after a restart',
      ],
    },
    {
      fault: 'moves-on-after-a-failure',
      by: ['a batch that could not be handled comes again, whole, before anything newer'],
    },
    { fault: 'moves-the-cursor-first', by: ['what was being handled when the power failed is handed over again'] },
    {
      fault: 'prunes-what-nobody-handled',
      by: ['uplinks that are older than the retention go, but never before they are handled'],
    },
    {
      fault: 'reads-from-the-start',
      by: ['history is read on from a place, and the statistics say which is the newest'],
    },
    {
      fault: 'counts-from-the-start-again',
      by: ['a journal that was emptied by retention goes on counting where it was'],
    },
  ];
  test.each(found)('find a journal that $fault', async ({ fault, by }) => {
    for (const title of by) {
      const finding = journalCases.filter((one) => one.title === title);
      expect(finding).toHaveLength(1);
      for (const { run } of finding)
        await expect(inPlace(() => memoryPlace(fault), run)).rejects.toMatchObject({ name: 'AssertionError' });
    }
  });
});
