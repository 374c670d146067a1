import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Which device is in which network server, and the commands that were given to devices. */
export const networkServers = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    // No reference to the device: one that was removed here has to be disabled there.
    await schema
      .createTable('network_device')
      .addColumn('network', 'text', (column) => column.notNull())
      .addColumn('dev_eui', 'text', (column) => column.notNull())
      .addColumn('device', 'text', (column) => column.notNull())
      .addColumn('wanted', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('print', 'text', (column) => column.notNull())
      .addColumn('remote', 'text')
      .addColumn('reason', 'text')
      .addColumn('detail', 'text')
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('changed_at', 'bigint', (column) => column.notNull())
      .addColumn('next_at', 'bigint')
      .addPrimaryKeyConstraint('network_device_pk', ['network', 'dev_eui'])
      .execute();
    await schema
      .createTable('downlink')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('device', 'text', (column) => column.notNull().references('device.id').onDelete('cascade'))
      .addColumn('network', 'text', (column) => column.notNull())
      .addColumn('f_port', 'integer', (column) => column.notNull())
      .addColumn('payload', 'text', (column) => column.notNull())
      .addColumn('confirmed', 'integer', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('remote', 'text')
      .addColumn('reason', 'text')
      .addColumn('detail', 'text')
      .addColumn('by_kind', 'text', (column) => column.notNull())
      .addColumn('by_name', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('changed_at', 'bigint', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('next_at', 'bigint')
      .execute();
    await schema.createIndex('downlink_device').on('downlink').columns(['device', 'created_at']).execute();
    await schema.createIndex('downlink_remote').on('downlink').column('remote').execute();
    await schema.createIndex('downlink_state').on('downlink').column('state').execute();
  },
});
