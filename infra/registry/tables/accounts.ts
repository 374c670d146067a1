/** Who may come in: keys of programs, people and their sessions. */
export interface AccountTables {
  api_key: {
    id: string;
    name: string;
    role: string;
    created_at: number;
    /** HMAC of the secret. */
    secret_digest: string;
    /** Words divided by blanks; null: all of its role. */
    scopes: string | null;
    expires_at: number | null;
    revoked_at: number | null;
    revision: number;
  };
  /** When each key was last used; without a revision, because nobody keeps it in memory. */
  key_use: { key: string; at: number };
  account: {
    id: string;
    /** As `foldedEmail` writes it. */
    email: string;
    name: string;
    role: string;
    status: string;
    /** As `infra/accounts/password.ts` writes it. */
    password: string | null;
    /** The secret of the second factor, encrypted: see seal.ts. */
    totp: string | null;
    /** One that is being set up. */
    totp_pending: string | null;
    /** The last step whose code was taken. */
    totp_step: number;
    /** Whom another service says that it is: OpenID Connect's `iss` and `sub`. */
    issuer: string | null;
    subject: string | null;
    created_at: number;
    signed_in_at: number | null;
  };
  account_link: { digest: string; purpose: string; account: string | null; expires_at: number };
  recovery_code: { account: string; digest: string };
  session: {
    digest: string;
    id: string;
    account: string;
    stage: string;
    created_at: number;
    seen_at: number;
    idle_ms: number;
    expires_at: number;
    address: string;
    agent: string;
  };
}
