import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import { foldedEmail } from '../../infra/accounts/email.ts';
import type { Passwords } from '../../infra/accounts/password.ts';
import { openThrottle } from '../../infra/accounts/throttle.ts';
import { hostKey } from '../../infra/broker/admission.ts';
import type { Log } from '../../infra/logging/index.ts';
import type { Metrics } from '../../infra/metrics/index.ts';
import type { Account, Registry, Session } from '../../infra/registry/contract.ts';
import type { SignInSettings } from './settings.ts';

/** Where somebody sits who signs in. */
export interface Seat {
  readonly address: string;
  readonly agent: string;
}

/**
 * What became of an attempt. `wrong` is all that is said of an unknown address, a wrong password, an invited or disabled
 * account; `wait`: too many attempts; `next`: go on with this session, whose stage says to what.
 */
export type Attempt =
  | { readonly is: 'wrong' }
  | { readonly is: 'wait'; readonly ms: number }
  | { readonly is: 'next'; readonly token: string; readonly session: Session };

/** How people sign in with what they know and what they have. */
export interface SignIn {
  withPassword(shown: { readonly email: string; readonly password: string }, seat: Seat): Promise<Attempt>;
  /** With a code of the app or a recovery code, in a session of the stage `code`, which ends. */
  withCode(
    shown: { readonly token: string; readonly session: Session; readonly code: string },
    seat: Seat,
  ): Promise<Attempt>;
  /** Whether that is the password of somebody who is signed in; slowed like signing in. */
  knows(account: Account, password: string): Promise<'right' | 'wrong' | { readonly waitMs: number }>;
  /** A session for somebody who has just proved who he is by other means: a link, another service. */
  admit(account: Account, seat: Seat): Promise<{ readonly token: string; readonly session: Session }>;
}

export interface SignInParts {
  readonly registry: Registry;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'signIns'>;
  readonly settings: SignInSettings;
}

/** A step between password and code: long enough to fetch the phone. */
const STEP_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;
/**
 * Guesses for one account: after five slips each waits twice as long as the one before, up to a minute, so that nobody
 * is locked out by somebody else for longer than that.
 */
const ofAccount = { free: 5, firstMs: 1_000, atMostMs: 60_000, forgetMs: 24 * HOUR_MS, keysAtMost: 50_000 };
/** Guesses from one address, which a whole town hall may share. */
const ofAddress = { free: 30, firstMs: 1_000, atMostMs: 60_000, forgetMs: HOUR_MS, keysAtMost: 50_000 };
/**
 * Guesses of a code, by somebody who has the password already: three of a million are right at any time, and with 100
 * guesses a day, each may be repeated for a year before one is likely to be right.
 */
const ofCode = { free: 5, firstMs: 5_000, atMostMs: 15 * 60_000, forgetMs: 24 * HOUR_MS, keysAtMost: 50_000 };

export const openSignIn = ({ registry, passwords, clock, log, metrics, settings }: SignInParts): SignIn => {
  const accounts = openThrottle({ clock, ...ofAccount });
  const addresses = openThrottle({ clock, ...ofAddress });
  const codes = openThrottle({ clock, ...ofCode });
  const begin = (
    account: Account,
    stage: Session['stage'],
    seat: Seat,
  ): Promise<{ readonly token: string; readonly session: Session }> => {
    const lasts =
      stage === 'full' ? { idleMs: settings.idleMs, lastsMs: settings.lastsMs } : { idleMs: STEP_MS, lastsMs: STEP_MS };
    return registry.openSession({ account: account.id, stage, ...lasts, ...seat });
  };
  const withoutCode = (account: Account): Session['stage'] =>
    settings.mustHaveCode.has(account.role) && !account.elsewhere ? 'enrol' : 'full';
  /** Not waited for: how long the disk takes would say that there is such an account. */
  const note = (account: Account, seat: Seat, what: 'password' | 'code'): void => {
    registry
      .noteFailedSignIn(account.id, { address: seat.address, what })
      .catch((error: unknown) => log.error({ err: error }, 'a failed sign-in could not be written down'));
  };
  const counted = (by: 'password' | 'code', attempt: Attempt): Attempt => {
    metrics.signIns.inc({ by, outcome: attempt.is === 'next' ? 'right' : attempt.is });
    return attempt;
  };
  const password = async (
    { email, password: shown }: { readonly email: string; readonly password: string },
    seat: Seat,
  ): Promise<Attempt> => {
    const [who, where] = [foldedEmail(email).slice(0, 300), hostKey(seat.address)];
    const ms = accounts.enter(who);
    if (ms > 0) return { is: 'wait', ms };
    const here = addresses.enter(where);
    if (here > 0) {
      accounts.undone(who);
      return { is: 'wait', ms: here };
    }
    const known = registry.accountByEmail(email);
    const { right, outdated } = await passwords.matches(
      shown,
      known?.account.status === 'active' ? known.password : undefined,
    );
    if (known === undefined || !right) {
      if (known !== undefined) note(known.account, seat, 'password');
      return { is: 'wrong' };
    }
    accounts.succeeded(who);
    addresses.undone(where);
    if (outdated) await registry.rehash(known.account.id, await passwords.hash(shown));
    const stage = known.account.secondFactor ? 'code' : withoutCode(known.account);
    return { is: 'next', ...(await begin(known.account, stage, seat)) };
  };
  const secondFactor = async (
    { token, session: { account }, code }: { readonly token: string; readonly session: Session; readonly code: string },
    seat: Seat,
  ): Promise<Attempt> => {
    const ms = codes.enter(account.id);
    if (ms > 0) return { is: 'wait', ms };
    if ((await registry.useSecondFactor(account.id, code)) === undefined) {
      note(account, seat, 'code');
      return { is: 'wrong' };
    }
    codes.succeeded(account.id);
    await registry.closeSession(token);
    return { is: 'next', ...(await begin(account, 'full', seat)) };
  };
  return {
    withPassword: async (shown, seat) => counted('password', await password(shown, seat)),
    withCode: async (shown, seat) => counted('code', await secondFactor(shown, seat)),
    async knows(account, shown) {
      const waitMs = accounts.enter(account.email);
      if (waitMs > 0) return { waitMs };
      const { right } = await passwords.matches(shown, registry.accountByEmail(account.email)?.password);
      if (right) accounts.succeeded(account.email);
      return right ? 'right' : 'wrong';
    },
    admit: (account, seat) =>
      begin(account, account.secondFactor && !account.elsewhere ? 'code' : withoutCode(account), seat),
  };
};
