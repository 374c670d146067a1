import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { Command } from 'commander';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { openSandbox } from '../../device-profiles/codec/sandbox.ts';
import { findProfiles } from '../../device-profiles/definition/folder.ts';
import { newProfile } from '../../device-profiles/import/new-profile.ts';
import { NotFound } from '../../device-profiles/vocabulary/index.ts';
import { dataProfilesToWrite } from './installed.ts';

interface Options {
  readonly jsonKeys: string;
  readonly json?: true;
}

/** `profiles new ID --json-keys FILE`: a draft for a JSON device of one's own. */
export const newCommand = (): Command =>
  new Command('new')
    .description('make a draft in the data folder for a device that sends JSON, from one of its messages')
    .argument('<id>', 'the new profile: <maker>/<model>')
    .requiredOption('--json-keys <file>', 'a file with one message, or - for standard input')
    .option('--json', 'for scripts')
    .action(run);

/** @throws NotFound (`sample-unknown`) when the file cannot be read. */
const sampleOf = async (file: string): Promise<string> => {
  if (file === '-') return readAll(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new NotFound('sample-unknown', `${file} cannot be read`, { cause });
  }
};

const run = async (id: string, { jsonKeys, json }: Options): Promise<void> => {
  const sample = await sampleOf(jsonKeys);
  const sandbox = await openSandbox();
  try {
    const taken = new Set((await findProfiles(ownCatalogue)).map((place) => place.id));
    const made = await newProfile(id, sample, { into: dataProfilesToWrite(), taken, sandbox });
    process.stdout.write(
      json === true
        ? `${JSON.stringify(made)}\n`
        : `Made the draft ${made.id} in ${made.folder}\n"npx kerbside profiles map ${made.id}" shows what its ${made.suggestions.length} keys would mean\n`,
    );
  } finally {
    await sandbox.close();
  }
};
