import { Migrator } from 'kysely/migration';
import { KerbsideError } from '../../device-profiles/vocabulary/index.ts';
import type { Database } from './database.ts';
import { migrationsFor } from './migrations/index.ts';

/**
 * Brings the tables to what this version expects, all or nothing.
 * @throws KerbsideError `registry-newer` when a later version has already changed them, `registry-migration-failed`.
 */
export const migrate = async (database: Database, where: string): Promise<void> => {
  const migrations = migrationsFor(database.types);
  const foreign = (await executed(database)).filter((name) => !Object.hasOwn(migrations, name));
  if (foreign.length > 0) {
    throw new KerbsideError(
      'registry-newer',
      `${where} was written by a newer version of Kerbside (it has ${foreign.join(', ')}): start that version, or restore a backup from before the update`,
    );
  }
  const { error } = await new Migrator({
    db: database.db,
    provider: { getMigrations: async () => migrations },
  }).migrateToLatest();
  if (error === undefined) return;
  const cause = database.explain(error);
  if (cause instanceof KerbsideError) throw cause;
  throw new KerbsideError(
    'registry-migration-failed',
    `the tables of ${where} could not be brought up to date; they are as they were`,
    { cause },
  );
};

const executed = async ({ db, explain }: Database): Promise<readonly string[]> => {
  try {
    const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
    if (!tables.some(({ name }) => name === 'kysely_migration')) return [];
    return (await db.selectFrom('kysely_migration').select('name').execute()).map(({ name }) => name);
  } catch (error) {
    throw explain(error);
  }
};
