import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How datastreams of devices are corrected. Rows are added and withdrawn, never changed; with the device they go. */
export const calibrations = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    await schema
      .createTable('calibration')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('device', 'text', (column) => column.notNull().references('device.id').onDelete('cascade'))
      .addColumn('quantity', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('from_at', 'bigint', (column) => column.notNull())
      .addColumn('to_at', 'bigint')
      .addColumn('correction', 'text', (column) => column.notNull())
      .addColumn('fit', 'text')
      .addColumn('author', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('withdrawn_at', 'bigint')
      .addUniqueConstraint('calibration_version', ['device', 'quantity', 'version'])
      .execute();
  },
});
