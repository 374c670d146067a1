import type { Database } from './database.ts';
import type { Follower } from './follow.ts';
import type { Trx } from './tables.ts';

/**
 * Changes what is kept in memory: one transaction, whose revision the changed rows must carry. When it resolves, the
 * database has the change, and so has this process's memory unless the log says why not; when it rejects, neither has.
 */
export type Write = <T>(work: (trx: Trx, revision: number) => Promise<T>) => Promise<T>;

export const openWrite =
  (database: Database, follower: Follower): Write =>
  async (work) => {
    const answer = await explaining(database, () =>
      database.db.transaction().execute(async (trx) => work(trx, await takeNumbers(trx, 'revision', 1))),
    );
    await follower.catchUpInTurns();
    return answer;
  };

/** Runs work on the database; its troubles come out as ours. */
export const explaining = async <T>(database: Database, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw database.explain(error);
  }
};

/** Takes numbers that nobody else gets, and answers the last of them. */
export const takeNumbers = async (
  trx: Trx,
  counter: 'revision' | 'quarantine' | 'audit',
  howMany: number,
): Promise<number> => {
  const { value } = await trx
    .updateTable('counter')
    .set((expression) => ({ value: expression('value', '+', howMany) }))
    .where('name', '=', counter)
    .returning('value')
    .executeTakeFirstOrThrow();
  return value;
};
