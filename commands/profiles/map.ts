import { Command } from 'commander';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { openSandbox } from '../../device-profiles/codec/sandbox.ts';
import type { MappedKey } from '../../device-profiles/import/map-keys.ts';
import { mapProfile, placeOf, type MapReport } from '../../device-profiles/import/map-profile.ts';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { plain } from '../preview/plain.ts';
import { table } from '../table.ts';
import { dataProfilesToWrite } from './installed.ts';

interface Options {
  readonly set: readonly string[];
  readonly ignore: readonly string[];
  readonly every?: string;
  readonly confirm?: true;
  readonly by?: string;
  readonly json?: true;
}

const more = (text: string, before: readonly string[]): readonly string[] => [...before, text];

const listed = (text: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...text.split(',').map((key) => key.trim()),
];

/** `profiles map ID`: what the keys of a profile mean, for a person to see, to change and to confirm. */
export const mapCommand = (): Command =>
  new Command('map')
    .description('show what the keys of a profile in the data folder mean, change it, confirm it')
    .argument('<id>', 'the profile: <maker>/<model>')
    .option(
      '--set <key=quantity[:unit]>',
      'the key measures this; <key> alone takes what is suggested; repeatable',
      more,
      [],
    )
    .option('--ignore <key,...>', 'these keys measure nothing; repeatable', listed, [])
    .option('--every <interval>', 'how often the device should be heard: 145s, 10m, 1h')
    .option('--confirm', 'a person has looked at the mapping: uplinks of its devices become observations from now on')
    .option('--by <name>', 'who confirms it')
    .option('--json', 'for scripts')
    .addHelpText(
      'after',
      `
Nothing is asked: without --set, --ignore, --every or --confirm the profile is shown and not changed.
Units are UCUM codes, as in "[ppb]", "mV" or "ug/m3"; left out, a unit is what was suggested, or the quantity's own.
A running server notices the change within seconds. Uplinks that came before wait in quarantine with the
reason profile-unconfirmed, and can be driven through again.

Example:
  npx kerbside profiles map acme/walkby --set 'NO2=no2:[ppb]' --ignore status --every 10m --confirm --by 'A. Engineer'`,
    )
    .action(run);

const run = async (id: string, { set, ignore, every, confirm, by, json }: Options): Promise<void> => {
  const place = await placeOf(id, { data: dataProfilesToWrite(), own: ownCatalogue });
  const sandbox = await openSandbox();
  try {
    const report = await mapProfile(
      place,
      {
        set,
        ignore,
        confirm: confirm === true,
        ...(by === undefined ? {} : { by }),
        ...(every === undefined ? {} : { every }),
        now: systemClock.now(),
      },
      sandbox,
    );
    process.stdout.write(json === true ? `${JSON.stringify(report)}\n` : mapText(report));
  } finally {
    await sandbox.close();
  }
};

const nowOf = ({ now }: MappedKey): string => (now.is === 'mapped' ? `${now.quantity} ${now.unit}` : now.is);

const suggested = ({ suggestion }: MappedKey): readonly [string, string, string] => {
  if (suggestion === undefined) return ['-', '-', 'no vector has it'];
  if (suggestion.kind === 'measures')
    return [`${suggestion.quantity} ${suggestion.unit}`, suggestion.confidence, suggestion.reason];
  return [suggestion.kind === 'ignores' ? 'ignore' : '-', '-', suggestion.reason];
};

/** The report for a person. Its words are strangers', and none commands the terminal. */
const mapText = ({ id, draft, every, keys, changes, vectors, unmapped }: MapReport): string => {
  const lines = [
    ...changes.map((change) => `changed  ${change}`),
    ...(vectors.length === 0
      ? []
      : [`changed  ${vectors.length} vector${vectors.length === 1 ? '' : 's'} worked out anew`]),
    ...(unmapped.length === 0 ? [] : [`left     nobody maps or ignores ${unmapped.join(', ')}`]),
    `${id} is ${draft ? 'a draft: its uplinks wait in quarantine until you --confirm it' : 'confirmed'}; heard every ${every}`,
  ];
  const rows = keys.map((one) => [one.key, one.sample ?? '-', nowOf(one), ...suggested(one)]);
  return [
    table(['KEY', 'SAMPLE', 'NOW', 'SUGGESTED', 'CONFIDENCE', 'REASON'], rows),
    ...lines.map((line) => `${plain(line)}\n`),
  ].join('');
};
