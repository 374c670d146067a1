import { profileId, type ProfileId } from '../vocabulary/ids.ts';
import { KerbsideError } from '../vocabulary/errors.ts';

const PART_AT_MOST = 64;

/**
 * A name as half of a profile id: lower case, `-` for whatever an id does not take, a letter or digit first, at most 64
 * characters. Empty where nothing remains.
 */
const part = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .replace(/^[.-]+/, '')
    .slice(0, PART_AT_MOST)
    .replace(/[.-]+$/, '');

/** Why an id is not what the repository calls the device. */
export const idRule =
  'lower case, "-" for every character that is no letter, digit or ".", a letter or digit first, at most 64 characters';

/**
 * The id under which a device is imported, and whether it is not the repository's own. `firmware` is for a device that
 * needs another codec in older firmware. Undefined where nothing remains of the names.
 */
export const importedId = (
  vendor: string,
  model: string,
  firmware?: string,
): { readonly id: ProfileId; readonly renamed: boolean } | undefined => {
  const wanted = firmware === undefined ? model : `${part(model).slice(0, 40)}-fw-${firmware}`;
  try {
    const id = profileId(`${part(vendor)}/${part(wanted)}`);
    return { id, renamed: id !== `${vendor}/${wanted}` };
  } catch (error) {
    if (error instanceof KerbsideError) return undefined;
    throw error;
  }
};
