import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../../../device-profiles/definition/faults.ts';
import { readText } from '../../../device-profiles/definition/folder.ts';
import { located, parseYaml } from '../../../device-profiles/definition/yaml.ts';
import { integrationSchema, type Definition } from './definition.ts';
import { parsePath, type Path } from './path.ts';
import { pathsOf, type Said } from './paths-of.ts';

/** Where an integration lies: `<folder>/<id>`. One that begins with `_` is a template: checked, never used. */
export interface IntegrationPlace {
  readonly path: string;
  readonly id: string;
  readonly template: boolean;
}

/** How the messages of one operator are read: its data, found to be in order. */
export interface Integration {
  readonly id: string;
  readonly place: IntegrationPlace;
  readonly definition: Definition;
  /** Each path of the definition, by its text. */
  readonly paths: ReadonlyMap<string, Path>;
}

/** Doors of their own have these addresses. */
const RESERVED: ReadonlySet<string> = new Set(['chirpstack', 'things-stack']);
const CHARACTERS_AT_MOST = 65_536;

/** The integrations of a folder, in order of their ids. A folder that is not there holds none. */
export const findIntegrations = async (folder: string): Promise<readonly IntegrationPlace[]> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort()
      .map((name) => ({ path: join(folder, name), id: name.replace(/^_/, ''), template: name.startsWith('_') }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
};

/** Reads one integration, or gives everything that is wrong with it. */
export const readIntegration = async (
  place: IntegrationPlace,
): Promise<Integration | { readonly faults: readonly Fault[] }> => {
  const file = join(place.path, 'integration.yaml');
  try {
    const text = await readText(file);
    return text === undefined ? { faults: [{ file, problem: 'no such file' }] } : integrationFrom(place, text);
  } catch (error) {
    return { faults: [{ file, problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}` }] };
  }
};

/** An integration from the text of its file, or everything that is wrong with it. */
export const integrationFrom = (
  place: IntegrationPlace,
  text: string,
): Integration | { readonly faults: readonly Fault[] } => {
  const file = join(place.path, 'integration.yaml');
  if (text.length > CHARACTERS_AT_MOST)
    return { faults: [{ file, problem: `longer than ${CHARACTERS_AT_MOST} characters` }] };
  const parsed = parseYaml(integrationSchema, text, file);
  if ('faults' in parsed) return parsed;
  const { value: definition, line } = parsed;
  const faults: Fault[] = [];
  const fault = (path: Said['at'], problem: string): void =>
    void faults.push(located({ file, problem: `${path.join('.')}: ${problem}` }, line(path)));
  if (definition.id !== place.id) fault(['id'], `is ${definition.id}, but the folder is ${place.id}`);
  if (RESERVED.has(definition.id)) fault(['id'], `${definition.id} is a door of its own: choose another id`);
  const paths = new Map<string, Path>();
  for (const { at, path } of pathsOf(definition)) {
    const read = parsePath(path);
    if ('problem' in read) fault(at, read.problem);
    else paths.set(path, read);
  }
  contradictions(definition, fault);
  return faults.length > 0 ? { faults } : { id: definition.id, place, definition, paths };
};

/** What the schema cannot say: settings that need each other. */
const contradictions = (
  { uplink, events = [] }: Definition,
  fault: (path: Said['at'], problem: string) => void,
): void => {
  const { when, in: within, dataRate, gateways = [] } = uplink;
  if (when === undefined && within === undefined)
    fault(['uplink'], 'says neither `when` nor `in`: which messages are uplinks?');
  for (const [index, one] of events.entries())
    if (one.when === undefined && one.in === undefined)
      fault(['events', index], 'says neither `when` nor `in`: which messages are they?');
  if (dataRate !== undefined && (dataRate.spreadingFactor === undefined) !== (dataRate.bandwidth === undefined))
    fault(['uplink', 'dataRate'], '`spreadingFactor` and `bandwidth` need each other: a bandwidth is not guessed');
  if (dataRate?.words !== undefined && dataRate.path === undefined)
    fault(['uplink', 'dataRate', 'words'], 'needs `path`: where the words are');
  if (dataRate !== undefined && dataRate.spreadingFactor === undefined && dataRate.path === undefined)
    fault(['uplink', 'dataRate'], 'says nowhere where it is');
  for (const [index, { latitude, longitude }] of gateways.entries())
    if ((latitude === undefined) !== (longitude === undefined))
      fault(['uplink', 'gateways', index], '`latitude` and `longitude` need each other');
};
