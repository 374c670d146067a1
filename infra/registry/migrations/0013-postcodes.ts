import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Postcodes of sites, by which residents look for them. */
export const postcodes = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    await schema.alterTable('site').addColumn('postcode', 'text').execute();
  },
});
