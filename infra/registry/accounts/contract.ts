import type { Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { PersonRole } from '../roles.ts';

/** People, as the registry keeps them. */

/** `invited`: the link was not used yet. `disabled`: kept, with its name in the audit trail, and cannot sign in. */
export const accountStatuses = ['invited', 'active', 'disabled'] as const;

/** Somebody who may sign in, or was invited to. */
export interface Account {
  readonly id: string;
  /** Lower case; unique. */
  readonly email: string;
  readonly name: string;
  readonly role: PersonRole;
  readonly status: (typeof accountStatuses)[number];
  /** Whether a code of an app is asked for beside the password. */
  readonly secondFactor: boolean;
  /** Whether it signs in by OpenID Connect, and has no password here. */
  readonly elsewhere: boolean;
  readonly createdAt: Instant;
  readonly signedInAt?: Instant;
}

/**
 * What a link is for: `first` makes the first administrator, `invitation` makes an invited account active, `reset` gives
 * an account a new password.
 */
export const linkPurposes = ['first', 'invitation', 'reset'] as const;
export type LinkPurpose = (typeof linkPurposes)[number];

/** A link that was made: the last part of its address. It is good once, and never to be had again. */
export interface Link {
  readonly token: string;
  readonly purpose: LinkPurpose;
  readonly expiresAt: Instant;
}

/** A link that somebody follows. */
export interface OpenLink {
  readonly purpose: LinkPurpose;
  /** Whose it is; none of the first administrator's. */
  readonly account?: Account;
  readonly expiresAt: Instant;
}

/**
 * How far a sign-in has come. `code`: the password was right, the second factor is asked for; `enrol`: the role needs a
 * second factor, and the account has none yet; `full`: signed in. Only the last opens anything.
 */
export const sessionStages = ['code', 'enrol', 'full'] as const;
export type SessionStage = (typeof sessionStages)[number];

/** One sign-in of somebody, on one device. */
export interface Session {
  /** For lists; it opens nothing. */
  readonly id: string;
  readonly account: Account;
  readonly stage: SessionStage;
  readonly createdAt: Instant;
  /** When something was last asked with it, to half a minute. */
  readonly seenAt: Instant;
  /** It ends then, whatever happens. */
  readonly expiresAt: Instant;
  readonly address: string;
  /** What the browser calls itself. */
  readonly agent: string;
}

export interface NewSession {
  readonly account: string;
  readonly stage: SessionStage;
  /** Unused for so long, it ends. */
  readonly idleMs: number;
  /** However it is used, it ends after so long. */
  readonly lastsMs: number;
  readonly address: string;
  readonly agent: string;
}

/** Whoever another service vouches for. */
export interface Elsewhere {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
  readonly name: string;
  readonly role: PersonRole;
}

/** What administrators, and people themselves, change of accounts. Each leaves a line in the audit trail. */
export interface AccountChanges {
  /** A link for the first administrator; earlier ones open nothing any more. @throws Conflict (`administrator-exists`). */
  firstLink(): Promise<Link>;
  /**
   * An account that waits for its owner, and the link for him. Inviting an address again that has not come yet makes a
   * new link and takes the new role. @throws Invalid (`email-invalid`, `role-invalid`), Conflict (`account-exists`).
   */
  inviteAccount(invited: {
    readonly email: string;
    readonly role: string;
    readonly name?: string;
  }): Promise<{ readonly account: Account; readonly link: Link }>;
  /**
   * A link for a new password. The old one, the second factor and all sessions end now.
   * @throws NotFound (`account-unknown`), Conflict (`account-not-active`, `account-elsewhere`).
   */
  resetAccount(id: string): Promise<{ readonly account: Account; readonly link: Link }>;
  /** Its sessions end. @throws NotFound (`account-unknown`), Invalid (`role-invalid`), Conflict (`last-administrator`). */
  setAccountRole(id: string, role: string): Promise<Account>;
  /** Its sessions and links end. @throws NotFound (`account-unknown`), Conflict (`last-administrator`). */
  disableAccount(id: string): Promise<Account>;
  /** @throws NotFound (`account-unknown`), Conflict (`account-not-disabled`). */
  enableAccount(id: string): Promise<Account>;
  /** A new hash. All sessions of the account end, the links too. @throws NotFound (`account-unknown`). */
  setPassword(id: string, hash: string): Promise<void>;
  /** Ends one session of that account, or all but one. Answers how many. @throws NotFound (`session-unknown`). */
  revokeSessions(account: string, which: { readonly only: string } | { readonly allBut: string }): Promise<number>;
  /** @throws NotFound (`account-unknown`). */
  removeSecondFactor(account: string): Promise<void>;
}

/** Reads of accounts, and what is done in the course of signing in. Always answered from what is committed. */
export interface AccountRegister {
  /** In order of e-mail address. */
  accounts(): readonly Account[];
  account(id: string): Account | undefined;
  /** Whose address that is, however it was typed, and the hash of the password. */
  accountByEmail(email: string): { readonly account: Account; readonly password: string | undefined } | undefined;
  hasAdministrator(): boolean;
  /** Undefined when it is unknown, was used or is too old. */
  link(token: string): OpenLink | undefined;
  /**
   * Uses a link up: the account is active with that password, and its sessions end.
   * @throws NotFound (`link-unknown`), Invalid (`email-invalid`, `name-invalid`), Conflict (`administrator-exists`, `account-exists`).
   */
  joinByLink(
    token: string,
    joined: { readonly name: string; readonly email: string; readonly hash: string },
  ): Promise<Account>;
  /**
   * The account of somebody whom another service vouches for, made when it is new; name, address and role are as that
   * service says. An account is never joined with another by its e-mail address: that is no proof of who it is.
   * @throws Conflict (`account-exists`, `account-not-active`, `last-administrator`), Invalid (`email-invalid`, `name-invalid`).
   */
  signInElsewhere(who: Elsewhere): Promise<Account>;
  /** Somebody may not come in any more by that service: his sessions end. */
  refuseElsewhere(who: Pick<Elsewhere, 'issuer' | 'subject'>): Promise<void>;
  /** Keeps a password's hash that was made with today's cost. */
  rehash(account: string, hash: string): Promise<void>;
  /** A new session and its token, 32 characters: the cookie. */
  openSession(session: NewSession): Promise<{ readonly token: string; readonly session: Session }>;
  /** Undefined when it is unknown, over, or its account is not active. `active`: that it was used is noted. */
  session(token: string, active: boolean): Session | undefined;
  sessions(account: string): readonly Session[];
  /** Signs out. */
  closeSession(token: string): Promise<void>;
  noteFailedSignIn(
    account: string,
    detail: { readonly address: string; readonly what: 'password' | 'code' },
  ): Promise<void>;
  /** The token that forms of a session carry: whoever has not its cookie cannot make it. */
  formToken(cookie: string): string;
  /** The secret of a second factor that is being set up, 20 bytes; made when there is none. */
  pendingSecondFactor(account: string): Promise<Uint8Array>;
  /** Sets it up once a code of it is right. Answers the recovery codes; undefined: the code was wrong. */
  confirmSecondFactor(account: string, code: string): Promise<readonly string[] | undefined>;
  /** Takes a code of the app, or a recovery code, once. Undefined: wrong, too old, or used. */
  useSecondFactor(account: string, typed: string): Promise<'app' | 'recovery' | undefined>;
  /** How many recovery codes are left. */
  recoveryCodesLeft(account: string): number;
  /** Seals words for a cookie that only this installation can read. */
  sealWords(about: string, words: string): string;
  /** Undefined when it was altered, or sealed for something else. */
  openWords(about: string, sealed: string): string | undefined;
}
