import { randomUUID } from 'node:crypto';
import { Conflict, NotFound } from '../../../device-profiles/vocabulary/index.ts';
import { checkedEmail } from '../../accounts/email.ts';
import type { Deed } from '../audit.ts';
import { checkedName, checkedPersonRole } from '../checks.ts';
import type { Account, AccountChanges } from './contract.ts';
import {
  accountIn,
  assertNoAdministrator,
  assertNotLast,
  change,
  endLinks,
  endSessions,
  makeLink,
  type AccountParts,
} from './parts.ts';
import { accountOf } from './rows.ts';

/** Something done to an account. */
export const toAccount = (
  action: Deed['action'],
  { id, email }: Pick<Account, 'id' | 'email'>,
  detail: Deed['detail'] = {},
): Deed => ({
  action,
  subject: { kind: 'account', id },
  detail: { email, ...detail },
});

/** How accounts are made, changed and ended by those who may. */
export const accountChanges = (parts: AccountParts): AccountChanges => {
  const { database, credentials, clock, record } = parts;
  return {
    ...invitations(parts),
    setAccountRole: async (id, word) => {
      const role = checkedPersonRole(word);
      return change(database, async (trx) => {
        const { account } = await accountIn(trx, id);
        if (account.role === role) return account;
        if (role !== 'administrator') await assertNotLast(trx, account);
        await trx.updateTable('account').set({ role }).where('id', '=', id).execute();
        await endSessions(trx, id);
        await record(trx, [toAccount('role-changed', account, { from: account.role, to: role })]);
        return { ...account, role };
      });
    },
    disableAccount: (id) =>
      change(database, async (trx) => {
        const { account } = await accountIn(trx, id);
        if (account.status === 'disabled') return account;
        await assertNotLast(trx, account);
        await trx.updateTable('account').set({ status: 'disabled' }).where('id', '=', id).execute();
        await endSessions(trx, id);
        await endLinks(trx, id);
        await record(trx, [toAccount('account-disabled', account)]);
        return { ...account, status: 'disabled' };
      }),
    enableAccount: (id) =>
      change(database, async (trx) => {
        const { account, password } = await accountIn(trx, id);
        if (account.status !== 'disabled')
          throw new Conflict('account-not-disabled', `${account.email} is not disabled: it is ${account.status}`);
        // Who never had a password has to be invited again.
        const status = password === undefined && !account.elsewhere ? 'invited' : 'active';
        await trx.updateTable('account').set({ status }).where('id', '=', id).execute();
        await record(trx, [toAccount('account-enabled', account)]);
        return { ...account, status };
      }),
    setPassword: (id, hash) =>
      change(database, async (trx) => {
        const { account } = await accountIn(trx, id);
        await trx.updateTable('account').set({ password: hash }).where('id', '=', id).execute();
        await endSessions(trx, id);
        await endLinks(trx, id);
        await record(trx, [toAccount('password-changed', account)]);
      }),
    revokeSessions: (id, which) =>
      change(database, async (trx) => {
        const { account } = await accountIn(trx, id);
        const query = trx.deleteFrom('session').where('account', '=', id);
        const { numDeletedRows } = await (
          'only' in which ? query.where('id', '=', which.only) : query.where('id', '!=', which.allBut)
        ).executeTakeFirstOrThrow();
        const ended = Number(numDeletedRows);
        if (ended === 0 && 'only' in which) throw new NotFound('session-unknown', 'that session is over already');
        if (ended > 0) await record(trx, [toAccount('session-revoked', account, { sessions: ended })]);
        return ended;
      }),
    removeSecondFactor: (id) =>
      change(database, async (trx) => {
        const { account } = await accountIn(trx, id);
        await trx.updateTable('account').set({ totp: null, totp_pending: null }).where('id', '=', id).execute();
        await trx.deleteFrom('recovery_code').where('account', '=', id).execute();
        if (account.secondFactor) await record(trx, [toAccount('second-factor-off', account)]);
      }),
    firstLink: () =>
      change(database, async (trx) => {
        await assertNoAdministrator(trx);
        return makeLink(trx, { purpose: 'first', credentials, now: clock.now() });
      }),
  };
};

const invitations = ({
  database,
  credentials,
  clock,
  record,
}: AccountParts): Pick<AccountChanges, 'inviteAccount' | 'resetAccount'> => ({
  inviteAccount: async ({ email: typed, role: word, name: given }) => {
    const email = checkedEmail(typed);
    const role = checkedPersonRole(word);
    const name = checkedName('the name of a person', given ?? email.slice(0, 120));
    return change(database, async (trx) => {
      const now = clock.now();
      const row = await trx.selectFrom('account').selectAll().where('email', '=', email).executeTakeFirst();
      const known = row === undefined ? undefined : accountOf(row).account;
      if (known !== undefined && known.status !== 'invited')
        throw new Conflict(
          'account-exists',
          `${email} has an account already: it is ${known.status}, with the role ${known.role}`,
        );
      const account: Account =
        known === undefined
          ? {
              id: randomUUID(),
              email,
              name,
              role,
              status: 'invited',
              secondFactor: false,
              elsewhere: false,
              createdAt: now,
            }
          : { ...known, role, name: given === undefined ? known.name : name };
      if (known === undefined) await trx.insertInto('account').values(newRow(account)).execute();
      else await trx.updateTable('account').set({ role, name: account.name }).where('id', '=', account.id).execute();
      const link = await makeLink(trx, { purpose: 'invitation', account: account.id, credentials, now });
      await record(trx, [toAccount('account-invited', account, { role })]);
      return { account, link };
    });
  },
  resetAccount: (id) =>
    change(database, async (trx) => {
      const { account } = await accountIn(trx, id);
      if (account.elsewhere)
        throw new Conflict(
          'account-elsewhere',
          `${account.email} signs in by another service, and has no password here`,
        );
      if (account.status !== 'active')
        throw new Conflict(
          'account-not-active',
          `${account.email} is ${account.status}: ${account.status === 'invited' ? 'invite it again' : 'enable it first'}`,
        );
      await trx
        .updateTable('account')
        .set({ password: null, totp: null, totp_pending: null })
        .where('id', '=', id)
        .execute();
      await trx.deleteFrom('recovery_code').where('account', '=', id).execute();
      await endSessions(trx, id);
      const link = await makeLink(trx, { purpose: 'reset', account: id, credentials, now: clock.now() });
      await record(trx, [toAccount('account-reset', account)]);
      return { account: { ...account, secondFactor: false }, link };
    }),
});

/** The row of an account that is new. */
export const newRow = (
  account: Account,
  more: { readonly password?: string; readonly issuer?: string; readonly subject?: string } = {},
) => ({
  id: account.id,
  email: account.email,
  name: account.name,
  role: account.role,
  status: account.status,
  password: more.password ?? null,
  totp: null,
  totp_pending: null,
  totp_step: 0,
  issuer: more.issuer ?? null,
  subject: more.subject ?? null,
  created_at: account.createdAt,
  signed_in_at: null,
});
