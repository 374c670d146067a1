import { fileURLToPath } from 'node:url';
import { sandboxAtRest, type Sandbox } from './codec/sandbox.ts';
import { codecDecoder } from './decode/codec.ts';
import { jsonDecoder, type Shape } from './decode/json.ts';
import { mappingOf } from './decode/mapping.ts';
import { CatalogueInvalid, type Fault } from './definition/faults.ts';
import { findProfiles, readProfile, type ProfileFolder } from './definition/folder.ts';
import type { Catalogue, Profile } from './profile.ts';
import type { ProfileId } from './vocabulary/ids.ts';

export { CatalogueInvalid } from './definition/faults.ts';

/** The folder with the profiles that come with Kerbside. */
export const ownCatalogue: string = fileURLToPath(new URL('catalogue/', import.meta.url));

/** A catalogue, and the sandbox in which its codecs run: closing it ends the sandbox's thread. */
export interface OpenCatalogue extends Catalogue {
  /** Starts the sandbox's thread before the first binary frame needs it. @throws KerbsideError (`sandbox-broken`). */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Reads the profiles of all folders; one that is not there holds none. Templates (`_example`) are left out.
 * @throws CatalogueInvalid with everything that is wrong, in all of them.
 */
export const openCatalogue = async (folders: readonly string[]): Promise<OpenCatalogue> => {
  const found = (await Promise.all(folders.map(findProfiles))).flat().filter(({ template }) => !template);
  const read = await Promise.all(found.map(readProfile));
  const faults: Fault[] = read.flatMap((one) => ('faults' in one ? one.faults : []));
  const folderOf = new Map<ProfileId, ProfileFolder>();
  for (const one of read) {
    if ('faults' in one) continue;
    const twin = folderOf.get(one.id);
    if (twin === undefined) folderOf.set(one.id, one);
    else faults.push({ file: one.place.path, problem: `${one.id} is in ${twin.place.path} already` });
  }
  if (faults.length > 0) throw new CatalogueInvalid(faults);
  const sandbox = sandboxAtRest();
  const profiles = new Map([...folderOf].map(([id, folder]) => [id, buildProfile(folder, sandbox)]));
  const list = [...profiles.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { get: (id) => profiles.get(id), list: () => list, warm: () => sandbox.warm(), close: () => sandbox.close() };
};

/** A profile that decodes, from its data. */
export const buildProfile = (
  { id, definition, places, everyMs, version, codec }: ProfileFolder,
  sandbox: Sandbox,
): Profile => {
  const { name, maker, sends, ports = [], alsoKnownAs = [], lorawanProfileIds = [], battery } = definition;
  const mapping = mappingOf(places);
  const decode =
    codec === undefined
      ? jsonDecoder(mapping, shapeOf(definition))
      : codecDecoder(mapping, sandbox.codec(codec), ports);
  const mark = battery === undefined ? {} : { battery };
  const { fields } = places;
  return { id, name, maker, sends, alsoKnownAs, lorawanProfileIds, everyMs, ...mark, fields, version, decode };
};

const shapeOf = ({ shape = 'object', pairs }: ProfileFolder['definition']): Shape => {
  if (shape === 'pairs') return pairs === undefined ? { kind: 'object' } : { kind: 'pairs', pairs };
  return { kind: shape };
};
