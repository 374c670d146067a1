import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * People: accounts, the links by which they come, their sessions and recovery codes. Keys that are narrower than their
 * role, expire or are revoked, and when each was used. Which sites are published.
 */
export const accounts = (): Migration => ({
  up: async (db: Kysely<unknown>): Promise<void> => {
    await createAccounts(db);
    await createSessions(db);
    await alterKeysAndSites(db);
  },
});

const createAccounts = async ({ schema }: Kysely<unknown>): Promise<void> => {
  await schema
    .createTable('account')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('email', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('password', 'text')
    .addColumn('totp', 'text')
    .addColumn('totp_pending', 'text')
    .addColumn('totp_step', 'bigint', (column) => column.notNull())
    .addColumn('issuer', 'text')
    .addColumn('subject', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('signed_in_at', 'bigint')
    .addUniqueConstraint('account_elsewhere', ['issuer', 'subject'])
    .execute();
  await schema
    .createTable('account_link')
    .addColumn('digest', 'text', (column) => column.primaryKey().notNull())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.references('account.id').onDelete('cascade'))
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('recovery_code')
    .addColumn('account', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
    .addColumn('digest', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('recovery_code_pk', ['account', 'digest'])
    .execute();
};

const createSessions = async ({ schema }: Kysely<unknown>): Promise<void> => {
  await schema
    .createTable('session')
    .addColumn('digest', 'text', (column) => column.primaryKey().notNull())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('account', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addColumn('idle_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .execute();
  await schema.createIndex('session_account').on('session').column('account').execute();
  await schema
    .createTable('key_use')
    .addColumn('key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
};

const alterKeysAndSites = async ({ schema }: Kysely<unknown>): Promise<void> => {
  // SQLite adds one column a statement.
  await schema.alterTable('api_key').addColumn('scopes', 'text').execute();
  await schema.alterTable('api_key').addColumn('expires_at', 'bigint').execute();
  await schema.alterTable('api_key').addColumn('revoked_at', 'bigint').execute();
  await schema
    .alterTable('site')
    .addColumn('published', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
};
