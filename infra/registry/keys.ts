import { randomUUID } from 'node:crypto';
import { Conflict, Invalid, NotFound, iso, type Clock, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Recorder } from './audit.ts';
import { checkedName, checkedRole } from './checks.ts';
import type { ApiKey, Registry } from './contract.ts';
import { newKeySecret, type Credentials } from './credentials.ts';
import { scopesOf, type Role, type Scope } from './roles.ts';
import { keyOf } from './rows.ts';
import type { Write } from './write.ts';

/** How API keys come and go. Two may have the same name: it is a remark, not an identity. */
export const keyChanges = ({
  write,
  record,
  credentials,
  clock,
}: {
  readonly write: Write;
  readonly record: Recorder;
  readonly credentials: Credentials;
  readonly clock: Clock;
}): Pick<Registry, 'createKey' | 'revokeKey'> => ({
  createKey: async ({ name, role: word, scopes, expiresAt }) => {
    const role = checkedRole(word);
    const key: ApiKey = {
      id: randomUUID(),
      name: checkedName('the name of a key', name),
      role,
      ...(scopes === undefined ? {} : { scopes: checkedScopes(role, scopes) }),
      createdAt: clock.now(),
      ...(expiresAt === undefined ? {} : { expiresAt: checkedExpiry(expiresAt, clock.now()) }),
    };
    const secret = newKeySecret();
    await write(async (trx, revision) => {
      const row = {
        id: key.id,
        name: key.name,
        role: key.role,
        created_at: key.createdAt,
        secret_digest: credentials.ofKey(secret),
        scopes: key.scopes?.join(' ') ?? null,
        expires_at: key.expiresAt ?? null,
        revoked_at: null,
        revision,
      };
      await trx.insertInto('api_key').values(row).execute();
      const detail = {
        name: key.name,
        role,
        ...(key.scopes === undefined ? {} : { scopes: key.scopes.join(' ') }),
        ...(key.expiresAt === undefined ? {} : { expiresAt: iso(key.expiresAt) }),
      };
      await record(trx, [{ action: 'key-created', subject: { kind: 'key', id: key.id }, detail }]);
    });
    return { key, secret };
  },
  revokeKey: async (id) =>
    write(async (trx, revision) => {
      const row = await trx.selectFrom('api_key').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined)
        throw new NotFound('key-unknown', `there is no API key with the id ${JSON.stringify(id.slice(0, 80))}`);
      const { key } = keyOf(row);
      if (key.revokedAt !== undefined)
        throw new Conflict('key-revoked', `the key "${key.name}" was revoked at ${iso(key.revokedAt)}`);
      const revokedAt = clock.now();
      await trx.updateTable('api_key').set({ revoked_at: revokedAt, revision }).where('id', '=', id).execute();
      await record(trx, [{ action: 'key-revoked', subject: { kind: 'key', id }, detail: { name: key.name } }]);
      return { ...key, revokedAt };
    }),
});

/** Some of the role's scopes, at least one, each once, in the order of the table. */
const checkedScopes = (role: Role, chosen: readonly string[]): readonly Scope[] => {
  const has: readonly string[] = scopesOf[role];
  const foreign = chosen.find((word) => !has.includes(word));
  if (chosen.length > 0 && foreign === undefined) return scopesOf[role].filter((scope) => chosen.includes(scope));
  throw new Invalid(
    'scopes-invalid',
    foreign === undefined
      ? `a key needs one scope at least: ${has.join(', ')}`
      : `a key of the role ${role} cannot have the scope ${JSON.stringify(foreign.slice(0, 80))}; it can have: ${has.join(', ')}`,
  );
};

/** Longer than anybody keeps a program without looking at it. */
const EXPIRY_AT_MOST_MS = 10 * 366 * 86_400_000;

const checkedExpiry = (at: Instant, now: Instant): Instant => {
  if (at > now && at <= now + EXPIRY_AT_MOST_MS) return at;
  throw new Invalid('expiry-invalid', 'a key ends at a time ahead, within ten years');
};
