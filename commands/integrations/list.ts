import { Command } from 'commander';
import { faultLine } from '../../device-profiles/definition/faults.ts';
import { readIntegrations } from '../../gateway/lorawan/network-server/catalogue.ts';
import { plain } from '../preview/plain.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { integrationFolders } from './installed.ts';

/** `integrations list`: which operators are understood, and where each calls. */
export const listIntegrationsCommand = (): Command =>
  new Command('list')
    .description("list the operators whose messages are read: Kerbside's own, and those in the data folder")
    .option('--json', 'for scripts')
    .action(async ({ json }: { readonly json?: true }) => {
      const { list, faulty } = await readIntegrations(integrationFolders());
      const rows = list.map(({ id, definition: { name, notes, proof } }) => ({
        id,
        name,
        path: `/api/v1/integrations/${id}`,
        ...(notes === undefined ? {} : { notes }),
        keyIn: [
          'Authorization',
          'Kerbside-Key',
          ...(proof?.header === undefined ? [] : [proof.header]),
          ...(proof?.query === undefined ? [] : [`?${proof.query}=`]),
        ],
      }));
      if (json === true) {
        print(JSON.stringify({ integrations: rows, faulty }));
        return;
      }
      for (const fault of faulty.flatMap(({ faults }) => faults)) process.stderr.write(`${plain(faultLine(fault))}\n`);
      process.stdout.write(
        table(
          ['id', 'name', 'address', 'key in'],
          rows.map(({ id, name, path, keyIn }) => [id, name, path, keyIn.join(', ')]),
        ),
      );
    });
