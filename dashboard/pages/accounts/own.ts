import { checkPassword, PASSWORD_AT_LEAST } from '../../../infra/accounts/password-rules.ts';
import type { Desk, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { when } from '../models.ts';
import {
  again,
  carry,
  changesOf,
  fresh,
  notRight,
  personOf,
  refusedAt,
  seatOf,
  type AccountParts,
  type FieldError,
} from './parts.ts';
import { agentWords, roleWords } from './words.ts';
import { englishWords } from '../../words/index.ts';

/** Your own account: who you are, your password, your second factor, where you are signed in. */
const accountPage = ({ registry, clock, settings }: AccountParts, visit: Visit): Page => {
  const { session } = personOf(visit);
  const now = clock.now();
  const account = registry.account(session.account.id) ?? session.account;
  return {
    template: 'accounts/account',
    title: 'Your account',
    content: {
      account,
      role: roleWords[account.role],
      done: visit.query('done'),
      atLeast: PASSWORD_AT_LEAST,
      mustHaveCode: settings.mustHaveCode.has(account.role),
      codesLeft: registry.recoveryCodesLeft(account.id),
      sessions: registry.sessions(account.id).map((one) => ({
        id: one.id,
        isThis: one.id === session.id,
        agent: agentWords(one.agent),
        address: one.address,
        since: when(one.createdAt, now, englishWords),
        seen: when(one.seenAt, now, englishWords),
      })),
    },
  };
};

/** The pages of one's own account. */
export const ownPages = (desk: Desk, parts: AccountParts): void => {
  const { registry, passwords, settings, signIn } = parts;
  desk.get('/account', 'signed-in', (visit) => fresh(accountPage(parts, visit)));
  desk.post('/account/password', 'signed-in', async (visit) => {
    const { session } = personOf(visit);
    const { account } = session;
    const errors = await passwordErrors(parts, visit);
    if (errors.length > 0) return again(accountPage(parts, visit), errors);
    await changesOf(parts, visit).setPassword(account.id, await passwords.hash(visit.field('password')));
    // All sessions ended, this one too: a new one for whoever has just shown both passwords.
    const begun = await registry.openSession({
      account: account.id,
      stage: 'full',
      idleMs: settings.idleMs,
      lastsMs: settings.lastsMs,
      ...seatOf(visit),
    });
    carry(visit, begun.token);
    return { to: '/account?done=password' };
  });
  desk.post('/account/sessions/end', 'signed-in', async (visit) => {
    const { session } = personOf(visit);
    const which = visit.field('session');
    try {
      await changesOf(parts, visit).revokeSessions(
        session.account.id,
        which === '' ? { allBut: session.id } : { only: which },
      );
    } catch (error) {
      return again(accountPage(parts, visit), [refusedAt('sessions', error)]);
    }
    return { to: '/account?done=sessions' };
  });
  desk.post('/account/second-factor/off', 'signed-in', async (visit) => {
    const { account } = personOf(visit).session;
    const knows = await signIn.knows(account, visit.field('current'));
    const refused = settings.mustHaveCode.has(account.role)
      ? { field: 'off-current', text: 'Your role must have a second factor' }
      : knows === 'right'
        ? undefined
        : { field: 'off-current', text: notRight(knows) };
    if (refused !== undefined) return again(accountPage(parts, visit), [refused]);
    await changesOf(parts, visit).removeSecondFactor(account.id);
    return { to: '/account?done=off' };
  });
};

const passwordErrors = async ({ signIn, settings }: AccountParts, visit: Visit): Promise<readonly FieldError[]> => {
  const { account } = personOf(visit).session;
  const password = visit.field('password');
  try {
    checkPassword(password, { name: account.name, email: account.email, service: settings.service });
  } catch (error) {
    return [refusedAt('password', error)];
  }
  if (password !== visit.field('repeated')) return [{ field: 'repeated', text: 'The two passwords differ' }];
  const knows = await signIn.knows(account, visit.field('current'));
  return knows === 'right' ? [] : [{ field: 'current', text: notRight(knows) }];
};
