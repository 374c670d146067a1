import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The LoRaWAN keys of devices, sealed: one row a device. */
export const lorawanKeys = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    await schema
      .createTable('lorawan_keys')
      .addColumn('device', 'text', (column) =>
        column.primaryKey().notNull().references('device.id').onDelete('cascade'),
      )
      .addColumn('held', 'text', (column) => column.notNull())
      .addColumn('dev_addr', 'text')
      .addColumn('sealed', 'text', (column) => column.notNull())
      .addColumn('changed_at', 'bigint', (column) => column.notNull())
      .execute();
  },
});
