import { randomUUID, X509Certificate } from 'node:crypto';
import {
  Conflict,
  Invalid,
  instant,
  iso,
  NotFound,
  type DeviceId,
  type Instant,
} from '../../device-profiles/vocabulary/index.ts';
import { toDevice } from './audit.ts';
import { KEEP_OLD_TOKEN_MS, type Registry } from './contract.ts';
import { newToken, tokenRow } from './credentials.ts';
import { deviceIn, keepDevice, type DeviceParts } from './device-table.ts';
import { credentialOf } from './rows.ts';
import type { Tables, Trx } from './tables.ts';

/** Certificates that one device may have at a time: the present one and the next. */
const CERTIFICATES_AT_MOST = 2;
/** A certificate with a long chain of names; a PEM bundle is larger and is refused as such. */
const PEM_AT_MOST = 16_384;

/** How the credentials of a device come and go. */
export const credentialChanges = ({
  write,
  record,
  credentials,
  clock,
}: DeviceParts): Pick<Registry, 'rotateToken' | 'addCertificate' | 'revoke'> => ({
  rotateToken: async (id, keepOldMs = KEEP_OLD_TOKEN_MS) => {
    if (!Number.isSafeInteger(keepOldMs) || keepOldMs < 0)
      throw new Invalid('duration-invalid', 'how long the old token stays valid must be whole milliseconds, 0 or more');
    const token = newToken();
    return write(async (trx, revision) => {
      const now = clock.now();
      const device = await deviceIn(trx, id);
      const old = (await credentialsIn(trx, id)).filter(({ kind }) => kind === 'token');
      await expireAllBut(trx, old, instant(now + keepOldMs));
      const row = tokenRow({ device: id, token, now, credentials });
      await trx.insertInto('credential').values(row).execute();
      await keepDevice(trx, device, revision);
      const { credential } = credentialOf(row);
      await record(trx, [toDevice('token-rotated', id, { credential: credential.id, oldValidMs: keepOldMs })]);
      return { credential, token };
    });
  },
  addCertificate: async (id, pem) => {
    const fingerprint = fingerprintOf(pem, clock.now());
    return write(async (trx, revision) => {
      const device = await deviceIn(trx, id);
      const digest = Buffer.from(fingerprint, 'hex').toString('base64url');
      const taken = await trx
        .selectFrom('credential')
        .select('device')
        .where('kind', '=', 'certificate')
        .where('digest', '=', digest)
        .executeTakeFirst();
      if (taken !== undefined)
        throw new Conflict('certificate-exists', `this certificate is that of ${taken.device} already`);
      const held = (await credentialsIn(trx, id)).filter(({ kind }) => kind === 'certificate').length;
      if (held >= CERTIFICATES_AT_MOST)
        throw new Conflict('certificates-full', `${id} has ${held} certificates already: revoke one of them first`);
      const row = {
        id: randomUUID(),
        device: id,
        kind: 'certificate',
        digest,
        created_at: clock.now(),
        expires_at: null,
      };
      await trx.insertInto('credential').values(row).execute();
      await keepDevice(trx, device, revision);
      await record(trx, [toDevice('certificate-added', id, { credential: row.id, fingerprint })]);
      return credentialOf(row).credential;
    });
  },
  revoke: async (id, which) =>
    write(async (trx, revision) => {
      const device = await deviceIn(trx, id);
      const rows = (await credentialsIn(trx, id)).filter((row) => which === 'all' || row.id === which);
      if (rows.length === 0 && which !== 'all')
        throw new NotFound('credential-unknown', `${id} has no credential ${JSON.stringify(which)}`);
      for (const row of rows) await trx.deleteFrom('credential').where('id', '=', row.id).execute();
      await keepDevice(trx, device, revision);
      await record(
        trx,
        rows.map((row) => toDevice('credential-revoked', id, { credential: row.id, kind: row.kind })),
      );
      return rows.map((row) => credentialOf(row).credential);
    }),
});

const credentialsIn = async (trx: Trx, device: DeviceId): Promise<readonly Tables['credential'][]> =>
  trx.selectFrom('credential').selectAll().where('device', '=', device).execute();

/** The one that was good for longest: of tokens made in the same moment too, only the newest has no end. */
const newestOf = (tokens: readonly Tables['credential'][]): Tables['credential'] | undefined =>
  [...tokens].sort((a, b) => (a.expires_at ?? Infinity) - (b.expires_at ?? Infinity)).at(-1);

/** The newest of the old tokens goes on until then, or until its own end; all others are gone: two are valid at once, never three. */
const expireAllBut = async (trx: Trx, old: readonly Tables['credential'][], until: Instant): Promise<void> => {
  const newest = newestOf(old);
  for (const row of old) if (row !== newest) await trx.deleteFrom('credential').where('id', '=', row.id).execute();
  if (newest === undefined) return;
  const end = Math.min(until, newest.expires_at ?? Infinity);
  await trx.updateTable('credential').set({ expires_at: end }).where('id', '=', newest.id).execute();
};

/** SHA-256 of the certificate, lower-case hex. @throws Invalid (`certificate-invalid`). */
const fingerprintOf = (pem: string, now: Instant): string => {
  const refuse = (why: string, cause?: unknown): Invalid =>
    new Invalid('certificate-invalid', `that is no certificate to sign in with: ${why}`, { cause });
  if (pem.length > PEM_AT_MOST) throw refuse(`${pem.length} characters; ${PEM_AT_MOST} are allowed`);
  if (/PRIVATE KEY/.test(pem)) throw refuse('it has a private key in it, which must never leave the device');
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  if (blocks !== 1) throw refuse(`it has ${blocks} PEM blocks "BEGIN CERTIFICATE", not one`);
  try {
    const { fingerprint256, validToDate } = new X509Certificate(pem);
    if (validToDate.getTime() <= now) throw refuse(`it ended on ${iso(instant(validToDate.getTime()))}`);
    return fingerprint256.replaceAll(':', '').toLowerCase();
  } catch (error) {
    throw error instanceof Invalid ? error : refuse('it cannot be read', error);
  }
};
