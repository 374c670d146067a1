import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { parse } from 'yaml';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import type { Adopted, ProfileMap } from '../../infra/network-server/adopt.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { networkMeant, progressBar, withNetworks } from './with-networks.ts';

interface Options {
  readonly network?: string;
  readonly profileMap?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `networks adopt`: registers here what only the network server has. */
export const adoptCommand = (): Command =>
  new Command('adopt')
    .description('register here, in bulk, the devices that only the network server has; their keys stay there')
    .option('--network <name>', 'chirpstack or things-stack, where both are set up')
    .option(
      '--profile-map <file>',
      'YAML or JSON: what the network server calls a model, or a DevEUI, and which profile here it is',
    )
    .option('--dry-run', 'say what would become of each device, and change nothing')
    .option('--json', 'for scripts')
    .action(async ({ network, profileMap, dryRun = false, json }: Options) => {
      const profiles = profileMap === undefined ? new Map<string, string>() : readMap(profileMap);
      const bar = progressBar(process.stderr, 'adopting');
      const adopted = await withNetworks((networks, changes) =>
        networks.adopt(networkMeant(networks, network), changes, { profiles, dryRun, progress: bar.update }),
      ).finally(() => bar.end());
      const count = (outcome: Adopted['outcome']): number => adopted.filter((one) => one.outcome === outcome).length;
      const totals = { adopted: count('adopted'), bad: count('bad'), skipped: count('skipped') };
      if (json === true) print(JSON.stringify({ dryRun, totals, devices: adopted }));
      else {
        if (adopted.length > 0)
          process.stdout.write(table(['OUTCOME', 'DEVEUI', 'THERE', 'HERE', 'PROFILE', 'WHY'], adopted.map(rowOf)));
        print(
          `${totals.adopted} ${dryRun ? 'would be adopted' : 'adopted'}, ${totals.bad} cannot be, ${totals.skipped} left out because they are disabled there`,
        );
        if (dryRun) print('This was a dry run: nothing was changed');
      }
      if (totals.bad > 0) process.exitCode = 5;
    });

const rowOf = ({ outcome, devEui, remote, name, device, profile, faults }: Adopted): readonly string[] => [
  outcome,
  devEui,
  remote === devEui ? name : remote,
  device ?? '-',
  profile ?? '-',
  faults.map(({ detail }) => detail).join('; '),
];

/** @throws Invalid (`profile-map-invalid`). */
const readMap = (file: string): ProfileMap => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Invalid('file-unreadable', `${file}: the file is not there, or may not be read`, { cause });
  }
  try {
    const found: unknown = parse(text);
    if (Check(Type.Record(Type.String(), Type.String()), found))
      return new Map(Object.entries(found).map(([model, profile]) => [model.trim().toLowerCase(), profile]));
  } catch (cause) {
    throw new Invalid('profile-map-invalid', `${file} is neither YAML nor JSON`, { cause });
  }
  throw new Invalid('profile-map-invalid', `${file} must be a list of "name in the network server: maker/model"`);
};
