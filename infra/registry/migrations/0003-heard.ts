import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How devices are heard: one row a device, one a device and day, and when the server listened. */
export const heard = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    await schema
      .createTable('heard')
      .addColumn('device', 'text', (column) =>
        column.primaryKey().notNull().references('device.id').onDelete('cascade'),
      )
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('heard_at', 'bigint', (column) => column.notNull())
      .addColumn('about_at', 'bigint')
      .addColumn('connector', 'text', (column) => column.notNull())
      .addColumn('routes', 'text', (column) => column.notNull())
      .addColumn('frames', 'text')
      .execute();
    // By day first: what is written each half minute lies together, and what is too old is one range.
    await schema
      .createTable('heard_day')
      .addColumn('day', 'integer', (column) => column.notNull())
      .addColumn('device', 'text', (column) => column.notNull().references('device.id').onDelete('cascade'))
      .addColumn('uplinks', 'integer', (column) => column.notNull())
      .addColumn('frames_missed', 'integer', (column) => column.notNull())
      .addColumn('hours', 'text', (column) => column.notNull())
      .addColumn('spreads', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('heard_day_pk', ['day', 'device'])
      .execute();
    // Removing a device looks for its days.
    await schema.createIndex('heard_day_device').on('heard_day').column('device').execute();
    await schema
      .createTable('listened')
      .addColumn('from_at', 'bigint', (column) => column.primaryKey().notNull())
      .addColumn('to_at', 'bigint', (column) => column.notNull())
      .execute();
  },
});
