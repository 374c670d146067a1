import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../logging/index.ts';
import { number, text } from './columns.ts';
import type { Database } from './database.ts';

/** How often what was used is written down: a request must not wait for the disk because it was made. */
const KEEP_MS = 30_000;

/** When keys and sessions were last used: in memory at once, in the database within half a minute. */
export interface Uses {
  noteKey(id: string, at: Instant): void;
  noteSession(digest: string, at: Instant): void;
  /** As far as this process knows. */
  seen(digest: string): Instant | undefined;
  keys(): ReadonlyMap<string, Instant>;
  close(): Promise<void>;
}

export const openUses = (database: Database, log: Log): Uses => {
  const keys = new Map<string, Instant>();
  const sessions = new Map<string, Instant>();
  const dirty = { keys: new Set<string>(), sessions: new Set<string>() };
  const keep = async (): Promise<void> => {
    if (dirty.keys.size + dirty.sessions.size === 0) return;
    const used = [...dirty.keys].map((key) => ({ key, at: keys.get(key) ?? instant(0) }));
    const seen = [...dirty.sessions].map((digest) => ({ digest, at: sessions.get(digest) ?? instant(0) }));
    dirty.keys.clear();
    dirty.sessions.clear();
    try {
      await database.hasty(async (trx) => {
        for (const { key, at } of used)
          await trx
            .insertInto('key_use')
            .values({ key, at })
            .onConflict((conflict) => conflict.column('key').doUpdateSet({ at }))
            .execute();
        for (const { digest, at } of seen)
          await trx
            .updateTable('session')
            .set({ seen_at: at })
            .where('digest', '=', digest)
            .where('seen_at', '<', at)
            .execute();
      });
      // The database knows now. One that was used again since stays.
      for (const { digest, at } of seen) if (sessions.get(digest) === at) sessions.delete(digest);
    } catch (error) {
      // Times of use are a convenience, and a session ends a little early: the next half minute writes newer ones.
      log.warn(
        { err: database.explain(error), reason: 'uses-not-kept' },
        'when keys and sessions were last used could not be written down',
      );
    }
  };
  const timer = setInterval(() => void keep(), KEEP_MS).unref();
  return {
    noteKey(id, at) {
      keys.set(id, at);
      dirty.keys.add(id);
    },
    noteSession(digest, at) {
      sessions.set(digest, at);
      dirty.sessions.add(digest);
    },
    seen: (digest) => sessions.get(digest),
    keys: () => {
      const kept = database.snapshot((rows) =>
        rows(database.db.selectFrom('key_use').selectAll().compile()).map(
          (row) => [text(row, 'key'), instant(number(row, 'at'))] as const,
        ),
      );
      return new Map([...kept, ...keys]);
    },
    async close() {
      clearInterval(timer);
      await keep();
    },
  };
};
