import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { sandboxAtRest, type Codec, type Sandbox } from './codec/sandbox.ts';
import { codecDecoder } from './decode/codec.ts';
import { jsonDecoder, type Shape } from './decode/json.ts';
import { mappingOf } from './decode/mapping.ts';
import { CatalogueInvalid, type Fault } from './definition/faults.ts';
import { findProfiles, readProfile, type ProfileFolder } from './definition/folder.ts';
import { readVectors } from './definition/vectors.ts';
import type { Catalogue, Commands, Profile } from './profile.ts';
import type { ProfileId } from './vocabulary/ids.ts';

export { CatalogueInvalid } from './definition/faults.ts';

/** The folder with the profiles that come with Kerbside. */
export const ownCatalogue: string = fileURLToPath(new URL('catalogue/', import.meta.url));

/** A catalogue, and the sandbox in which its codecs run: closing it ends the sandbox's threads. */
export interface OpenCatalogue extends Catalogue {
  /** Starts the sandbox's thread before the first binary frame needs it. @throws KerbsideError (`sandbox-broken`). */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Reads the profiles of all folders; one that is not there holds none. Templates (`_example`) are left out.
 * @throws CatalogueInvalid with everything that is wrong, in all of them.
 */
export const readCatalogue = async (folders: readonly string[]): Promise<readonly ProfileFolder[]> => {
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
  return [...folderOf.values()];
};

/** The profiles of all folders, which do not change while they are used. @throws CatalogueInvalid as `readCatalogue`. */
export const openCatalogue = async (folders: readonly string[]): Promise<OpenCatalogue> => {
  const read = await readCatalogue(folders);
  const sandbox = sandboxAtRest();
  const profiles = new Map(read.map((folder) => [folder.id, buildProfile(folder, sandbox)]));
  const list = [...profiles.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    get: (id) => profiles.get(id),
    list: () => list,
    onChange: () => () => {},
    warm: () => sandbox.warm(),
    close: () => sandbox.close(),
  };
};

/** A profile that decodes, from its data. */
export const buildProfile = (folder: ProfileFolder, sandbox: Sandbox): Profile => {
  const { id, definition, places, everyMs, version, codec } = folder;
  const {
    name,
    maker,
    sends,
    ports = [],
    alsoKnownAs = [],
    lorawanProfileIds = [],
    battery,
    counts,
    quality,
  } = definition;
  const mapping = mappingOf(places);
  const decode =
    codec === undefined
      ? jsonDecoder(mapping, shapeOf(definition))
      : codecDecoder(mapping, sandbox.codec(codec), ports);
  const commands = codec === undefined ? {} : { commands: commandsOf(sandbox.codec(codec)) };
  const draft = definition.mapping === 'suggested';
  const mark = { ...(battery === undefined ? {} : { battery }), ...(quality === undefined ? {} : { quality }) };
  const counting =
    counts === undefined
      ? {}
      : { counts: { labelled: counts.labelled ?? 'begin', sourceClock: counts.sourceClock ?? 'utc' } };
  const { fields } = places;
  const trial = (other: Sandbox, text?: string): Profile =>
    buildProfile(text === undefined ? folder : { ...folder, codec: text, version: versionOf(text) }, other);
  return {
    id,
    name,
    maker,
    sends,
    draft,
    alsoKnownAs,
    lorawanProfileIds,
    everyMs,
    ...mark,
    ...counting,
    fields,
    version,
    decode,
    trial,
    vectors: () => readVectors(folder.place.path),
    ...commands,
  };
};

const commandsOf = (codec: Codec): Commands => ({
  encode: (command) => codec.encodeDownlink(command),
  decode: (frame) => codec.decodeDownlink(frame),
});

/** Of a codec that is only tried. */
const versionOf = (codec: string): string => createHash('sha256').update(codec).digest('hex').slice(0, 12);

const shapeOf = ({ shape = 'object', pairs }: ProfileFolder['definition']): Shape => {
  if (shape === 'pairs') return pairs === undefined ? { kind: 'object' } : { kind: 'pairs', pairs };
  return { kind: shape };
};
