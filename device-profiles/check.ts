import { join } from 'node:path';
import { buildProfile } from './catalogue.ts';
import { openSandbox, type Sandbox } from './codec/sandbox.ts';
import { checkDownlinks } from './check-downlinks.ts';
import { inputOf, remembers, runCuts, runVector } from './check-vectors.ts';
import { checkSource, twins } from './definition/check-folder.ts';
import type { Fault } from './definition/faults.ts';
import { findProfiles, readProfile, readText, type Place, type ProfileFolder } from './definition/folder.ts';
import { vectorsSchema, type Vector } from './definition/schema.ts';
import { located, parseYaml } from './definition/yaml.ts';
import { messagesOf, unmappedKeys } from './messages.ts';
import { isUnusable, type Profile } from './profile.ts';

export { faultLine } from './definition/faults.ts';

/** What the linter of profiles found. It is content when there are no faults. */
export interface Report {
  /** Profiles without a fault. */
  readonly good: number;
  /** Profiles that were looked at, and how many there are: the same number, or something is wrong with the linter. */
  readonly checked: number;
  readonly found: number;
  /** Vectors that were run. */
  readonly vectors: number;
  readonly faults: readonly Fault[];
}

/**
 * Checks the profiles of the folders, templates too: the data is in order, each id is there once and is its folder's
 * name, units convert, vectors are there and hold (an accepted and a refused one at least, for bytes a truncated
 * one), each field is in one of them, a codec neither remembers nor invents, and SOURCE.md says where everything is
 * from. No profile at all is a fault. Codecs run in the given sandbox, or in one of its own.
 */
export const checkProfiles = async (folders: readonly string[], given?: Sandbox): Promise<Report> => {
  const places = (await Promise.all(folders.map(findProfiles))).flat();
  const sandbox = given ?? (await openSandbox());
  try {
    const results = [];
    for (const place of places) results.push(await checkProfile(place, sandbox));
    const faults = [
      ...results.flatMap((result) => result.faults),
      ...twins(places),
      ...(places.length === 0 ? [{ file: folders.join(', '), problem: 'there is no profile' }] : []),
    ];
    const good = results.filter((result) => result.faults.length === 0).length;
    return {
      good,
      checked: results.length,
      found: places.length,
      vectors: results.reduce((sum, result) => sum + result.vectors, 0),
      faults,
    };
  } finally {
    if (given === undefined) await sandbox.close();
  }
};

const checkProfile = async (
  place: Place,
  sandbox: Sandbox,
): Promise<{ readonly faults: readonly Fault[]; readonly vectors: number }> => {
  const faults: Fault[] = [...(await checkSource(place.path))];
  const file = join(place.path, 'vectors.yaml');
  const text = await readText(file);
  const parsed =
    text === undefined ? { faults: [{ file, problem: 'no such file' }] } : parseYaml(vectorsSchema, text, file);
  if ('faults' in parsed) faults.push(...parsed.faults);
  const folder = await readProfile(place);
  if ('faults' in folder) faults.push(...folder.faults);
  if ('faults' in parsed || 'faults' in folder) return { faults, vectors: 0 };

  const profile = buildProfile(folder, sandbox);
  const downlinks = await checkDownlinks(place, folder, profile);
  faults.push(...downlinks.faults);
  const vectors = parsed.value;
  if (profile.draft)
    faults.push({
      file: join(place.path, 'profile.yaml'),
      problem: `mapping: is only suggested: look at it and confirm it with "npx kerbside profiles map ${profile.id}"`,
    });
  for (const [index, vector] of vectors.entries()) {
    const problems = [
      ...(await unmapped(folder, sandbox, vector)),
      ...(await runVector(profile, vector)),
      ...(profile.sends === 'lorawan' ? await runCuts(profile, vector) : []),
    ];
    if (vectors.findIndex(({ name }) => name === vector.name) < index) problems.push('is named as another one');
    faults.push(
      ...problems.map((problem) => located({ file, problem: `"${vector.name}" ${problem}` }, parsed.line([index]))),
    );
  }
  faults.push(...(await gaps(profile, vectors, isImported(folder))).map((problem) => ({ file, problem })));
  if (profile.sends === 'lorawan' && (await remembers(profile, vectors)))
    faults.push({
      file: join(place.path, 'codec.js'),
      problem: 'remembers earlier frames: the same frame gives another result later',
    });
  return { faults, vectors: vectors.length + downlinks.vectors };
};

/** Keys that a vector's message has and nobody maps or ignores, by name: a vector that counts them knows of them. */
const unmapped = async (folder: ProfileFolder, sandbox: Sandbox, vector: Vector): Promise<readonly string[]> => {
  const input = inputOf(vector);
  if (vector.refused !== undefined || typeof input === 'string') return [];
  const keys = unmappedKeys(folder, await messagesOf(folder, sandbox, input));
  // Keys of several readings are counted in each, and named once.
  return keys.length <= (vector.unmapped ?? 0) ? [] : [`has keys that nobody maps or ignores: ${keys.join(', ')}`];
};

/** A person once confirmed what somebody else's codec gives, or has yet to. */
const isImported = ({ definition }: ProfileFolder): boolean =>
  definition.mapping !== undefined || definition.confirmed !== undefined;

/** What the vectors leave untried. */
const gaps = async (profile: Profile, vectors: readonly Vector[], isImported: boolean): Promise<string[]> => {
  const accepted = vectors.filter(({ refused }) => refused === undefined);
  const results = await profile.decode(accepted.map(inputOf).filter((input) => typeof input !== 'string'));
  const tried = new Set(
    results.flatMap((result) => (isUnusable(result) ? [] : result.flatMap(({ fields }) => [...fields.keys()]))),
  );
  const untried = [...profile.fields.keys()].filter((key) => !tried.has(key));
  const refusals = new Set(vectors.map(({ refused }) => refused));
  refusals.delete(undefined);
  return [
    ...(accepted.length === 0 ? ['has no message that is accepted'] : []),
    ...(refusals.size === 0 ? ['has no message that is refused'] : []),
    ...(profile.sends === 'lorawan' && !refusals.has('truncated') && !isImported
      ? ['has no frame that is refused as truncated']
      : []),
    ...(untried.length > 0 ? [`no vector has the field${untried.length === 1 ? '' : 's'} ${untried.join(', ')}`] : []),
  ];
};
