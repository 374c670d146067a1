import { Command } from 'commander';
import { faultLine } from '../../device-profiles/definition/faults.ts';
import { checkIntegrations } from '../../gateway/lorawan/network-server/check.ts';
import { plain } from '../preview/plain.ts';
import { print } from '../print.ts';
import { integrationFolders } from './installed.ts';

const verdict = (faults: number): string => (faults === 0 ? 'all good' : `${faults} fault${faults === 1 ? '' : 's'}`);

/** `integrations check`: whether the data of integrations is in order. */
export const checkIntegrationsCommand = (): Command =>
  new Command('check')
    .description('check the data of integrations and run their vectors; exit code 1 when anything is wrong')
    .argument('[folders...]', "folders that hold <id>; by default the installation's own")
    .option('--json', 'for scripts')
    .action(async (folders: string[], { json }: { readonly json?: true }) => {
      const report = await checkIntegrations(folders.length > 0 ? folders : integrationFolders());
      const { checked, found, vectors, faults } = report;
      if (json === true) print(JSON.stringify(report));
      else {
        for (const fault of faults) process.stderr.write(`${plain(faultLine(fault))}\n`);
        print(`checked ${checked} of ${found} integrations, ${vectors} vectors: ${verdict(faults.length)}`);
      }
      if (faults.length > 0) process.exitCode = 1;
    });
