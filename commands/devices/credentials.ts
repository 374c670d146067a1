import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { credentialId, deviceId, Invalid } from '../../device-profiles/vocabulary/index.ts';
import { KEEP_OLD_TOKEN_MS } from '../../infra/registry/contract.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { withRegistry } from '../with-registry.ts';
import { tellToken } from './add.ts';
import { registered, shownCredential } from './look.ts';

interface Json {
  readonly json?: boolean;
}

/** `devices credentials ID`. */
export const credentialsCommand = (): Command =>
  new Command('credentials')
    .description('list what a device may sign in with, without secrets')
    .argument('<id>')
    .option('--json', 'for scripts')
    .action(async (text: string, { json }: Json) => {
      const credentials = await withRegistry(async (registry) =>
        registry.credentials(registered(registry, text).id).map(shownCredential),
      );
      if (json === true) return print(JSON.stringify({ credentials }));
      if (credentials.length === 0)
        return print(`${text} cannot sign in: "npx kerbside devices rotate-token ${text}" gives it a token`);
      const rows = credentials.map(({ id, kind, createdAt, expiresAt }) => [
        id,
        kind,
        createdAt,
        expiresAt ?? 'until it is revoked',
      ]);
      process.stdout.write(table(['ID', 'KIND', 'MADE', 'GOOD UNTIL'], rows));
    });

const hours = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const keepOldOf = (text: string): number => {
  const [, count, unit = ''] = /^(\d{1,6})(m|h|d)$/.exec(text) ?? [];
  const ms = text === '0' ? 0 : Number(count) * (hours.get(unit) ?? Number.NaN);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('how long is 0, or a number and m, h or d, such as 12h.');
  return ms;
};

/** `devices rotate-token ID`. */
export const rotateTokenCommand = (): Command =>
  new Command('rotate-token')
    .description('give a device a new token; the old one stays good for a while')
    .argument('<id>')
    .option('--keep-old <time>', 'for how long: 0, or such as 12h or 7d', keepOldOf, KEEP_OLD_TOKEN_MS)
    .option('--json', 'print {"id","token"} and nothing else')
    .action(async (text: string, { keepOld, json }: Json & { readonly keepOld: number }) => {
      const id = deviceId(text);
      const { token, others } = await withRegistry(async (registry, changes) => ({
        ...(await changes.rotateToken(id, keepOld)),
        others: registry.credentials(id).map(shownCredential),
      }));
      if (json === true) return print(JSON.stringify({ id, token }));
      tellToken(token);
      for (const { kind, expiresAt } of others)
        if (kind === 'token' && expiresAt !== null)
          print(`The token before it is good until ${expiresAt}; any earlier one has ended.`);
    });

/** `devices revoke ID CREDENTIAL|all`. */
export const revokeCommand = (): Command =>
  new Command('revoke')
    .description('take a credential back; connections that signed in with it end within seconds')
    .argument('<id>')
    .argument('<credential>', 'its id, as "npx kerbside devices credentials" lists it, or all')
    .option('--json', 'for scripts')
    .action(async (text: string, which: string, { json }: Json) => {
      const revoked = await withRegistry((_, changes) =>
        changes.revoke(deviceId(text), which === 'all' ? 'all' : credentialId(which)),
      );
      const ids = revoked.map(({ id }) => id);
      print(
        json === true
          ? JSON.stringify({ revoked: ids })
          : `Revoked ${ids.length === 0 ? 'nothing: it had none' : ids.join(', ')}`,
      );
    });

/** `devices certificate ID FILE`. */
export const certificateCommand = (): Command =>
  new Command('certificate')
    .description('register an X.509 client certificate that a device signs in with over TLS')
    .argument('<id>')
    .argument('<file>', 'the certificate in PEM, without its private key')
    .option('--json', 'for scripts')
    .action(async (text: string, file: string, { json }: Json) => {
      const pem = textOf(file);
      const added = shownCredential(await withRegistry((_, changes) => changes.addCertificate(deviceId(text), pem)));
      print(
        json === true
          ? JSON.stringify(added)
          : `Registered certificate ${added.id} with SHA-256 ${added.fingerprint ?? ''}`,
      );
    });

/** @throws Invalid (`file-unreadable`). */
const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Invalid('file-unreadable', `${file} cannot be read`, { cause });
  }
};
