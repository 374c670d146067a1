import { NotFound } from '../../device-profiles/vocabulary/index.ts';
import type { Account, AccountChanges, AccountRegister, Link } from '../../infra/registry/contract.ts';
import type { Ground } from '../contracts/registry.ts';

/** Accounts of a registry that answers politely and keeps nothing. */
export const hollowAccounts = (clock: Ground['clock']): AccountChanges & AccountRegister => {
  const account = (id: string, email = 'a@example.org'): Account => ({
    id,
    email,
    name: email,
    role: 'viewer',
    status: 'active',
    secondFactor: false,
    elsewhere: false,
    createdAt: clock.now(),
  });
  const link: Link = { token: 'a'.repeat(32), purpose: 'invitation', expiresAt: clock.now() };
  const nothing = async (): Promise<void> => {};
  return {
    firstLink: async () => link,
    inviteAccount: async ({ email }) => ({ account: account('a', email), link }),
    resetAccount: async (id) => ({ account: account(id), link }),
    setAccountRole: async (id) => account(id),
    disableAccount: async (id) => account(id),
    enableAccount: async (id) => account(id),
    setPassword: nothing,
    revokeSessions: async () => 0,
    removeSecondFactor: nothing,
    accounts: () => [],
    account: () => undefined,
    accountByEmail: () => undefined,
    hasAdministrator: () => false,
    link: () => undefined,
    joinByLink: async () => {
      throw new NotFound('link-unknown', 'nothing is kept');
    },
    signInElsewhere: async ({ email }) => account('a', email),
    refuseElsewhere: nothing,
    rehash: nothing,
    openSession: async (wanted) => ({
      token: 'a'.repeat(32),
      session: {
        ...wanted,
        id: 's',
        account: account(wanted.account),
        createdAt: clock.now(),
        seenAt: clock.now(),
        expiresAt: clock.now(),
      },
    }),
    session: () => undefined,
    sessions: () => [],
    closeSession: nothing,
    noteFailedSignIn: nothing,
    formToken: (cookie) => cookie,
    pendingSecondFactor: async () => new Uint8Array(20),
    confirmSecondFactor: async () => undefined,
    useSecondFactor: async () => undefined,
    recoveryCodesLeft: () => 0,
    sealWords: (_about, words) => words,
    openWords: (_about, sealed) => sealed,
  };
};
