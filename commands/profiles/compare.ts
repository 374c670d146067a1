import { Command, InvalidArgumentError } from 'commander';
import { namesOf, newestOf } from '../../dashboard/api/device-uplinks.ts';
import { comparisonOut, type ComparisonOut } from '../../dashboard/preview/comparison-shape.ts';
import { deviceId, Invalid, NotFound, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openDataFolder } from '../../infra/data-folder.ts';
import { openJournalReader } from '../../infra/journal/reader.ts';
import { compareUplinks } from '../../infra/preview/compare.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import {
  EXIT_OTHERWISE,
  onBench,
  payloadsOf,
  profileOf,
  sideOf,
  type Bench,
  type PayloadOptions,
  type Side,
} from '../preview/bench.ts';
import { comparisonText } from '../preview/comparison-text.ts';
import { withPayloadOptions } from '../preview/options.ts';
import { withRegistry } from '../with-registry.ts';

interface Options extends PayloadOptions {
  readonly device?: string;
  readonly last: number;
  readonly json?: true;
}

/** A page of the journal that is held in memory; more is a matter for a query of one's own. */
const LAST_AT_MOST = 1_000;
const lastOf = (text: string): number => {
  const last = Number(text);
  if (!/^\d{1,4}$/.test(text) || last < 1 || last > LAST_AT_MOST)
    throw new InvalidArgumentError(`this is 1 to ${LAST_AT_MOST}.`);
  return last;
};

/** `profiles compare A B`: two profiles, or two versions of a codec, read the same uplinks. */
export const profileCompareCommand = (): Command =>
  withPayloadOptions(
    new Command('compare').description(
      'read the same uplinks in two ways, and show where they differ; nothing is stored',
    ),
  )
    .argument('<a>', 'an installed profile, the folder of one, or a codec.js')
    .argument('<b>', 'what it is compared with; a codec.js alone is given the fields of the other')
    .option('--device <id>', 'what this device sent last; with payloads: as if it had sent them')
    .option('--last <count>', 'so many of its uplinks', lastOf, 100)
    .option('--json', 'for scripts')
    .addHelpText('after', `\nExit code 0: the same; ${EXIT_OTHERWISE}: different.`)
    .action(run);

const run = async (a: string, b: string, options: Options): Promise<void> => {
  const given = await payloadsOf(options);
  const { device } = options;
  const compared =
    device === undefined
      ? await onBench((bench) =>
          compare(bench, { a, b, uplinks: pastedOnly(given), pasted: true, sender: null, more: false }),
        )
      : await withRegistry((registry) => ofDevice(registry, { a, b, device, given, last: options.last }));
  process.stdout.write(options.json === true ? `${JSON.stringify(compared)}\n` : comparisonText(compared));
  if (compared.same !== compared.compared) process.exitCode = EXIT_OTHERWISE;
};

const pastedOnly = (given: readonly Uplink[]): readonly Uplink[] => {
  if (given.length > 0) return given;
  throw new Invalid('payload-invalid', 'give --device, or a payload: --hex, --text, --json-message or --file');
};

const ofDevice = async (
  registry: Registry,
  {
    device,
    given,
    last,
    ...sides
  }: {
    readonly a: string;
    readonly b: string;
    readonly device: string;
    readonly given: readonly Uplink[];
    readonly last: number;
  },
): Promise<ComparisonOut> => {
  const known = registry.device({ by: 'id', value: deviceId(device) });
  if (known === undefined)
    throw new NotFound(
      'device-unknown',
      `no device ${JSON.stringify(device)} is registered; "npx kerbside devices list" lists them`,
    );
  const pasted = given.length > 0;
  const newest = pasted ? given : await stored(known, last + 1);
  const work = {
    ...sides,
    pasted,
    uplinks: pasted ? given : newest.slice(0, last),
    more: !pasted && newest.length > last,
    sender: known,
  };
  return onBench((bench) => compare(bench, work), registry);
};

const stored = async (device: Device, limit: number): Promise<readonly Uplink[]> => {
  const journal = openJournalReader(openDataFolder(readConfig().data.dir).journal);
  try {
    return (await newestOf(journal, namesOf(device), { limit })).map(({ uplink }) => uplink);
  } finally {
    journal.close();
  }
};

interface Work {
  readonly a: string;
  readonly b: string;
  readonly uplinks: readonly Uplink[];
  readonly pasted: boolean;
  readonly sender: Device | null;
  readonly more: boolean;
}

const compare = async (bench: Bench, { a, b, uplinks, pasted, sender, more }: Work): Promise<ComparisonOut> => {
  const sides = { a: await sideOf(a, bench), b: await sideOf(b, bench) };
  const profiles = { a: profileOf(sides.a, sides.b, bench.sandbox), b: profileOf(sides.b, sides.a, bench.sandbox) };
  const wordsOnly = 'codec' in sides.a && 'codec' in sides.b;
  const pair = { a: { profile: profiles.a, device: sender }, b: { profile: profiles.b, device: sender }, wordsOnly };
  const comparison = await compareUplinks(bench.explain, pair, uplinks);
  const told = (side: Side, of: 'a' | 'b') => ({
    profile: 'codec' in side ? null : profiles[of].id,
    version: profiles[of].version,
  });
  return comparisonOut(comparison, {
    a: told(sides.a, 'a'),
    b: told(sides.b, 'b'),
    wordsOnly,
    more,
    pasted: pasted ? uplinks : undefined,
  });
};
