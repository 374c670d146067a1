import { Command } from 'commander';
import { iso, NotFound } from '../device-profiles/vocabulary/index.ts';
import { readConfig } from '../infra/config/index.ts';
import { personRoles, type Account, type Link, type Registry } from '../infra/registry/contract.ts';
import { joinAddress } from './join-address.ts';
import { print } from './print.ts';
import { table } from './table.ts';
import { withRegistry } from './with-registry.ts';

interface Json {
  readonly json?: boolean;
}

/** `users ...`: people who sign in. Works while the server runs, which takes each change at once, and before it. */
export const usersCommand = (): Command => {
  const users = new Command('users').description('people who sign in: invite, list, change, disable');
  const forScripts = (command: Command): Command => command.option('--json', 'for scripts');
  forScripts(users.command('link').description('make a new link for the first administrator')).action(
    async ({ json }: Json) => {
      printLink(await withRegistry((_, changes) => changes.firstLink()), json);
    },
  );
  forScripts(users.command('invite').description('make a link by which somebody comes'))
    .requiredOption('--email <address>', 'with which he will sign in')
    .requiredOption('--role <role>', personRoles.join(', '))
    .option('--name <name>', 'his name; he can correct it')
    .action(
      async ({
        json,
        ...invited
      }: Json & { readonly email: string; readonly role: string; readonly name?: string }) => {
        const { account, link } = await withRegistry((_, changes) => changes.inviteAccount(invited));
        if (json !== true) print(`Invited ${account.email} with the role ${account.role}`);
        printLink(link, json, account);
      },
    );
  forScripts(users.command('list').description('list all accounts')).action(list);
  forScripts(users.command('role <email> <role>').description('give an account another role; its sessions end')).action(
    async (email: string, role: string, { json }: Json) => {
      said(await withRegistry((registry, changes) => changes.setAccountRole(idOf(registry, email), role)), json);
    },
  );
  forScripts(users.command('disable <email>').description('let an account sign in no more; its sessions end')).action(
    async (email: string, { json }: Json) => {
      said(await withRegistry((registry, changes) => changes.disableAccount(idOf(registry, email))), json);
    },
  );
  forScripts(users.command('enable <email>').description('let a disabled account sign in again')).action(
    async (email: string, { json }: Json) => {
      said(await withRegistry((registry, changes) => changes.enableAccount(idOf(registry, email))), json);
    },
  );
  forScripts(
    users
      .command('reset <email>')
      .description('make a link for a new password; the old one, the second factor and all sessions end'),
  ).action(async (email: string, { json }: Json) => {
    const { account, link } = await withRegistry((registry, changes) => changes.resetAccount(idOf(registry, email)));
    printLink(link, json, account);
  });
  return users;
};

const idOf = (registry: Registry, email: string): string => {
  const found = registry.accountByEmail(email);
  if (found === undefined)
    throw new NotFound(
      'account-unknown',
      `nobody has the e-mail address ${JSON.stringify(email.slice(0, 254))}; "npx kerbside users list" names all`,
    );
  return found.account.id;
};

const printLink = (link: Link, json: boolean | undefined, account?: Account): void => {
  const url = joinAddress(link, readConfig().http);
  if (json === true)
    return print(
      JSON.stringify({
        ...(account === undefined ? {} : { account: forJson(account) }),
        url,
        expiresAt: iso(link.expiresAt),
      }),
    );
  print(url);
  print(`Good once, until ${iso(link.expiresAt)}. This is the only time that it is shown.`);
};

const forJson = ({ createdAt, signedInAt, ...account }: Account) => ({
  ...account,
  createdAt: iso(createdAt),
  signedInAt: signedInAt === undefined ? null : iso(signedInAt),
});

const said = (account: Account, json: boolean | undefined): void =>
  print(
    json === true
      ? JSON.stringify(forJson(account))
      : `${account.email} is ${account.status}, with the role ${account.role}`,
  );

const list = async ({ json }: Json): Promise<void> => {
  const accounts = await withRegistry(async (registry) => registry.accounts());
  if (json === true) return print(JSON.stringify({ accounts: accounts.map(forJson) }));
  if (accounts.length === 0)
    return print('Nobody has an account yet: "npx kerbside users link" makes a link for the first administrator');
  process.stdout.write(
    table(
      ['EMAIL', 'NAME', 'ROLE', 'STATE', 'SECOND FACTOR', 'SIGNED IN'],
      accounts.map(({ email, name, role, status, secondFactor, elsewhere, signedInAt }) => [
        email,
        name,
        role,
        status,
        elsewhere ? 'elsewhere' : secondFactor ? 'yes' : 'no',
        signedInAt === undefined ? 'never' : iso(signedInAt),
      ]),
    ),
  );
};
