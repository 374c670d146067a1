import { describe, expect, test } from 'vitest';
import type { JournalCase, JournalPlace } from './journal/case.ts';
import { consumingCases } from './journal/consuming.ts';
import { historyCases } from './journal/history.ts';
import { keepingCases } from './journal/keeping.ts';
import { pruningCases } from './journal/pruning.ts';

export type { JournalPlace, JournalSettings } from './journal/case.ts';

/** What a journal is, wherever it is kept. */
export const journalCases: readonly JournalCase[] = [
  ...keepingCases,
  ...consumingCases,
  ...historyCases,
  ...pruningCases,
];

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
