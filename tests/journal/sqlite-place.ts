import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import { openSqliteJournal, type SqliteJournalOptions } from '../../infra/journal/sqlite.ts';
import { openLog, type Log } from '../../infra/logging/index.ts';
import type { JournalPlace } from '../contracts/journal.ts';

export interface SqlitePlace extends JournalPlace {
  readonly file: string;
  open(settings?: Partial<SqliteJournalOptions>): Journal;
  powerCut(): SqlitePlace;
}

export const silent: Log = openLog('silent');

/** A folder of its own with a journal file in it. */
export const sqlitePlace = (folder = mkdtempSync(join(tmpdir(), 'kerbside-journal-'))): SqlitePlace => {
  const file = join(folder, 'journal.db');
  const journals: Journal[] = [];
  const cuts: SqlitePlace[] = [];
  return {
    file,
    open(settings) {
      const journal = openSqliteJournal({
        file,
        retentionMs: 3_600_000,
        maxBytes: 1e9,
        minFreeBytes: 0,
        groupMs: 2,
        clock: systemClock,
        log: silent,
        ...settings,
      });
      journals.push(journal);
      return journal;
    },
    powerCut() {
      const cut = sqlitePlace();
      // Without the -shm file, which is memory shared by processes and gone with them.
      for (const part of ['', '-wal']) if (existsSync(file + part)) copyFileSync(file + part, cut.file + part);
      cuts.push(cut);
      return cut;
    },
    async remove() {
      await Promise.all([...journals.map((journal) => journal.close()), ...cuts.map((cut) => cut.remove())]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
