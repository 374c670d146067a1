import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { faultLine } from '../../device-profiles/definition/faults.ts';
import { Invalid, NotFound } from '../../device-profiles/vocabulary/index.ts';
import { readIntegrations } from '../../gateway/lorawan/network-server/catalogue.ts';
import type { Integration } from '../../gateway/lorawan/network-server/folder.ts';
import { tell } from '../../gateway/lorawan/network-server/vectors.ts';
import { plain } from '../preview/plain.ts';
import { print } from '../print.ts';
import { integrationFolders } from './installed.ts';

/** Done, but the message is refused. */
const EXIT_REFUSED = 5;

/** `integrations try ID FILE`: what a message of an operator comes to, without a server or a trace. */
export const tryIntegrationCommand = (): Command =>
  new Command('try')
    .description('show what one message of an operator comes to; nothing is stored')
    .argument('<id>', 'an installed integration')
    .argument('<file>', 'the message as it was sent; "-" is standard input')
    .option('--json', 'for scripts')
    .addHelpText(
      'after',
      `\nExit code 0: understood; ${EXIT_REFUSED}: refused, and it says why. The words are those of vectors.yaml.`,
    )
    .action(async (id: string, file: string, { json }: { readonly json?: true }) => {
      const told = tell(await installed(id), await bytesIn(file));
      if (json === true) print(JSON.stringify(told));
      else process.stdout.write(stringify(told, { lineWidth: 0 }).split('\n').map(plain).join('\n'));
      if (told.refused !== undefined) process.exitCode = EXIT_REFUSED;
    });

/** @throws NotFound `integration-unknown`, with its faults where it has some. */
const installed = async (id: string): Promise<Integration> => {
  const integrations = await readIntegrations(integrationFolders());
  const found = integrations.get(id);
  if (found !== undefined) return found;
  const faults = integrations.faulty.filter((one) => one.id === id).flatMap((one) => one.faults.map(faultLine));
  const ids = integrations.list.map((one) => one.id).join(', ');
  throw new NotFound(
    'integration-unknown',
    faults.length > 0
      ? `${id} has faults:\n${faults.join('\n')}`
      : `there is no integration ${JSON.stringify(id)}; there are: ${ids}`,
  );
};

/** @throws Invalid `file-unreadable`. */
const bytesIn = async (file: string): Promise<Uint8Array> => {
  try {
    return await (file === '-' ? buffer(process.stdin) : readFile(file));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Invalid('file-unreadable', `${file} cannot be read: ${why}`, { cause });
  }
};
