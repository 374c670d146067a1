import { existsSync } from 'node:fs';
import { NotFound } from '../../device-profiles/vocabulary/index.ts';
import type { Journal } from './contract.ts';
import { following, newest, type HistoryParts } from './history.ts';
import { JournalFile } from './journal-file.ts';

/** The journal of an installation as another process may read it. */
export interface JournalReader extends Pick<Journal, 'newest' | 'following'> {
  close(): void;
}

/**
 * Opens the file of a journal to read it, while a server writes it or none does: no lock is taken, and nothing
 * changed.
 * @throws NotFound (`journal-unknown`) where there is none yet; KerbsideError as `openSqliteJournal`, and `journal-
 * older`.
 */
export const openJournalReader = (path: string): JournalReader => {
  if (!existsSync(path))
    throw new NotFound('journal-unknown', `there is no journal at ${path} yet: nothing has been received`);
  const file = new JournalFile(path, 'read');
  let closed = false;
  const parts: HistoryParts = { file, last: () => file.last(), closed: () => closed };
  return {
    newest: (query) => newest(parts, query),
    following: (query) => following(parts, query),
    close: () => {
      closed = true;
      file.close();
    },
  };
};
