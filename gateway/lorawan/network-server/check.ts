import { join } from 'node:path';
import { checkSource, twins } from '../../../device-profiles/definition/check-folder.ts';
import type { Fault } from '../../../device-profiles/definition/faults.ts';
import { readText } from '../../../device-profiles/definition/folder.ts';
import { located, parseYaml } from '../../../device-profiles/definition/yaml.ts';
import { findIntegrations, readIntegration, type Integration, type IntegrationPlace } from './folder.ts';
import { pathsOf } from './paths-of.ts';
import { runVector, vectorsSchema, type Vector } from './vectors.ts';

/** What the linter of integrations found. It is content when there are no faults. */
export interface Report {
  /** Integrations without a fault. */
  readonly good: number;
  /** Integrations that were looked at, and how many there are: the same, or something is wrong with the linter. */
  readonly checked: number;
  readonly found: number;
  /** Vectors that were run. */
  readonly vectors: number;
  readonly faults: readonly Fault[];
}

/**
 * Checks the integrations of the folders, templates too: the data is in order, each id is there once and is its
 * folder's name, vectors are there and hold (a frame counter at 0, several gateways where they are read, a refused
 * message), every path is found in one of them, and SOURCE.md says where everything is from. No integration at all is a
 * fault.
 */
export const checkIntegrations = async (folders: readonly string[]): Promise<Report> => {
  const places = (await Promise.all(folders.map(findIntegrations))).flat();
  const results = await Promise.all(places.map(checkOne));
  const faults = [
    ...results.flatMap((result) => result.faults),
    ...twins(places),
    ...(places.length === 0 ? [{ file: folders.join(', '), problem: 'there is no integration' }] : []),
  ];
  return {
    good: results.filter((result) => result.faults.length === 0).length,
    checked: results.length,
    found: places.length,
    vectors: results.reduce((sum, result) => sum + result.vectors, 0),
    faults,
  };
};

const checkOne = async (
  place: IntegrationPlace,
): Promise<{ readonly faults: readonly Fault[]; readonly vectors: number }> => {
  const faults: Fault[] = [...(await checkSource(place.path))];
  const file = join(place.path, 'vectors.yaml');
  const text = await readText(file);
  const parsed =
    text === undefined ? { faults: [{ file, problem: 'no such file' }] } : parseYaml(vectorsSchema, text, file);
  if ('faults' in parsed) faults.push(...parsed.faults);
  const integration = await readIntegration(place);
  if ('faults' in integration) faults.push(...integration.faults);
  if ('faults' in parsed || 'faults' in integration) return { faults, vectors: 0 };

  const vectors = parsed.value;
  const found = new Set<string>();
  const tried = (path: string, way: number): void => void found.add(`${path}\n${way}`);
  for (const [index, vector] of vectors.entries()) {
    const problems = [...runVector(integration, vector, tried)];
    if (vectors.findIndex(({ name }) => name === vector.name) < index) problems.push('is named as another one');
    faults.push(
      ...problems.map((problem) => located({ file, problem: `"${vector.name}" ${problem}` }, parsed.line([index]))),
    );
  }
  faults.push(...gaps(integration, vectors).map((problem) => ({ file, problem })));
  faults.push(...untried(integration, found).map((problem) => ({ file, problem })));
  return { faults, vectors: vectors.length };
};

/** What the vectors leave untried. */
const gaps = ({ definition: { uplink } }: Integration, vectors: readonly Vector[]): readonly string[] => {
  const frames = vectors.flatMap((vector) => (vector.uplink === undefined ? [] : [vector.uplink]));
  return [
    ...(frames.length === 0 ? ['has no message that is an uplink'] : []),
    ...(vectors.every(({ refused }) => refused === undefined) ? ['has no message that is refused'] : []),
    ...(frames.some(({ fCnt }) => fCnt === 0) ? [] : ['has no uplink whose frame counter is 0']),
    ...(uplink.gateways?.some(({ list }) => list !== undefined) === true &&
    !frames.some(({ heardBy = [] }) => heardBy.length > 1)
      ? ['has no uplink that several gateways heard']
      : []),
  ];
};

/** A path that no vector's message has is perhaps misspelt: nothing else would ever tell. */
const untried = ({ definition, paths }: Integration, found: ReadonlySet<string>): readonly string[] =>
  pathsOf(definition).flatMap(({ at, path, absent }) => {
    if (absent === true) return [];
    const ways = paths.get(path)?.ways ?? [];
    const missing = ways.flatMap((_, way) => (found.has(`${path}\n${way}`) ? [] : [way + 1]));
    if (missing.length === 0) return [];
    const which = ways.length === 1 ? '' : ` (way ${missing.join(' and ')} of it)`;
    return [`no vector's message has anything at ${path}${which}, which ${at.join('.')} looks for`];
  });
