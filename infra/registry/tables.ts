import type { Kysely, Transaction } from 'kysely';

/**
 * The registry's tables, as queries see them. Times are whole milliseconds since 1970, yes and no are 1 and 0, and
 * digests are base64url, so that SQLite and PostgreSQL keep the same values.
 *
 * `revision` is the number of the transaction that last touched the row: whoever keeps rows in memory asks for what
 * came after the revision that he has. A device's row stands for its deployments and credentials too.
 */
export interface Tables {
  device: {
    id: string;
    dev_eui: string | null;
    join_eui: string | null;
    serial: string | null;
    profile: string;
    name: string;
    status: string;
    status_since: number;
    /** JSON of names and texts. */
    variables: string | null;
    /** JSON list of device ids and patterns, of a gateway device. */
    speaks_for: string | null;
    created_at: number;
    revision: number;
  };
  credential: {
    id: string;
    device: string;
    kind: string;
    /** Of a token its HMAC, of a certificate its SHA-256, base64url. */
    digest: string;
    created_at: number;
    expires_at: number | null;
  };
  lorawan_keys: {
    device: string;
    /** JSON list of the names of the keys that are in `sealed`. */
    held: string;
    dev_addr: string | null;
    /** The keys, encrypted: see seal.ts. */
    sealed: string;
    changed_at: number;
  };
  calibration: {
    id: string;
    device: string;
    quantity: string;
    version: number;
    from_at: number;
    to_at: number | null;
    /** JSON. */
    correction: string;
    /** JSON. */
    fit: string | null;
    author: string;
    reason: string;
    created_at: number;
    withdrawn_at: number | null;
  };
  /** A run over history. */
  reprocess: {
    id: number;
    kind: string;
    subject: string;
    from_at: number;
    to_at: number;
    dry_run: number;
    reason: string | null;
    actor_kind: string;
    actor: string;
    created_at: number;
    started_at: number | null;
    ended_at: number | null;
    state: string;
    progress: number;
    /** JSON. */
    result: string;
    fault: string | null;
  };
  abp_counter: { device: string; dev_addr: string; f_cnt: number; at: number };
  audit: {
    id: number;
    at: number;
    actor_kind: string;
    actor: string;
    action: string;
    subject_kind: string;
    subject: string;
    /** JSON. */
    detail: string;
  };
  site: {
    id: string;
    name: string;
    street: string | null;
    usrn: string | null;
    postcode: string | null;
    asset: string | null;
    latitude: number | null;
    longitude: number | null;
    borough: string | null;
    ward: string | null;
    published: number;
    created_at: number;
    revision: number;
  };
  deployment: {
    device: string;
    site: string;
    from_at: number;
    to_at: number | null;
  };
  rule: {
    id: string;
    name: string;
    quantity: string;
    site: string | null;
    device: string | null;
    borough: string | null;
    condition: string;
    threshold: number;
    clear_at: number;
    for_ms: number;
    severity: string;
    enabled: number;
    revision: number;
  };
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
  /** What is gone, so that a follower learns of it: `kind` is `device` or `rule`. */
  removal: { kind: string; id: string; revision: number };
  alert: {
    id: string;
    rule: string;
    rule_name: string;
    severity: string;
    device: string;
    site: string | null;
    quantity: string;
    state: string;
    started_at: number;
    fired_at: number | null;
    resolved_at: number | null;
    value: number;
    value_at: number;
    worst: number;
    threshold: number;
    /** JSON: what the rule asked when it began. */
    asked: string | null;
    ending: string | null;
  };
  alert_deed: {
    id: number;
    alert: string;
    kind: string;
    at: number;
    actor_kind: string;
    actor: string;
    note: string | null;
  };
  codec_case: {
    id: string;
    profile: string;
    name: string;
    /** JSON: as an entry of vectors.yaml. */
    vector: string;
    at: number;
    actor_kind: string;
    actor: string;
  };
  quarantine: {
    id: number;
    uplink_id: string;
    received_at: number;
    redelivered: number;
    connector: string;
    device_by: string;
    device: string;
    sent_at: number | null;
    payload: Uint8Array;
    /** The radio's data as JSON. */
    lorawan: string | null;
    /** The gateway device that forwarded it. */
    via: string | null;
    reason: string;
    detail: string;
    at: number;
  };
  heard: {
    device: string;
    seq: number;
    heard_at: number;
    about_at: number | null;
    connector: string;
    /** JSON list of [kind, name, time]. */
    routes: string;
    /** Where the frame counter is, as JSON. */
    frames: string | null;
  };
  heard_day: {
    /** Days since 1970. */
    day: number;
    device: string;
    uplinks: number;
    frames_missed: number;
    /** JSON list of 24 numbers. */
    hours: string;
    /** JSON of names and [n, sum, min]. */
    spreads: string;
  };
  listened: { from_at: number; to_at: number };
  /** What people call a gateway, and where they say that it stands. */
  named_gateway: {
    id: string;
    name: string | null;
    latitude: number | null;
    longitude: number | null;
    revision: number;
  };
  /** What was set for a site or a device; `kind` says which. `settings`: JSON. */
  quality: { kind: string; subject: string; settings: string; revision: number };
  /** `facts`: JSON of what is known of it. */
  radio_gateway: { gateway: string; seq: number; facts: string };
  radio_gateway_day: {
    /** Days since 1970. */
    day: number;
    gateway: string;
    connector: string;
    received: number | null;
    received_ok: number | null;
    forwarded: number | null;
    downlinks: number | null;
    emitted: number | null;
    frames: number;
    frames_bad: number;
    uplinks: number;
  };
  /** `days`: JSON list of numbers, see link-days.ts. */
  radio_link: { device: string; gateway: string; seq: number; heard_at: number; days: string };
  /** `place`: the number, modulo how many are kept. `event`: JSON. */
  radio_event: { dev_eui: string; place: number; number: number; event: string };
  network_device: {
    network: string;
    dev_eui: string;
    device: string;
    wanted: string;
    state: string;
    print: string;
    remote: string | null;
    reason: string | null;
    detail: string | null;
    attempts: number;
    changed_at: number;
    next_at: number | null;
  };
  downlink: {
    id: string;
    device: string;
    network: string;
    f_port: number;
    /** Hexadecimal. */
    payload: string;
    confirmed: number;
    state: string;
    remote: string | null;
    reason: string | null;
    detail: string | null;
    by_kind: string;
    by_name: string;
    created_at: number;
    changed_at: number;
    attempts: number;
    next_at: number | null;
  };
  /** Numbers that only rise: `revision`, `quarantine`, `audit`. Taking one locks its row, so writers queue behind each other. */
  counter: { name: string; value: number };
  /**
   * `secret`: a fingerprint of the secret that all digests were made with. `heard`: the place of the journal up to
   * which `heard` is complete.
   */
  setting: { name: string; value: string };
  /** Kept by kysely's Migrator. */
  kysely_migration: { name: string; timestamp: string };
}

/** The registry's database, for queries. */
export type Db = Kysely<Tables>;
/** The same, inside a transaction. */
export type Trx = Transaction<Tables>;
/** A row as the database gave it, before anybody looked at it. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * Rows for one INSERT or one `IN (...)`: the widest table has 16 columns, and SQLite takes 32,766 parameters in a
 * statement, PostgreSQL 65,535.
 */
const CHUNK = 500;

/** Cuts a list into pieces that one statement can take. */
export const chunks = <T>(list: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / CHUNK) }, (_, index) => list.slice(index * CHUNK, (index + 1) * CHUNK));
