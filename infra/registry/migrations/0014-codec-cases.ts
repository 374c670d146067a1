import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Messages of a model that somebody keeps, with what its codec made of them: beside the vectors that came with it. */
export const codecCases = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    await schema
      .createTable('codec_case')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('profile', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('vector', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('actor_kind', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('codec_case_name').on('codec_case').columns(['profile', 'name']).unique().execute();
  },
});
