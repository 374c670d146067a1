import { createHash } from 'node:crypto';
import type { DeviceRepository, FoundCodec, FoundDevice } from './found.ts';
import { oneLine } from './one-line.ts';
import type { Suggestion } from './suggest.ts';

/** A text that YAML reads as that text, on one line: plain where it can be. */
const scalar = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);

const oneOfMap = (entries: Readonly<Record<string, string | number>>): string =>
  `{ ${Object.entries(entries)
    .map(([key, value]) => `${JSON.stringify(key)}: ${typeof value === 'number' ? value : scalar(value)}`)
    .join(', ')} }`;

/** Keys for a profile: the schema takes 80 characters in `ignores`, and one name is JavaScript's own. */
const usable = ({ key }: Suggestion): boolean => key.length <= 80 && key !== '__proto__';

const fieldOf = (one: Extract<Suggestion, { kind: 'measures' }>): string => {
  const settings = [
    `quantity: ${one.quantity}`,
    `unit: ${scalar(one.unit)}`,
    ...(one.absentAt === undefined ? [] : [`absentAt: ${oneOfMap(one.absentAt)}`]),
    ...(one.words === undefined ? [] : [`words: ${oneOfMap(one.words)}`]),
    ...(one.suffix === undefined ? [] : [`suffix: ${JSON.stringify(one.suffix)}`]),
  ];
  return `  ${scalar(one.key)}: { ${settings.join(', ')} } # ${one.confidence}: ${comment(one.reason)}`;
};

const comment = (text: string): string => oneLine(text, 240);

/** What a draft takes over: what is sure or likely. Guesses are shown to a person, and go in when one says so. */
export const taken = (suggestions: readonly Suggestion[]): readonly Extract<Suggestion, { kind: 'measures' }>[] =>
  suggestions.filter((one) => one.kind === 'measures').filter((one) => one.confidence !== 'guess' && usable(one));

/** The lines of a profile that say what its keys mean, each with the reason; and what is left for a person. */
export const mappingLines = (suggestions: readonly Suggestion[]): readonly string[] => {
  const fields = taken(suggestions);
  const ignored = suggestions.filter((one) => one.kind === 'ignores' && usable(one));
  const left = suggestions.filter((one) => one.kind !== 'ignores' && !fields.some(({ key }) => key === one.key));
  return [
    ...(fields.some(({ numericText }) => numericText === true) ? ['numericText: true'] : []),
    ...(fields.length === 0 ? ['fields: {}'] : ['fields:', ...fields.map(fieldOf)]),
    ...(ignored.length === 0 ? [] : ['ignores:', ...ignored.map(({ key }) => `  - ${scalar(key)}`)]),
    ...(left.length === 0 ? [] : ['# Left for a person, to map or to ignore:']),
    ...left.map((one) => {
      const guess = one.kind === 'measures' ? `perhaps ${one.quantity} in ${one.unit}: ` : '';
      return comment(`#   ${JSON.stringify(one.key)} = ${one.sample}: ${guess}${one.reason}`);
    }),
  ];
};

/** What stands at the top of every draft. */
export const draftHeading = (id: string): readonly string[] => [
  '# A draft: what its keys mean was suggested by a program. Until a person has confirmed it, its uplinks wait in',
  `# quarantine. See it with "npx kerbside profiles map ${id}", confirm it with "--confirm".`,
  'mapping: suggested',
];

/** A draft's `profile.yaml`, of a device that sends bytes. */
export const draftProfile = (id: string, device: FoundDevice, suggestions: readonly Suggestion[]): string => {
  const { vendor, model, name, maker, description, lorawanProfileIds } = device;
  const alias = `${vendor}/${model}`;
  const notes = description === undefined ? '' : oneLine(description, 1000);
  return [
    ...draftHeading(id),
    `id: ${id}`,
    `name: ${scalar(oneLine(name, 80) || id)}`,
    `maker: ${scalar(oneLine(maker, 80) || vendor)}`,
    'sends: lorawan',
    '# Such repositories do not say how often a device is heard: this is assumed.',
    'every: 1h',
    ...(alias.length <= 129 ? [`alsoKnownAs: [${scalar(alias)}]`] : []),
    ...(lorawanProfileIds.length === 0
      ? []
      : [`lorawanProfileIds: [${lorawanProfileIds.map((one) => `'${one}'`).join(', ')}]`]),
    ...(notes === '' ? [] : [`notes: ${JSON.stringify(notes)}`]),
    'codec: codec.js',
    ...mappingLines(suggestions),
    '',
  ].join('\n');
};

/** Where an imported profile is from: the first line of its SOURCE.md that is not a heading. */
export const originOf = (layout: DeviceRepository['layout'], file: string): string =>
  `Imported from ${layout}: ${oneLine(file)}`;

/** The files of an imported profile by their names. */
export type Files = Readonly<Record<'profile.yaml' | 'codec.js' | 'vectors.yaml', string>>;

/** First 16 hex digits of the SHA-256 over a profile's files: as long as it holds, nobody has edited them. */
export const digestOf = (files: Files): string => {
  const hash = createHash('sha256');
  for (const name of ['profile.yaml', 'codec.js', 'vectors.yaml'] as const) hash.update(`${name}\0${files[name]}\0`);
  return hash.digest('hex').slice(0, 16);
};

const sha = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The SOURCE.md of an imported profile: where each part is from, whose it is, and how an edit is noticed. */
export const sourceText = (
  device: FoundDevice,
  codec: FoundCodec,
  { layout, files }: { readonly layout: DeviceRepository['layout']; readonly files: Files },
): string =>
  [
    `# ${oneLine(device.name, 80)}`,
    '',
    originOf(layout, device.file),
    '',
    `The codec is ${oneLine(codec.uplink?.file ?? 'none')} (SHA-256 begins ${sha(codec.uplink?.source ?? '')}).`,
    `Its examples are those of ${oneLine(codec.id)}.`,
    'These files belong to those who keep that repository, under their licence: they are for this installation only.',
    'What the examples become was worked out by running them, and is no evidence that the codec is right.',
    '',
    `Digest when imported: ${digestOf(files)} (profile.yaml, codec.js, vectors.yaml).`,
    'An import writes over these files only as long as they have it: an edit is kept.',
    '',
  ].join('\n');

/** The digest that a SOURCE.md gives, undefined where it is none of an import. */
export const digestIn = (source: string): string | undefined =>
  /^Digest when imported: ([0-9a-f]{16}) /m.exec(source)?.[1];
/** The line that says where an imported profile is from. */
export const originIn = (source: string): string | undefined => /^Imported from .*$/m.exec(source)?.[0];
