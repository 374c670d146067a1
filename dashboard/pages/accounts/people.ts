import { NotFound } from '../../../device-profiles/vocabulary/index.ts';
import { personRoles, type Account, type Link } from '../../../infra/registry/contract.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { when } from '../models.ts';
import { again, baseOf, changesOf, fresh, refusedAt, type AccountParts } from './parts.ts';
import { roleItems, roleWords, statusWords } from './words.ts';
import { englishWords } from '../../words/index.ts';

const peoplePage = (
  { registry, clock }: AccountParts,
  { email, role }: { readonly email: string; readonly role: string },
): Page => {
  const now = clock.now();
  return {
    template: 'accounts/people',
    title: 'Accounts',
    section: 'manage',
    content: {
      email,
      roles: roleItems(personRoles, role),
      people: registry.accounts().map((account) => ({
        ...account,
        roleName: roleWords[account.role].name,
        statusName: statusWords[account.status],
        signedIn: account.signedInAt === undefined ? undefined : when(account.signedInAt, now, englishWords),
      })),
    },
  };
};

const personPage = ({ registry, clock }: AccountParts, account: Account, done: string | undefined): Page => {
  const now = clock.now();
  return {
    template: 'accounts/person',
    title: account.name,
    section: 'manage',
    content: {
      account,
      done,
      statusName: statusWords[account.status],
      role: roleWords[account.role],
      roles: roleItems(personRoles, account.role),
      created: when(account.createdAt, now, englishWords),
      signedIn: account.signedInAt === undefined ? undefined : when(account.signedInAt, now, englishWords),
      sessions: registry.sessions(account.id).length,
    },
  };
};

/** The one time that a link is shown. */
const linkPage = (
  parts: AccountParts,
  visit: Visit,
  { account, link }: { readonly account: Account; readonly link: Link },
): Shown => ({
  page: {
    template: 'accounts/link',
    title: link.purpose === 'reset' ? 'A link for a new password' : 'An invitation',
    section: 'manage',
    content: {
      account,
      href: `${baseOf(parts, visit)}/join/${link.token}`,
      until: when(link.expiresAt, parts.clock.now(), englishWords),
    },
  },
});

/** Accounts: who there is, invitations, roles, and ending what somebody may. */
export const peoplePages = (desk: Desk, parts: AccountParts): void => {
  const { registry } = parts;
  const accountOf = (visit: Visit): Account => {
    const account = registry.account(visit.param('id'));
    if (account === undefined) throw new NotFound('account-unknown', 'There is no such account');
    return account;
  };
  desk.get('/manage/accounts', 'administer', () => fresh(peoplePage(parts, { email: '', role: 'viewer' })));
  desk.post('/manage/accounts', 'administer', async (visit) => {
    const [email, role] = [visit.field('email'), visit.field('role')];
    try {
      return linkPage(parts, visit, await changesOf(parts, visit).inviteAccount({ email, role }));
    } catch (error) {
      return again(peoplePage(parts, { email: email.slice(0, 254), role }), [refusedAt('email', error)]);
    }
  });
  desk.get('/manage/accounts/:id', 'administer', (visit) =>
    fresh(personPage(parts, accountOf(visit), visit.query('done'))),
  );
  const deed = (name: string, work: (visit: Visit, account: Account) => Promise<unknown>): void =>
    desk.post(`/manage/accounts/:id/${name}`, 'administer', async (visit) => {
      const account = accountOf(visit);
      try {
        await work(visit, account);
      } catch (error) {
        return again(personPage(parts, account, undefined), [refusedAt(name, error)]);
      }
      return { to: `/manage/accounts/${encodeURIComponent(account.id)}?done=${name}` };
    });
  deed('role', (visit, { id }) => changesOf(parts, visit).setAccountRole(id, visit.field('role')));
  deed('disable', (visit, { id }) => changesOf(parts, visit).disableAccount(id));
  deed('enable', (visit, { id }) => changesOf(parts, visit).enableAccount(id));
  desk.post('/manage/accounts/:id/reset', 'administer', async (visit) => {
    const account = accountOf(visit);
    try {
      return linkPage(parts, visit, await changesOf(parts, visit).resetAccount(account.id));
    } catch (error) {
      return again(personPage(parts, account, undefined), [refusedAt('reset', error)]);
    }
  });
};
