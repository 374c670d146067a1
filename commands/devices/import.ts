import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { findProfiles, readProfile } from '../../device-profiles/definition/folder.ts';
import { withoutKeys } from '../../device-profiles/identity/root-key.ts';
import { Invalid, NotFound } from '../../device-profiles/vocabulary/index.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openDataFolder } from '../../infra/data-folder.ts';
import { badRowsCsv } from '../../infra/device-csv/bad-rows.ts';
import { importDevices, profileByOtherName, type Import } from '../../infra/device-csv/import.ts';
import { importReport } from '../../infra/device-csv/report.ts';
import type { ProfileOf } from '../../infra/device-csv/row.ts';
import { FILE_AT_MOST_BYTES, tooLarge } from '../../infra/device-csv/text.ts';
import { templateCsv } from '../../infra/device-csv/write.ts';
import type { NewToken } from '../../infra/registry/bulk/contract.ts';
import type { Changes } from '../../infra/registry/contract.ts';
import { assertCanBeMade, writeBadRows } from './bad-rows-file.ts';
import { credentialsFile, freeCredentialsPath, type CredentialsFile } from './credentials-file.ts';
import { importProgress, type ImportProgress } from './import-progress.ts';
import { withRegistry } from '../with-registry.ts';

interface ImportOptions {
  readonly dryRun?: boolean;
  readonly goodRowsOnly?: boolean;
  readonly withKeys?: boolean;
  readonly badRows?: string;
  readonly credentials?: string;
  readonly json?: boolean;
}

/** `devices import FILE.csv`: registers, changes and moves what a table names. Works beside a server that runs. */
export const devicesImportCommand = (): Command =>
  new Command('import')
    .description('register many devices and their sites from a CSV file; the same file again changes nothing')
    .argument(
      '<file.csv>',
      'columns as "npx kerbside devices template" prints them, or the end-device CSV of The Things Stack',
    )
    .option('--dry-run', 'say what would become of each row, and change nothing')
    .option('--good-rows-only', 'take the good rows; without it one bad row keeps all from being taken')
    .option('--with-keys', 'keep the LoRaWAN keys of the table too, encrypted; without it they are left out')
    .option('--bad-rows <file>', 'write the bad rows there, with why each is bad; it can be imported once mended')
    .option('--credentials <file>', 'write the tokens of new devices there; a new file beside <file.csv> unless given')
    .option('--json', 'print one object with what became of each row')
    .action(importFile);

/** `devices template`: prints the CSV file that an engineer begins with. */
export const devicesTemplateCommand = (): Command =>
  new Command('template')
    .description('print a CSV file to begin with: the columns that "devices import" knows, and a row that shows how')
    .action(() => {
      process.stdout.write(templateCsv());
    });

const importFile = async (path: string, options: ImportOptions): Promise<void> => {
  assertReadable(path);
  assertNamed(options);
  if (options.badRows !== undefined) assertCanBeMade(options.badRows);
  const credentials = credentialsFile(options.credentials ?? freeCredentialsPath(path));
  if (options.dryRun !== true) credentials.assertNoneLeft();
  const profileOf = await otherNames();
  const progress = importProgress(process.stderr);
  const done = await withRegistry((_, changes) =>
    put(path, { changes, options, credentials, profileOf, progress }),
  ).finally(() => progress.end());
  const { badRows, ...others } = options;
  const unwritten =
    done.totals.bad > 0 && badRows !== undefined ? writeBadRows(badRows, badRowsCsv(done.rows, done.file)) : undefined;
  const file = done.tokens.length > 0 ? credentials.path : null;
  if (options.json === true) print(JSON.stringify({ ...importReport(done, options), credentials: file }));
  else for (const line of spoken(done, unwritten === undefined ? options : others, file)) print(line);
  // Not before what was done is said: where the tokens are is said nowhere else.
  if (unwritten !== undefined) throw unwritten;
  // A script that only looks at the code must not believe that a refused file was taken.
  if (done.totals.bad > 0 && !done.applied) process.exitCode = 2;
};

const put = async (
  path: string,
  {
    changes,
    options: { dryRun = false, goodRowsOnly = false, withKeys = false },
    credentials,
    profileOf,
    progress,
  }: {
    readonly changes: Changes;
    readonly options: ImportOptions;
    readonly credentials: CredentialsFile;
    readonly profileOf: ProfileOf;
    readonly progress: ImportProgress;
  },
): Promise<Import> => {
  const keepTokens = async (tokens: readonly NewToken[]): Promise<void> => credentials.write(tokens);
  let done: Import;
  try {
    done = await importDevices(createReadStream(path), changes, {
      dryRun,
      goodRowsOnly,
      withKeys,
      keepTokens,
      profileOf,
      progress: (at) => progress.update(at),
    });
  } catch (error) {
    credentials.discard();
    throw error;
  }
  if (done.tokens.length > 0) credentials.confirm();
  return done;
};

