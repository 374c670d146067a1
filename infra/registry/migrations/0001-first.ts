import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../database.ts';

/** Every number of the first version that only rises. */
interface Counters {
  counter: { name: string; value: number };
}

/** Devices, sites, deployments, rules, keys, alerts, quarantine. */
export const first = (types: ColumnTypes): Migration => ({
  up: async (db: Kysely<Counters>): Promise<void> => {
    await createDevices(db);
    await createRulesAndKeys(db);
    await createAlerts(db);
    await createQuarantine(db, types);
    await db.schema
      .createTable('removal')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('removal_pk', ['kind', 'id'])
      .execute();
    await db.schema.createIndex('removal_revision').on('removal').column('revision').execute();
    for (const [table, type] of [
      ['counter', 'bigint'],
      ['setting', 'text'],
    ] as const) {
      await db.schema
        .createTable(table)
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('value', type, (column) => column.notNull())
        .execute();
    }
    await db
      .insertInto('counter')
      .values([
        { name: 'revision', value: 0 },
        { name: 'quarantine', value: 0 },
      ])
      .execute();
  },
});

const createDevices = async ({ schema }: Kysely<Counters>): Promise<void> => {
  await schema
    .createTable('site')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('street', 'text')
    .addColumn('usrn', 'text')
    .addColumn('asset', 'text')
    .addColumn('latitude', 'double precision')
    .addColumn('longitude', 'double precision')
    .addColumn('borough', 'text')
    .addColumn('ward', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('device')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('dev_eui', 'text', (column) => column.unique())
    .addColumn('profile', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('token_digest', 'text', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('deployment')
    .addColumn('device', 'text', (column) => column.notNull().references('device.id').onDelete('cascade'))
    .addColumn('site', 'text', (column) => column.notNull().references('site.id'))
    .addColumn('from_at', 'bigint', (column) => column.notNull())
    .addColumn('to_at', 'bigint')
    .addPrimaryKeyConstraint('deployment_pk', ['device', 'from_at'])
    .execute();
  await schema.createIndex('site_revision').on('site').column('revision').execute();
  await schema.createIndex('device_revision').on('device').column('revision').execute();
  await schema.createIndex('deployment_site').on('deployment').column('site').execute();
};

const createRulesAndKeys = async ({ schema }: Kysely<Counters>): Promise<void> => {
  await schema
    .createTable('rule')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('quantity', 'text', (column) => column.notNull())
    .addColumn('site', 'text')
    .addColumn('device', 'text')
    .addColumn('borough', 'text')
    .addColumn('condition', 'text', (column) => column.notNull())
    .addColumn('threshold', 'double precision', (column) => column.notNull())
    .addColumn('clear_at', 'double precision', (column) => column.notNull())
    .addColumn('for_ms', 'bigint', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('api_key')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('secret_digest', 'text', (column) => column.notNull().unique())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('rule_revision').on('rule').column('revision').execute();
  await schema.createIndex('api_key_revision').on('api_key').column('revision').execute();
};

const createAlerts = async ({ schema }: Kysely<Counters>): Promise<void> => {
  await schema
    .createTable('alert')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('rule_name', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('site', 'text')
    .addColumn('quantity', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('fired_at', 'bigint')
    .addColumn('resolved_at', 'bigint')
    .addColumn('value', 'double precision', (column) => column.notNull())
    .addColumn('value_at', 'bigint', (column) => column.notNull())
    .addColumn('worst', 'double precision', (column) => column.notNull())
    .addColumn('threshold', 'double precision', (column) => column.notNull())
    .execute();
  await schema.createIndex('alert_started').on('alert').columns(['started_at', 'id']).execute();
  await schema.createIndex('alert_state').on('alert').columns(['state', 'started_at', 'id']).execute();
};

const createQuarantine = async ({ schema }: Kysely<Counters>, { bytes }: ColumnTypes): Promise<void> => {
  await schema
    .createTable('quarantine')
    .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('uplink_id', 'text', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .addColumn('redelivered', 'integer', (column) => column.notNull())
    .addColumn('connector', 'text', (column) => column.notNull())
    .addColumn('device_by', 'text', (column) => column.notNull())
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('sent_at', 'bigint')
    .addColumn('payload', bytes, (column) => column.notNull())
    .addColumn('lorawan', 'text')
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('quarantine_once').on('quarantine').columns(['uplink_id', 'received_at']).unique().execute();
  await schema.createIndex('quarantine_reason').on('quarantine').columns(['reason', 'id']).execute();
  await schema.createIndex('quarantine_device').on('quarantine').columns(['device', 'id']).execute();
};
