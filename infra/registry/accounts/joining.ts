import { randomUUID } from 'node:crypto';
import { Conflict, NotFound } from '../../../device-profiles/vocabulary/index.ts';
import { checkedEmail } from '../../accounts/email.ts';
import { recordAs } from '../audit.ts';
import { checkedName } from '../checks.ts';
import type { Trx } from '../tables.ts';
import { newRow, toAccount } from './changes.ts';
import type { Account, AccountRegister, Elsewhere } from './contract.ts';
import {
  accountActor,
  accountIn,
  assertNoAdministrator,
  assertNotLast,
  change,
  endLinks,
  endSessions,
  type AccountParts,
} from './parts.ts';
import { accountOf, linkOf } from './rows.ts';

type Joining = Pick<AccountRegister, 'joinByLink' | 'signInElsewhere' | 'refuseElsewhere'>;

/** How people come in for the first time, or again: by a link, or because another service vouches for them. */
export const joining = ({ database, credentials, clock }: Omit<AccountParts, 'record'>): Joining => ({
  joinByLink: async (token, joined) => {
    const name = checkedName('your name', joined.name);
    return change(database, async (trx) => {
      const row = await trx
        .deleteFrom('account_link')
        .where('digest', '=', credentials.ofShown('link', token))
        .returningAll()
        .executeTakeFirst();
      const link = row === undefined ? undefined : linkOf(row);
      if (link === undefined || link.expiresAt <= clock.now()) throw linkUnknown();
      const account =
        link.account === undefined
          ? await firstAdministrator(trx, { email: checkedEmail(joined.email), name, hash: joined.hash }, clock.now())
          : await comesIn(trx, link.account, { name, hash: joined.hash });
      const record = recordAs(accountActor(account), clock);
      const by =
        link.purpose === 'first'
          ? 'the first link'
          : link.purpose === 'reset'
            ? 'a link for a new password'
            : 'invitation';
      await record(trx, [
        toAccount(link.purpose === 'reset' ? 'password-changed' : 'account-joined', account, {
          by,
          role: account.role,
        }),
      ]);
      return account;
    });
  },
  signInElsewhere: async (who) => {
    const email = checkedEmail(who.email);
    const name = checkedName('the name that the other service gives', who.name);
    return change(database, async (trx) => {
      const row = await trx
        .selectFrom('account')
        .selectAll()
        .where('issuer', '=', who.issuer)
        .where('subject', '=', who.subject)
        .executeTakeFirst();
      const taken = await trx
        .selectFrom('account')
        .select(['id', 'issuer'])
        .where('email', '=', email)
        .executeTakeFirst();
      if (taken !== undefined && taken.id !== row?.id)
        throw new Conflict(
          'account-exists',
          `${email} has an account of its own here, and an address is no proof of who somebody is: an administrator has to disable or rename it`,
        );
      const known = row === undefined ? undefined : accountOf(row).account;
      if (known?.status === 'disabled') throw new Conflict('account-not-active', `${email} is disabled here`);
      const account: Account =
        known === undefined
          ? {
              id: randomUUID(),
              email,
              name,
              role: who.role,
              status: 'active',
              secondFactor: false,
              elsewhere: true,
              createdAt: clock.now(),
            }
          : { ...known, email, name, role: who.role };
      const record = recordAs(accountActor(account), clock);
      if (known === undefined) {
        await trx.insertInto('account').values(newRow(account, who)).execute();
        await record(trx, [toAccount('account-joined', account, { by: who.issuer, role: account.role })]);
        return account;
      }
      if (known.role === 'administrator' && account.role !== 'administrator') await assertNotLast(trx, known);
      await trx.updateTable('account').set({ email, name, role: account.role }).where('id', '=', account.id).execute();
      if (known.role !== account.role) {
        await endSessions(trx, account.id);
        await record(trx, [toAccount('role-changed', account, { from: known.role, to: account.role, by: who.issuer })]);
      }
      return account;
    });
  },
  refuseElsewhere: ({ issuer, subject }: Pick<Elsewhere, 'issuer' | 'subject'>) =>
    change(database, async (trx) => {
      const row = await trx
        .selectFrom('account')
        .select('id')
        .where('issuer', '=', issuer)
        .where('subject', '=', subject)
        .executeTakeFirst();
      if (row !== undefined) await endSessions(trx, row.id);
    }),
});

/** What is wrong with a link is not said: it may be a guess. */
const linkUnknown = (): NotFound =>
  new NotFound('link-unknown', 'This link was used already, is too old, or was never given: ask for a new one');

const firstAdministrator = async (
  trx: Trx,
  { email, name, hash }: { readonly email: string; readonly name: string; readonly hash: string },
  now: Account['createdAt'],
): Promise<Account> => {
  await assertNoAdministrator(trx);
  const row = await trx.selectFrom('account').selectAll().where('email', '=', email).executeTakeFirst();
  if (row !== undefined)
    throw new Conflict(
      'account-exists',
      `${email} has an account already: take another address, or give it the role with "npx kerbside users role"`,
    );
  const account: Account = {
    id: randomUUID(),
    email,
    name,
    role: 'administrator',
    status: 'active',
    secondFactor: false,
    elsewhere: false,
    createdAt: now,
  };
  await trx
    .insertInto('account')
    .values(newRow(account, { password: hash }))
    .execute();
  return account;
};

const comesIn = async (
  trx: Trx,
  id: string,
  { name, hash }: { readonly name: string; readonly hash: string },
): Promise<Account> => {
  const { account } = await accountIn(trx, id);
  if (account.status === 'disabled') throw linkUnknown();
  await trx.updateTable('account').set({ name, password: hash, status: 'active' }).where('id', '=', id).execute();
  await endSessions(trx, id);
  await endLinks(trx, id);
  return { ...account, name, status: 'active' };
};
