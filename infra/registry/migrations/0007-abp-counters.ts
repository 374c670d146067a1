import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Where the frame counters of devices are whose signatures are checked here: one row a device. */
export const abpCounters = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    await schema
      .createTable('abp_counter')
      .addColumn('device', 'text', (column) =>
        column.primaryKey().notNull().references('device.id').onDelete('cascade'),
      )
      .addColumn('dev_addr', 'text', (column) => column.notNull())
      .addColumn('f_cnt', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute();
  },
});
