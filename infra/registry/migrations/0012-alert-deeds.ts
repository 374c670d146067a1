import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * What people did about alerts: rows are added, never changed or removed, and an alert is acknowledged once. And of an
 * alert, what its rule asked when it began, and why it ended; of alerts from before that nobody knows it.
 */
export const alertDeeds = (): Migration => ({
  up: async ({ schema }: Kysely<unknown>): Promise<void> => {
    await schema
      .createTable('alert_deed')
      .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
      .addColumn('alert', 'text', (column) => column.notNull().references('alert.id'))
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('actor_kind', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('note', 'text')
      .execute();
    await schema.createIndex('alert_deed_alert').on('alert_deed').columns(['alert', 'id']).execute();
    await schema
      .createIndex('alert_acknowledged')
      .on('alert_deed')
      .column('alert')
      .unique()
      .where(sql<boolean>`kind = 'acknowledged'`)
      .execute();
    await schema.alterTable('alert').addColumn('asked', 'text').execute();
    await schema.alterTable('alert').addColumn('ending', 'text').execute();
    await schema.createIndex('alert_site').on('alert').columns(['site', 'started_at', 'id']).execute();
    await schema.createIndex('alert_rule').on('alert').columns(['rule', 'started_at', 'id']).execute();
  },
});
