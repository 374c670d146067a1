import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { openCatalogue, ownCatalogue } from '../device-profiles/catalogue.ts';
import { checkProfiles, faultLine } from '../device-profiles/check.ts';
import { readConfig } from '../infra/config/index.ts';
import { openDataFolder } from '../infra/data-folder.ts';
import { profileCompareCommand } from './profile-compare.ts';
import { profileTryCommand } from './profile-try.ts';

/** The profiles that this installation knows: Kerbside's own, and those in its data folder. */
const installed = (): string[] => {
  const { dir } = readConfig().data;
  return existsSync(dir) ? [ownCatalogue, openDataFolder(dir).profiles] : [ownCatalogue];
};

const verdict = (faults: number): string => (faults === 0 ? 'all good' : `${faults} fault${faults === 1 ? '' : 's'}`);

interface Options {
  readonly json?: boolean;
}

/** `profiles list` and `profiles check`: which models of device are understood, and whether their data is in order. */
export const profilesCommand = (): Command => {
  const profiles = new Command('profiles').description('the models of device that are understood');
  profiles
    .command('list')
    .description("list the models of device: Kerbside's own, and those in the data folder")
    .option('--json', 'for scripts')
    .action(async ({ json }: Options) => {
      const catalogue = await openCatalogue(installed());
      const rows = catalogue.list().map(({ id, name, maker, sends, everyMs, version, fields }) => ({
        id,
        name,
        maker,
        sends,
        everyMs,
        version,
        quantities: [...new Set([...fields.values()].map(({ quantity }) => quantity))],
      }));
      await catalogue.close();
      process.stdout.write(
        json === true
          ? `${JSON.stringify({ profiles: rows })}\n`
          : rows.map(({ id, sends, name }) => `${id.padEnd(28)} ${sends.padEnd(8)} ${name}\n`).join(''),
      );
    });
  profiles
    .command('check')
    .description('check the data of profiles and run their vectors; exit code 1 when anything is wrong')
    .argument('[folders...]', "folders that hold <maker>/<model>; by default the installation's own")
    .option('--json', 'for scripts')
    .action(async (folders: string[], { json }: Options) => {
      const { good, checked, found, vectors, faults } = await checkProfiles(folders.length > 0 ? folders : installed());
      if (json === true) process.stdout.write(`${JSON.stringify({ good, checked, found, vectors, faults })}\n`);
      else {
        for (const fault of faults) process.stderr.write(`${faultLine(fault)}\n`);
        process.stdout.write(
          `checked ${checked} of ${found} profiles, ${vectors} vectors: ${verdict(faults.length)}\n`,
        );
      }
      if (faults.length > 0) process.exitCode = 1;
    });
  profiles.addCommand(profileTryCommand()).addCommand(profileCompareCommand());
  return profiles;
};
