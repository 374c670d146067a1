import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The tables as the first version left them, as far as this step reads them, and as it leaves them. */
interface Before {
  device: {
    id: string;
    status: string;
    created_at: number;
    status_since: number | null;
    token_digest: string;
    revision: number;
  };
  credential: {
    id: string;
    device: string;
    kind: string;
    digest: string;
    created_at: number;
    expires_at: number | null;
  };
  counter: { name: string; value: number };
}

/** The life cycle of devices, credentials of their own, gateways that speak for others, the audit trail. */
export const lifeCycle = (): Migration => ({
  up: async (db: Kysely<Before>): Promise<void> => {
    await createCredentials(db);
    await moveTokens(db);
    for (const column of ['join_eui', 'serial', 'variables', 'speaks_for'])
      await db.schema.alterTable('device').addColumn(column, 'text').execute();
    await db.schema.alterTable('device').addColumn('status_since', 'bigint').execute();
    await db
      .updateTable('device')
      .set((row) => ({ status_since: row.ref('created_at') }))
      .execute();
    await db.updateTable('device').set({ status: 'commissioned' }).where('status', '=', 'active').execute();
    await db.schema.alterTable('device').dropColumn('token_digest').execute();
    await db.schema.alterTable('quarantine').addColumn('via', 'text').execute();
    // Who waits for what, and who waits behind which gateway, is told by this index alone, without the payloads.
    await db.schema
      .createIndex('quarantine_waiting')
      .on('quarantine')
      .columns(['reason', 'via', 'device_by', 'device', 'received_at'])
      .execute();
    await createAudit(db);
    await db.insertInto('counter').values({ name: 'audit', value: 0 }).execute();
  },
});

const createCredentials = async ({ schema }: Kysely<Before>): Promise<void> => {
  await schema
    .createTable('credential')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('device', 'text', (column) => column.notNull().references('device.id').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addUniqueConstraint('credential_once', ['kind', 'digest'])
    .execute();
  await schema.createIndex('credential_device').on('credential').column('device').execute();
};

/** The token of each device becomes its first credential; its id is made from the device's place, once and for all. */
const moveTokens = async (db: Kysely<Before>): Promise<void> => {
  const place = sql<string>`'00000000-0000-4000-8000-' || substr(cast(1000000000000 + row_number() over (order by id) as text), 2)`;
  await db
    .insertInto('credential')
    .columns(['id', 'device', 'kind', 'digest', 'created_at', 'expires_at'])
    .expression((build) =>
      build
        .selectFrom('device')
        .select((row) => [
          place.as('id'),
          'id as device',
          row.val('token').as('kind'),
          'token_digest as digest',
          'created_at',
          sql<number | null>`cast(null as bigint)`.as('expires_at'),
        ]),
    )
    .execute();
};

const createAudit = async ({ schema }: Kysely<Before>): Promise<void> => {
  await schema
    .createTable('audit')
    .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor_kind', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('subject_kind', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
  await schema.createIndex('audit_subject').on('audit').columns(['subject_kind', 'subject', 'id']).execute();
};
