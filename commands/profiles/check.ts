import { Command } from 'commander';
import { checkProfiles, faultLine } from '../../device-profiles/check.ts';
import { plain } from '../preview/plain.ts';
import { installed } from './installed.ts';

const verdict = (faults: number): string => (faults === 0 ? 'all good' : `${faults} fault${faults === 1 ? '' : 's'}`);

/** `profiles check`: whether the data of profiles is in order. */
export const checkCommand = (): Command =>
  new Command('check')
    .description('check the data of profiles and run their vectors; exit code 1 when anything is wrong')
    .argument('[folders...]', "folders that hold <maker>/<model>; by default the installation's own")
    .option('--json', 'for scripts')
    .action(async (folders: string[], { json }: { readonly json?: true }) => {
      const { good, checked, found, vectors, faults } = await checkProfiles(folders.length > 0 ? folders : installed());
      if (json === true) process.stdout.write(`${JSON.stringify({ good, checked, found, vectors, faults })}\n`);
      else {
        for (const fault of faults) process.stderr.write(`${plain(faultLine(fault))}\n`);
        process.stdout.write(
          `checked ${checked} of ${found} profiles, ${vectors} vectors: ${verdict(faults.length)}\n`,
        );
      }
      if (faults.length > 0) process.exitCode = 1;
    });
