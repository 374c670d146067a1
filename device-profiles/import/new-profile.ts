import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildProfile } from '../catalogue.ts';
import { decodeOne } from '../check-vectors.ts';
import type { Sandbox } from '../codec/sandbox.ts';
import { isMessage } from '../decode/mapping.ts';
import { seenIn, type SeenKey } from '../decode/seen.ts';
import { faultLine } from '../definition/faults.ts';
import { profileFrom } from '../definition/folder.ts';
import { measure } from '../measure.ts';
import { isUnusable } from '../profile.ts';
import { Conflict, Invalid, parseIso, profileId } from '../vocabulary/index.ts';
import { instant, iso } from '../vocabulary/time.ts';
import { readText } from '../definition/folder.ts';
import { draftHeading, mappingLines } from './draft.ts';
import { writeWhole } from './keep.ts';
import { suggest, type Suggestion } from './suggest.ts';
import { timeWords } from './suggest-vocabulary.ts';
import { tokensOf } from './suggest-tokens.ts';

/** What was made of a sample message. */
export interface NewProfile {
  readonly id: string;
  readonly folder: string;
  readonly suggestions: readonly Suggestion[];
}

/** The messages of a sample. @throws Invalid (`sample-invalid`) when it is neither a JSON object nor a list of them. */
const messagesIn = (
  text: string,
): { readonly value: unknown; readonly messages: readonly Readonly<Record<string, unknown>>[] } => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Invalid(
      'sample-invalid',
      `the sample is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  const messages = (Array.isArray(value) ? value : [value]).filter(isMessage);
  if (messages.length === 0 || (Array.isArray(value) && messages.length < value.length))
    throw new Invalid('sample-invalid', 'the sample is neither a JSON object nor a list of objects');
  return { value, messages };
};

/** Since 2001 in seconds, and until the year 5138. */
const isSeconds = (value: unknown): boolean => typeof value === 'number' && value > 1e9 && value < 1e11;

/** The key of the time, and how it is written: only one at the top that is named as a time and reads as one. */
const timeIn = (keys: readonly SeenKey[]): { readonly key: string; readonly as: string } | undefined => {
  for (const { key, samples } of keys) {
    if (!timeWords.has(tokensOf(key).join(''))) continue;
    if (samples.every((value) => typeof value === 'string' && parseIso(value) !== undefined)) return { key, as: 'iso' };
    if (samples.every(isSeconds)) return { key, as: 'epoch-s' };
    if (samples.every((value) => typeof value === 'number' && value >= 1e11)) return { key, as: 'epoch-ms' };
  }
  return undefined;
};

/**
 * Makes a draft for a device that sends JSON, from one of its messages. The message becomes its first vector.
 * @throws Invalid (`invalid-id`, `sample-invalid`), Conflict (`profile-exists`)
 */
export const newProfile = async (
  name: string,
  sample: string,
  { into, taken, sandbox }: { readonly into: string; readonly taken: ReadonlySet<string>; readonly sandbox: Sandbox },
): Promise<NewProfile> => {
  const id = profileId(name);
  const folder = join(into, id);
  if (taken.has(id) || (await readText(join(folder, 'profile.yaml'))) !== undefined)
    throw new Conflict('profile-exists', `there is a profile ${id} already: choose another id`);
  const { value, messages } = messagesIn(sample);
  const keys = seenIn(messages);
  const time = timeIn(keys);
  const suggestions = suggest(keys.filter(({ key }) => key !== time?.key));
  const [maker = '', model = ''] = id.split('/');
  const text = [
    ...draftHeading(id),
    `id: ${id}`,
    `name: ${JSON.stringify(`${maker} ${model}`)}`,
    `maker: ${JSON.stringify(maker)}`,
    'sends: json',
    ...(Array.isArray(value) ? ['shape: objects'] : []),
    '# One message does not say how often they come: this is assumed.',
    'every: 1h',
    ...(time === undefined ? [] : [`time: { key: ${JSON.stringify(time.key)}, as: ${time.as} }`]),
    ...mappingLines(suggestions),
    '',
  ].join('\n');
  const read = profileFrom({ path: folder, id, template: false }, text, undefined);
  if ('faults' in read)
    throw new Invalid(
      'sample-invalid',
      `no profile can be made of the sample: ${read.faults.map(faultLine).join('; ')}`,
    );
  const profile = buildProfile(read, sandbox);
  const decoded = await decodeOne(profile, {
    payload: Buffer.from(JSON.stringify(value)),
    receivedAt: instant(Date.UTC(2026, 0, 15, 8)),
  });
  const outcome = isUnusable(decoded)
    ? { refused: decoded.reason }
    : {
        readings: decoded.map((one) => ({
          ...(one.time === undefined ? {} : { at: iso(one.time) }),
          decoded: Object.fromEntries(one.fields),
          observed: Object.fromEntries(
            measure(profile, one).map(({ quantity, value: of }) => [
              quantity,
              of.kind === 'measured' ? of.value : of.reason,
            ]),
          ),
        })),
      };
  const vectors = [
    { name: 'the sample', from: 'a message of the device', uplink: { json: value }, ...outcome },
    { name: 'no JSON at all', from: 'constructed', uplink: { text: 'on' }, refused: 'not-json' },
  ];
  await mkdir(folder, { recursive: true });
  await writeWhole(
    join(folder, 'SOURCE.md'),
    `# ${maker} ${model}\n\nMade from one message of the device; say here which documents tell what its keys mean.\n`,
  );
  // JSON is YAML; a person may write it more beautifully.
  await writeWhole(
    join(folder, 'vectors.yaml'),
    `${vectors.map((vector) => `- ${JSON.stringify(vector)}`).join('\n')}\n`,
  );
  await writeWhole(join(folder, 'profile.yaml'), text);
  return { id, folder, suggestions };
};
