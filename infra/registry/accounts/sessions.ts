import { randomUUID } from 'node:crypto';
import { instant, NotFound, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { foldedEmail } from '../../accounts/email.ts';
import { recordAs } from '../audit.ts';
import { newToken } from '../credentials.ts';
import type { Uses } from '../uses.ts';
import { toAccount } from './changes.ts';
import type { Account, AccountRegister, Session } from './contract.ts';
import { accountActor, accountIn, change, type AccountParts } from './parts.ts';
import { accountOf, linkOf, sessionOf, type KnownSession } from './rows.ts';

type Reads = Pick<
  AccountRegister,
  'accounts' | 'account' | 'accountByEmail' | 'hasAdministrator' | 'link' | 'session' | 'sessions' | 'recoveryCodesLeft'
>;
type Writes = Pick<AccountRegister, 'openSession' | 'closeSession' | 'rehash' | 'noteFailedSignIn' | 'formToken'>;
type Parts = Omit<AccountParts, 'record'> & { readonly uses: Uses };

/** Whether it is over by now. */
const isOver = ({ expiresAt, seenAt, idleMs }: KnownSession, now: Instant): boolean =>
  now >= expiresAt || now >= seenAt + idleMs;

/** What is asked of accounts. Each answer is read from the database: what another process ended is over at once. */
export const accountReads = ({ database, credentials, clock, uses }: Parts): Reads => {
  const { db, snapshot } = database;
  const known = (where: { readonly id: string } | { readonly email: string }) => {
    const all = db.selectFrom('account').selectAll();
    const query = 'id' in where ? all.where('id', '=', where.id) : all.where('email', '=', where.email);
    return snapshot((rows) => rows(query.compile()).map(accountOf))[0];
  };
  // Asked with each request of whoever is signed in: put together once.
  const sessionByDigest = db.selectFrom('session').selectAll().where('digest', '=', '').compile();
  const accountById = db.selectFrom('account').selectAll().where('id', '=', '').compile();
  const seen = (session: KnownSession): KnownSession => {
    const at = uses.seen(session.digest);
    return at === undefined || at <= session.seenAt ? session : { ...session, seenAt: at };
  };
  const shown = ({ digest: _digest, idleMs: _idle, ...session }: KnownSession, account: Account): Session => ({
    ...session,
    account,
  });
  return {
    accounts: () =>
      snapshot((rows) => rows(db.selectFrom('account').selectAll().orderBy('email').compile()).map(accountOf)).map(
        ({ account }) => account,
      ),
    account: (id) => known({ id })?.account,
    accountByEmail: (email) => {
      const found = known({ email: foldedEmail(email) });
      return found === undefined ? undefined : { account: found.account, password: found.password };
    },
    hasAdministrator: () =>
      snapshot((rows) =>
        rows(
          db
            .selectFrom('account')
            .select('id')
            .where('role', '=', 'administrator')
            .where('status', '=', 'active')
            .limit(1)
            .compile(),
        ),
      ).length > 0,
    link: (token) => {
      const query = db
        .selectFrom('account_link')
        .selectAll()
        .where('digest', '=', credentials.ofShown('link', token))
        .compile();
      const link = snapshot((rows) => rows(query).map(linkOf))[0];
      if (link === undefined || link.expiresAt <= clock.now()) return undefined;
      const account = link.account === undefined ? undefined : known({ id: link.account })?.account;
      return { purpose: link.purpose, expiresAt: link.expiresAt, ...(account === undefined ? {} : { account }) };
    },
    session: (token, active) => {
      const digest = credentials.ofShown('session', token);
      const found = snapshot((rows) => {
        const [session] = rows({ ...sessionByDigest, parameters: [digest] }).map(sessionOf);
        if (session === undefined) return undefined;
        const [holder] = rows({ ...accountById, parameters: [session.account] }).map(accountOf);
        return holder === undefined ? undefined : { session: seen(session), account: holder.account };
      });
      const now = clock.now();
      if (found === undefined || found.account.status !== 'active' || isOver(found.session, now)) return undefined;
      if (active) uses.noteSession(digest, now);
      return shown(found.session, found.account);
    },
    sessions: (id) => {
      const account = known({ id })?.account;
      if (account === undefined) return [];
      const query = db
        .selectFrom('session')
        .selectAll()
        .where('account', '=', id)
        .where('stage', '=', 'full')
        .orderBy('created_at', 'desc')
        .compile();
      const now = clock.now();
      return snapshot((rows) => rows(query).map(sessionOf))
        .map(seen)
        .filter((session) => !isOver(session, now))
        .map((session) => shown(session, account));
    },
    recoveryCodesLeft: (id) =>
      snapshot((rows) => rows(db.selectFrom('recovery_code').select('digest').where('account', '=', id).compile()))
        .length,
  };
};

/** How sessions begin and end. */
export const sessionWrites = ({ database, credentials, clock }: Parts): Writes => ({
  openSession: (wanted) =>
    change(database, async (trx) => {
      const now = clock.now();
      const { account } = await accountIn(trx, wanted.account);
      if (account.status !== 'active')
        throw new NotFound('account-unknown', `${account.email} cannot sign in: it is ${account.status}`);
      await trx
        .deleteFrom('session')
        .where((is) =>
          is.or([is('expires_at', '<=', now), is(is('seen_at', '+', is.ref('idle_ms')), '<=', now - WRITTEN_LATE_MS)]),
        )
        .execute();
      const token = newToken();
      const session: Session = {
        id: randomUUID(),
        account,
        stage: wanted.stage,
        createdAt: now,
        seenAt: now,
        expiresAt: instant(now + wanted.lastsMs),
        address: wanted.address.slice(0, 64),
        agent: printable(wanted.agent),
      };
      const { id, stage, createdAt, seenAt, expiresAt, address, agent } = session;
      await trx
        .insertInto('session')
        .values({
          digest: credentials.ofShown('session', token),
          id,
          account: account.id,
          stage,
          created_at: createdAt,
          seen_at: seenAt,
          idle_ms: wanted.idleMs,
          expires_at: expiresAt,
          address,
          agent,
        })
        .execute();
      if (stage === 'full') {
        await trx.updateTable('account').set({ signed_in_at: now }).where('id', '=', account.id).execute();
        await recordAs(accountActor(account), clock)(trx, [toAccount('signed-in', account, { address })]);
      }
      return { token, session };
    }),
  closeSession: (token) =>
    change(database, async (trx) => {
      const row = await trx
        .deleteFrom('session')
        .where('digest', '=', credentials.ofShown('session', token))
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) return;
      const { account, stage } = sessionOf(row);
      if (stage !== 'full') return;
      const holder = (await accountIn(trx, account)).account;
      await recordAs(accountActor(holder), clock)(trx, [toAccount('signed-out', holder)]);
    }),
  rehash: (id, hash) =>
    change(database, async (trx) => {
      await trx.updateTable('account').set({ password: hash }).where('id', '=', id).execute();
    }),
  noteFailedSignIn: (id, { address, what }) =>
    change(database, async (trx) => {
      const { account } = await accountIn(trx, id);
      await recordAs({ kind: 'kerbside', name: 'kerbside' }, clock)(trx, [
        toAccount('sign-in-failed', account, { address, what }),
      ]);
    }),
  formToken: (cookie) => credentials.ofShown('form', cookie),
});

/** When one was last used is written down half a minute late. */
const WRITTEN_LATE_MS = 60_000;
/** What a browser calls itself: of that, what one can read. */
const AGENT_AT_MOST = 200;
const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '').slice(0, AGENT_AT_MOST);
