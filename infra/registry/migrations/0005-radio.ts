import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What is known of the radio network, and what people call its gateways. */
export const radio = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    await schema
      .createTable('named_gateway')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text')
      .addColumn('latitude', 'double precision')
      .addColumn('longitude', 'double precision')
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .execute();
    await schema.createIndex('named_gateway_revision').on('named_gateway').column('revision').execute();
    await schema
      .createTable('radio_gateway')
      .addColumn('gateway', 'text', (column) => column.primaryKey().notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('facts', 'text', (column) => column.notNull())
      .execute();
    // By day first: what is too old is one range.
    await schema
      .createTable('radio_gateway_day')
      .addColumn('day', 'integer', (column) => column.notNull())
      .addColumn('gateway', 'text', (column) => column.notNull())
      .addColumn('connector', 'text', (column) => column.notNull())
      .addColumn('received', 'bigint')
      .addColumn('received_ok', 'bigint')
      .addColumn('forwarded', 'bigint')
      .addColumn('downlinks', 'bigint')
      .addColumn('emitted', 'bigint')
      .addColumn('frames', 'bigint', (column) => column.notNull())
      .addColumn('frames_bad', 'bigint', (column) => column.notNull())
      .addColumn('uplinks', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('radio_gateway_day_pk', ['day', 'gateway', 'connector'])
      .execute();
    // Without a reference to the device, which each write would have to look up: who is not registered any more is
    // taken out by whoever writes.
    await schema
      .createTable('radio_link')
      .addColumn('device', 'text', (column) => column.notNull())
      .addColumn('gateway', 'text', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('heard_at', 'bigint', (column) => column.notNull())
      .addColumn('days', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('radio_link_pk', ['device', 'gateway'])
      .execute();
    // Each device has so many places, which its events take in turn: the newest stay, and nothing has to be removed.
    await schema
      .createTable('radio_event')
      .addColumn('dev_eui', 'text', (column) => column.notNull())
      .addColumn('place', 'integer', (column) => column.notNull())
      .addColumn('number', 'bigint', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('radio_event_pk', ['dev_eui', 'place'])
      .execute();
  },
});
