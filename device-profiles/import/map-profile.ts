import { join } from 'node:path';
import { buildProfile } from '../catalogue.ts';
import type { Sandbox } from '../codec/sandbox.ts';
import { CatalogueInvalid } from '../definition/faults.ts';
import { findProfiles, profileFrom, type Place } from '../definition/folder.ts';
import { Conflict, NotFound } from '../vocabulary/errors.ts';
import { editMapping, type Edits } from './edit-mapping.ts';
import { editVectors } from './edit-vectors.ts';
import { writeWhole } from './keep.ts';
import { mappedKeys, type MappedKey } from './map-keys.ts';

/** What a profile's keys mean, and what was changed about it. */
export interface MapReport {
  readonly id: string;
  /** Afterwards. */
  readonly draft: boolean;
  readonly every: string;
  readonly keys: readonly MappedKey[];
  readonly changes: readonly string[];
  /** Names of vectors that were written anew. */
  readonly vectors: readonly string[];
  /** Keys that nobody maps or ignores, afterwards. */
  readonly unmapped: readonly string[];
}

/** Where a profile of this installation lies. @throws NotFound (`profile-unknown`), Conflict (`profile-not-yours`) */
export const placeOf = async (
  id: string,
  { data, own }: { readonly data: string; readonly own: string },
): Promise<Place> => {
  const place = (await findProfiles(data)).find((one) => one.id === id && !one.template);
  if (place !== undefined) return place;
  if ((await findProfiles(own)).some((one) => one.id === id && !one.template))
    throw new Conflict(
      'profile-not-yours',
      `${id} comes with Kerbside and is not changed here: copy its folder into ${data} under another id`,
    );
  throw new NotFound('profile-unknown', `no profile ${id} in ${data}: "npx kerbside profiles list" shows all`);
};

/**
 * Changes what a profile's keys mean, and works its vectors out anew. Without an edit nothing is written.
 * @throws CatalogueInvalid when its files have, or would have, faults; Invalid and Conflict as `editMapping`.
 */
export const mapProfile = async (place: Place, edits: Edits, sandbox: Sandbox): Promise<MapReport> => {
  const mapped = await mappedKeys(place, sandbox);
  const { folder, profileText, vectorsText } = mapped;
  const { text, changes } = editMapping(mapped, edits);
  let vectors: readonly string[] = [];
  if (text !== profileText) {
    const after = profileFrom(place, text, folder.codec);
    if ('faults' in after) throw new CatalogueInvalid(after.faults);
    const edited = await editVectors(vectorsText, mapped.vectors, {
      before: buildProfile(folder, sandbox),
      after: buildProfile(after, sandbox),
    });
    vectors = edited.changed;
    if (edited.text !== vectorsText) await writeWhole(join(place.path, 'vectors.yaml'), edited.text);
    await writeWhole(join(place.path, 'profile.yaml'), text);
  }
  const now = changes.length === 0 ? mapped : await mappedKeys(place, sandbox);
  return {
    id: folder.id,
    draft: now.folder.definition.mapping !== undefined,
    every: now.folder.definition.every,
    keys: now.keys,
    changes,
    vectors,
    unmapped: now.keys.filter((one) => one.now.is === 'unmapped').map(({ key }) => key),
  };
};
