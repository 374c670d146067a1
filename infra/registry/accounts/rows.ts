import { isNull, number, oneOf, reading, text } from '../columns.ts';
import { personRoles } from '../roles.ts';
import { time } from '../rows.ts';
import type { Row } from '../tables.ts';
import {
  accountStatuses,
  linkPurposes,
  sessionStages,
  type Account,
  type LinkPurpose,
  type Session,
} from './contract.ts';

/** An account and what of it nobody is shown. */
export interface KnownAccount {
  readonly account: Account;
  readonly password: string | undefined;
  readonly totp: string | undefined;
  readonly totpPending: string | undefined;
  readonly totpStep: number;
}

const optional = (row: Row, column: string): string | undefined =>
  isNull(row, column) ? undefined : text(row, column);

/** @throws KerbsideError `registry-corrupt`, as all that read rows. */
export const accountOf = reading('account', (row): KnownAccount => ({
  account: {
    id: text(row, 'id'),
    email: text(row, 'email'),
    name: text(row, 'name'),
    role: oneOf(personRoles, text(row, 'role')),
    status: oneOf(accountStatuses, text(row, 'status')),
    secondFactor: !isNull(row, 'totp'),
    elsewhere: !isNull(row, 'issuer'),
    createdAt: time(row, 'created_at'),
    ...(isNull(row, 'signed_in_at') ? {} : { signedInAt: time(row, 'signed_in_at') }),
  },
  password: optional(row, 'password'),
  totp: optional(row, 'totp'),
  totpPending: optional(row, 'totp_pending'),
  totpStep: number(row, 'totp_step'),
}));

/** A session without its account, and how long it may be idle. */
export interface KnownSession extends Omit<Session, 'account'> {
  readonly account: string;
  readonly digest: string;
  readonly idleMs: number;
}

export const sessionOf = reading('session', (row): KnownSession => ({
  digest: text(row, 'digest'),
  id: text(row, 'id'),
  account: text(row, 'account'),
  stage: oneOf(sessionStages, text(row, 'stage')),
  createdAt: time(row, 'created_at'),
  seenAt: time(row, 'seen_at'),
  idleMs: number(row, 'idle_ms'),
  expiresAt: time(row, 'expires_at'),
  address: text(row, 'address'),
  agent: text(row, 'agent'),
}));

export interface KnownLink {
  readonly purpose: LinkPurpose;
  readonly account: string | undefined;
  readonly expiresAt: ReturnType<typeof time>;
}

export const linkOf = reading('account_link', (row): KnownLink => ({
  purpose: oneOf(linkPurposes, text(row, 'purpose')),
  account: optional(row, 'account'),
  expiresAt: time(row, 'expires_at'),
}));
