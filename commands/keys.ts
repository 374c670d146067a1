import { Command } from 'commander';
import { iso } from '../device-profiles/vocabulary/index.ts';
import { checkedRole } from '../infra/registry/checks.ts';
import { roles } from '../infra/registry/contract.ts';
import { print } from './print.ts';
import { table } from './table.ts';
import { withRegistry } from './with-registry.ts';

interface CreateOptions {
  readonly role: string;
  readonly name: string;
  readonly json?: boolean;
}

/**
 * `keys create|list`: API keys for programs and partners. Works while the server runs, which sees the change at once,
 * and before it.
 */
export const keysCommand = (): Command => {
  const keys = new Command('keys').description('make and list API keys');
  keys
    .command('create')
    .description('make an API key; it is shown once')
    .requiredOption('--role <role>', `what it may do: ${roles.join(', ')}`)
    .requiredOption('--name <name>', 'whom or what it is for')
    .option('--json', 'print {"key"} and nothing else')
    .action(create);
  keys
    .command('list')
    .description('list all API keys, without their secrets')
    .option('--json', 'for scripts')
    .action(list);
  return keys;
};

const create = async ({ role: word, name, json }: CreateOptions): Promise<void> => {
  const role = checkedRole(word);
  const { key, secret } = await withRegistry((_, changes) => changes.createKey({ name, role }));
  if (json === true) return print(JSON.stringify({ key: secret }));
  print(`Made a key for "${key.name}" with the role ${key.role}`);
  print(`Key: ${secret}`);
  print('This is the only time that it is shown: only a digest of it is kept.');
  print('Send it as "Authorization: Bearer <key>"');
};

const list = async ({ json }: { readonly json?: boolean }): Promise<void> => {
  const keys = await withRegistry(async (registry) =>
    registry.keys().map(({ createdAt, ...key }) => ({ ...key, createdAt: iso(createdAt) })),
  );
  if (json === true) return print(JSON.stringify({ keys }));
  if (keys.length === 0) return print('There is no key yet: "npx kerbside keys create --help" says how');
  process.stdout.write(
    table(
      ['ROLE', 'MADE', 'NAME', 'ID'],
      keys.map(({ role, createdAt, name, id }) => [role, createdAt, name, id]),
    ),
  );
};
