import { Command, InvalidArgumentError } from 'commander';
import { iso, parseIso, type Instant } from '../device-profiles/vocabulary/index.ts';
import { checkedRole } from '../infra/registry/checks.ts';
import { roles, scopesOfKey, type ApiKey } from '../infra/registry/contract.ts';
import { print } from './print.ts';
import { table } from './table.ts';
import { withRegistry } from './with-registry.ts';

interface CreateOptions {
  readonly role: string;
  readonly name: string;
  readonly scopes?: readonly string[];
  readonly expires?: Instant;
  readonly json?: boolean;
}

/**
 * `keys create|list|revoke`: API keys for programs and partners. Works while the server runs, which sees the change at
 * once, and before it.
 */
export const keysCommand = (): Command => {
  const keys = new Command('keys').description('make, list and revoke API keys');
  keys
    .command('create')
    .description('make an API key; it is shown once')
    .requiredOption('--role <role>', `what it may do: ${roles.join(', ')}`)
    .requiredOption('--name <name>', 'whom or what it is for')
    .option('--scopes <scopes>', "only these of the role's, divided by commas, such as read", (text: string) =>
      text.split(','),
    )
    .option('--expires <time>', 'until when, such as 2027-04-01; until it is revoked unless given', timeOf)
    .option('--json', 'print {"key"} and nothing else')
    .action(create);
  keys
    .command('list')
    .description('list all API keys, without their secrets')
    .option('--json', 'for scripts')
    .action(list);
  keys
    .command('revoke <id>')
    .description('let a key open nothing any more')
    .option('--json', 'for scripts')
    .action(async (id: string, { json }: { readonly json?: boolean }) => {
      const key = await withRegistry((_, changes) => changes.revokeKey(id));
      print(json === true ? JSON.stringify({ id: key.id, name: key.name }) : `Revoked the key "${key.name}"`);
    });
  return keys;
};

const timeOf = (text: string): Instant => {
  const at = parseIso(text);
  if (at === undefined) throw new InvalidArgumentError('a time is such as 2027-04-01 or 2027-04-01T12:00:00Z.');
  return at;
};

const create = async ({ role: word, name, scopes, expires, json }: CreateOptions): Promise<void> => {
  const role = checkedRole(word);
  const wanted = {
    name,
    role,
    ...(scopes === undefined ? {} : { scopes }),
    ...(expires === undefined ? {} : { expiresAt: expires }),
  };
  const { key, secret } = await withRegistry((_, changes) => changes.createKey(wanted));
  if (json === true) return print(JSON.stringify({ key: secret }));
  print(
    `Made a key for "${key.name}" with the role ${key.role}${key.scopes === undefined ? '' : `, only to ${key.scopes.join(', ')}`}`,
  );
  print(`Key: ${secret}`);
  print('This is the only time that it is shown: only a digest of it is kept.');
  print('Send it as "Authorization: Bearer <key>"');
};

const stateOf = ({ revokedAt, expiresAt }: ApiKey, now: number): string =>
  revokedAt !== undefined ? 'revoked' : expiresAt !== undefined && expiresAt <= now ? 'expired' : 'good';

const list = async ({ json }: { readonly json?: boolean }): Promise<void> => {
  const keys = await withRegistry(async (registry) => {
    const used = registry.keyUse();
    return registry.keys().map((key) => ({ key, usedAt: used.get(key.id) }));
  });
  const words = (at: Instant | undefined): string | null => (at === undefined ? null : iso(at));
  if (json === true) {
    const rows = keys.map(({ key: { createdAt, expiresAt, revokedAt, ...key }, usedAt }) => ({
      ...key,
      scopes: scopesOfKey(key),
      createdAt: iso(createdAt),
      expiresAt: words(expiresAt),
      revokedAt: words(revokedAt),
      usedAt: words(usedAt),
    }));
    return print(JSON.stringify({ keys: rows }));
  }
  if (keys.length === 0) return print('There is no key yet: "npx kerbside keys create --help" says how');
  process.stdout.write(
    table(
      ['ROLE', 'MAY', 'MADE', 'USED', 'ENDS', 'STATE', 'NAME', 'ID'],
      keys.map(({ key, usedAt }) => [
        key.role,
        scopesOfKey(key).join(','),
        iso(key.createdAt),
        words(usedAt) ?? 'never',
        words(key.expiresAt) ?? 'never',
        stateOf(key, Date.now()),
        key.name,
        key.id,
      ]),
    ),
  );
};