/** Says of a file that cannot be what it should be so before the registry is opened. */
const assertReadable = (path: string): void => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new NotFound('csv-unknown', `there is no file ${path}`);
  if (found.isDirectory()) throw new Invalid('csv-wrong-kind', `${path} is a folder, not a CSV file`);
  if (found.size > FILE_AT_MOST_BYTES) throw tooLarge();
};

/** A name that is empty would be found out when the devices are registered. @throws Invalid (`file-name-missing`). */
const assertNamed = ({ badRows, credentials }: ImportOptions): void => {
  for (const [option, name] of [
    ['--bad-rows', badRows],
    ['--credentials', credentials],
  ] as const)
    if (name?.trim() === '') throw new Invalid('file-name-missing', `${option} names no file: its name is empty`);
  if (badRows !== undefined && credentials !== undefined && resolve(badRows) === resolve(credentials))
    throw new Invalid('file-name-twice', '--bad-rows and --credentials name the same file: each needs its own');
};

/** What other catalogues call the profiles that are installed here; one that has faults is for `profiles check`. */
const otherNames = async (): Promise<ProfileOf> => {
  const folders = [ownCatalogue, openDataFolder(readConfig().data.dir).profiles];
  const found = (await Promise.all(folders.map(findProfiles))).flat().filter(({ template }) => !template);
  const read = await Promise.all(found.map(readProfile));
  return profileByOtherName(
    read.flatMap((one) => ('faults' in one ? [] : [{ id: one.id, alsoKnownAs: one.definition.alsoKnownAs ?? [] }])),
  );
};

/** As many bad rows as a person reads in a terminal; --bad-rows has all. */
const SHOWN_AT_MOST = 20;

const spoken = (
  done: Import,
  { dryRun, badRows, withKeys }: ImportOptions,
  credentials: string | null,
): readonly string[] => {
  const { applied, totals, rows, file } = done;
  const bad = rows.filter(({ outcome }) => outcome === 'bad');
  return [
    ...bad
      .slice(0, SHOWN_AT_MOST)
      .flatMap(({ line, faults }) =>
        faults.map(
          ({ field, reason, detail }) =>
            `line ${line}, ${file.header.nameOf(field) ?? 'the row'}: ${withoutKeys(detail)} (${reason})`,
        ),
      ),
    ...(bad.length > SHOWN_AT_MOST
      ? [`and ${bad.length - SHOWN_AT_MOST} bad rows more; --bad-rows FILE has all of them`]
      : []),
    ...(badRows !== undefined && bad.length > 0 ? [`The bad rows are in ${badRows}`] : []),
    `${counted(totals.rows, 'row')}: ${totals.new} new, ${totals.changed} changed, ${totals.unchanged} unchanged, ` +
      `${totals.bad} bad; sites: ${totals.sitesNew} new, ${totals.sitesChanged} changed`,
    ...spokenKeys(done, withKeys === true),
    verdict({ applied, dryRun: dryRun === true }),
    ...(credentials === null
      ? []
      : [
          `The tokens of ${counted(totals.new, 'new device')} are in ${credentials}, which only you can read. They are nowhere else: only digests are kept`,
        ]),
  ];
};

const spokenKeys = ({ totals, file: { header, nwkSKeyLeftOut } }: Import, withKeys: boolean): readonly string[] => [
  ...(withKeys && header.kept.length === 0 ? ['The table has no column with LoRaWAN keys that could be kept'] : []),
  ...(header.kept.length > 0
    ? [`LoRaWAN keys, encrypted (${header.kept.join(', ')}): of ${counted(totals.keysSet, 'device')} new or changed`]
    : []),
  ...(nwkSKeyLeftOut.length > 0
    ? [
        `f_nwk_s_int_key of ${counted(nwkSKeyLeftOut.length, 'row')} is left out, the first on line ` +
          `${nwkSKeyLeftOut[0]}: it is the NwkSKey of LoRaWAN 1.0 only, and lorawan_version says another`,
      ]
    : []),
  ...(header.leftOut.length > 0
    ? [
        `Left out, and kept nowhere: ${header.leftOut.join(', ')}. ` +
          `They are secrets of the network server${withKeys ? '' : '; --with-keys keeps LoRaWAN keys, encrypted'}`,
      ]
    : []),
];

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const verdict = ({ applied, dryRun }: { readonly applied: boolean; readonly dryRun: boolean }): string => {
  if (dryRun) return 'This was a dry run: nothing was changed';
  return applied
    ? 'Done'
    : 'Nothing was changed, because of the bad rows: mend them, or leave them out with --good-rows-only';
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
