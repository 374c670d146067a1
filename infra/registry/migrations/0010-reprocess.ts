import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Runs over history: who asked for which and why, and what came of it. Never removed. */
export const reprocess = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    await schema
      .createTable('reprocess')
      .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('from_at', 'bigint', (column) => column.notNull())
      .addColumn('to_at', 'bigint', (column) => column.notNull())
      .addColumn('dry_run', 'integer', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('actor_kind', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('started_at', 'bigint')
      .addColumn('ended_at', 'bigint')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('progress', 'real', (column) => column.notNull())
      .addColumn('result', 'text', (column) => column.notNull())
      .addColumn('fault', 'text')
      .execute();
    await schema.createIndex('reprocess_state').on('reprocess').column('state').execute();
  },
});
