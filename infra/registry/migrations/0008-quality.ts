import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Thresholds of quality tests that were set for a site or a device. */
export const quality = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    await schema
      .createTable('quality')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('settings', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('quality_pk', ['kind', 'subject'])
      .execute();
    await schema.createIndex('quality_revision').on('quality').column('revision').execute();
  },
});
