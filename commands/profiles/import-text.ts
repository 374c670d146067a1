import { troubleLine } from '../../device-profiles/import/files.ts';
import { idRule } from '../../device-profiles/import/identity.ts';
import type { ImportedProfile, ImportReport, RanCodec } from '../../device-profiles/import/report.ts';

/** Examples of one codec that are told in full; `--json` has all. */
const EXAMPLES_AT_MOST = 3;

const plural = (count: number, word: string): string =>
  `${count.toLocaleString('en-GB')} ${word}${count === 1 ? '' : 's'}`;

type Ran = RanCodec['examples'][number];

const exampleLines = ({ name, does, line, outcome }: Ran): readonly string[] => {
  const where = `    ${does} "${name}"${line === undefined ? '' : ` (line ${line})`}`;
  if (outcome.kind === 'not-runnable') return [`${where}: not runnable: ${outcome.why}`];
  if (outcome.kind === 'passed') return [];
  return [
    `${where}:`,
    ...outcome.differences.map(({ path, expected, got }) => `      ${path}: expected ${expected}, got ${got}`),
  ];
};

const codecLines = ({ id, passed, failed, notRunnable, examples }: RanCodec): readonly string[] => [
  `  ${id}: ${passed} passed, ${failed} failed${notRunnable === 0 ? '' : `, ${notRunnable} not runnable`}`,
  ...examples.slice(0, EXAMPLES_AT_MOST).flatMap(exampleLines),
  ...(examples.length > EXAMPLES_AT_MOST ? [`    and ${examples.length - EXAMPLES_AT_MOST} more`] : []),
];

/** The share of examples that did not pass: the worst codec stands first. */
const badness = ({ passed, failed, notRunnable }: RanCodec): number =>
  (failed + notRunnable / 2) / Math.max(1, passed + failed + notRunnable);

/** What became of profiles, in words, in the order in which it is told. */
const kinds: readonly (readonly [ImportedProfile['did'], string])[] = [
  ['broken', 'broken, and not imported'],
  ['twin', 'twins, left as they are'],
  ['kept', 'edited or confirmed here since, left as they are'],
  ['replaced', 'written over'],
  ['without-codec', 'without a codec: nothing to import'],
];

const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [heading, ...lines, ''];

/** The report for a person: what is worst first, the totals last. */
export const importText = (report: ImportReport, into: string): string => {
  const { profiles, codecs, troubles, examples, complete, dryRun, seconds, selected, listed } = report;
  const bad = codecs
    .filter((codec) => codec.examples.length > 0)
    .toSorted((a, b) => badness(b) - badness(a) || (a.id < b.id ? -1 : 1));
  const did = (word: ImportedProfile['did']): readonly ImportedProfile[] => profiles.filter((one) => one.did === word);
  const renamed = profiles.filter((one) => one.renamed && one.id !== undefined && one.did !== 'broken');
  const keys = profiles.flatMap(({ keys: one }) => (one === undefined ? [] : [one]));
  const sum = (word: 'sure' | 'likely' | 'guess' | 'unmapped'): string =>
    keys.reduce((total, one) => total + one[word], 0).toLocaleString('en-GB');
  const written = did('new').length + did('updated').length + did('replaced').length;
  return [
    ...section(
      'Broken files:',
      troubles.map((trouble) => `  ${troubleLine(trouble)}`),
    ),
    ...section('Codecs whose examples do not all pass:', bad.flatMap(codecLines)),
    ...kinds.flatMap(([word, heading]) =>
      section(
        `Devices that are ${heading}:`,
        // Hundreds without a codec are no news.
        word === 'without-codec'
          ? []
          : did(word).map(({ id, from, why }) => `  ${id ?? from}${why === undefined ? '' : `: ${why}`}`),
      ),
    ),
    ...section(
      `Under another id than the repository's name (${idRule}):`,
      renamed.map(({ id, from }) => `  ${from} -> ${id}`),
    ),
    `${complete ? (dryRun ? 'Tried' : 'Done:') : 'Stopped after'} ${plural(profiles.length, 'profile')} of ${plural(selected, 'device')} (the repository lists ${listed.toLocaleString('en-GB')}) in ${seconds.toFixed(1)} s`,
    `  ${dryRun ? 'would write' : 'written'}   ${written}${written === 0 ? '' : ` (${did('new').length} new, ${did('updated').length} updated, ${did('replaced').length} written over)`}${dryRun ? ', into' : ' into'} ${into}`,
    `  left        ${did('unchanged').length} unchanged, ${did('kept').length} edited or confirmed, ${did('twin').length} twins, ${did('without-codec').length} without a codec, ${did('broken').length} broken`,
    `  examples    ${examples.passed.toLocaleString('en-GB')} passed, ${examples.failed.toLocaleString('en-GB')} failed, ${examples.notRunnable.toLocaleString('en-GB')} not runnable, of ${plural(codecs.length, 'codec')}`,
    `  keys        ${sum('sure')} sure, ${sum('likely')} likely; for a person: ${sum('guess')} guesses, ${sum('unmapped')} unmapped`,
    ...(written === 0
      ? []
      : [
          'Each is a draft: "kerbside profiles map ID" shows what its keys would mean, and "--confirm" makes it one that is used.',
        ]),
    '',
  ].join('\n');
};
