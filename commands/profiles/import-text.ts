import { troubleLine } from '../../device-profiles/import/files.ts';
import { idRule } from '../../device-profiles/import/identity.ts';
import type { ImportedProfile, ImportReport, RanCodec } from '../../device-profiles/import/report.ts';
import { plain } from '../preview/plain.ts';

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

/** What became of profiles, in words, in the order in which it is told. Hundreds without a codec are no news. */
const kinds: readonly (readonly [ImportedProfile['did'], string])[] = [
  ['broken', 'broken, and not imported'],
  ['twin', 'twins, left as they are'],
  ['kept', 'edited or confirmed here since, left as they are'],
  ['replaced', 'written over'],
];

const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [heading, ...lines, ''];

const inEnglish = (count: number): string => count.toLocaleString('en-GB');

/** What was done, in sums. */
const totals = (report: ImportReport, into: string): readonly string[] => {
  const { profiles, codecs, examples, complete, dryRun, seconds, selected, listed } = report;
  const count = (word: ImportedProfile['did']): number => profiles.filter(({ did }) => did === word).length;
  const keys = profiles.flatMap(({ keys: one }) => (one === undefined ? [] : [one]));
  const sum = (word: keyof (typeof keys)[number]): string =>
    inEnglish(keys.reduce((total, one) => total + one[word], 0));
  const written = count('new') + count('updated') + count('replaced');
  const how = `${count('new')} new, ${count('updated')} updated, ${count('replaced')} written over`;
  const left = [
    `${count('unchanged')} unchanged`,
    `${count('kept')} edited or confirmed`,
    `${count('twin')} twins`,
    `${count('without-codec')} without a codec`,
    `${count('broken')} broken`,
  ];
  const ran = `${inEnglish(examples.passed)} passed, ${inEnglish(examples.failed)} failed`;
  return [
    `${complete ? (dryRun ? 'Tried' : 'Done:') : 'Stopped after'} ${plural(profiles.length, 'profile')} of ` +
      `${plural(selected, 'device')} (the repository lists ${inEnglish(listed)}) in ${seconds.toFixed(1)} s`,
    `  ${dryRun ? 'would be ' : ''}written   ${written} (${how}) into ${into}`,
    `  left        ${left.join(', ')}`,
    `  examples    ${ran}, ${inEnglish(examples.notRunnable)} not runnable, of ${plural(codecs.length, 'codec')}`,
    `  keys        ${sum('sure')} sure, ${sum('likely')} likely; for a person: ${sum('guess')} guesses, ${sum('unmapped')} unmapped`,
    ...(written === 0
      ? []
      : [
          'Each is a draft: "npx kerbside profiles map ID" shows what its keys would mean, "--confirm" puts it to use.',
        ]),
  ];
};

/** The report for a person: what is worst first, the totals last. Its words are strangers', and none commands. */
export const importText = (report: ImportReport, into: string): string => {
  const { profiles, codecs, troubles } = report;
  const bad = codecs
    .filter((codec) => codec.examples.length > 0)
    .toSorted((a, b) => badness(b) - badness(a) || (a.id < b.id ? -1 : 1));
  const renamed = profiles.filter((one) => one.renamed && one.id !== undefined && one.did !== 'broken');
  return [
    ...section(
      'Broken files:',
      troubles.map((trouble) => `  ${troubleLine(trouble)}`),
    ),
    ...section('Codecs whose examples do not all pass:', bad.flatMap(codecLines)),
    ...kinds.flatMap(([word, heading]) =>
      section(
        `Devices that are ${heading}:`,
        profiles
          .filter(({ did }) => did === word)
          .map(({ id, from, why }) => `  ${id ?? from}${why === undefined ? '' : `: ${why}`}`),
      ),
    ),
    ...section(
      `Under another id than the repository's name (${idRule}):`,
      renamed.map(({ id, from }) => `  ${from} -> ${id}`),
    ),
    ...totals(report, into),
    '',
  ]
    .map(plain)
    .join('\n');
};
