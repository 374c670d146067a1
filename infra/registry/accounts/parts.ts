import { Conflict, instant, NotFound, type Clock, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Recorder } from '../audit.ts';
import { newToken, type Credentials } from '../credentials.ts';
import type { Database } from '../database.ts';
import type { Actor } from '../audit-records.ts';
import type { Trx } from '../tables.ts';
import { explaining } from '../write.ts';
import type { Account, Link, LinkPurpose } from './contract.ts';
import { accountOf, type KnownAccount } from './rows.ts';

/** What changes of accounts stand on. */
export interface AccountParts {
  readonly database: Database;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly record: Recorder;
}

/** A transaction on tables that nobody keeps in memory. */
export const change = <T>(database: Database, work: (trx: Trx) => Promise<T>): Promise<T> =>
  explaining(database, () => database.db.transaction().execute(work));

/** @throws NotFound (`account-unknown`). */
export const accountIn = async (trx: Trx, id: string): Promise<KnownAccount> => {
  const row = await trx.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined)
    throw new NotFound('account-unknown', `there is no account with the id ${JSON.stringify(id.slice(0, 80))}`);
  return accountOf(row);
};

/** All sessions of an account end: whoever has the cookie has nothing. */
export const endSessions = async (trx: Trx, account: string): Promise<void> => {
  await trx.deleteFrom('session').where('account', '=', account).execute();
};

export const endLinks = async (trx: Trx, account: string): Promise<void> => {
  await trx.deleteFrom('account_link').where('account', '=', account).execute();
};

/** Administrators who can sign in. */
const administratorsIn = async (trx: Trx): Promise<readonly string[]> =>
  (
    await trx
      .selectFrom('account')
      .select('id')
      .where('role', '=', 'administrator')
      .where('status', '=', 'active')
      .execute()
  ).map(({ id }) => id);

/** @throws Conflict (`administrator-exists`). */
export const assertNoAdministrator = async (trx: Trx): Promise<void> => {
  if ((await administratorsIn(trx)).length > 0)
    throw new Conflict(
      'administrator-exists',
      'there is an administrator already, who can invite others: "npx kerbside users list" names them',
    );
};

/** Somebody must be left who can let people in. @throws Conflict (`last-administrator`). */
export const assertNotLast = async (trx: Trx, { id, email }: Account): Promise<void> => {
  const all = await administratorsIn(trx);
  if (all.length === 1 && all[0] === id)
    throw new Conflict('last-administrator', `${email} is the only administrator: make somebody else one first`);
};

/** Long enough for a letter in the internal post; the first administrator's is on the screen in front of him. */
const LINK_MS: Readonly<Record<LinkPurpose, number>> = {
  first: 24 * 3_600_000,
  invitation: 7 * 86_400_000,
  reset: 24 * 3_600_000,
};

/** A new link; earlier ones of the same account, or for the first administrator, go. */
export const makeLink = async (
  trx: Trx,
  {
    purpose,
    account,
    credentials,
    now,
  }: {
    readonly purpose: LinkPurpose;
    readonly account?: string;
    readonly credentials: Credentials;
    readonly now: Instant;
  },
): Promise<Link> => {
  if (account === undefined) await trx.deleteFrom('account_link').where('purpose', '=', purpose).execute();
  else await endLinks(trx, account);
  await trx.deleteFrom('account_link').where('expires_at', '<', now).execute();
  const token = newToken();
  const expiresAt = instant(now + LINK_MS[purpose]);
  await trx
    .insertInto('account_link')
    .values({ digest: credentials.ofShown('link', token), purpose, account: account ?? null, expires_at: expiresAt })
    .execute();
  return { token, purpose, expiresAt };
};

/** Somebody who is signed in, or signs in, as the audit trail names him. */
export const accountActor = ({ name, email }: Pick<Account, 'name' | 'email'>): Actor => ({
  kind: 'account',
  name: `${name} (${email})`,
});
