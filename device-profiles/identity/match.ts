import type { Catalogue, Profile } from '../profile.ts';
import type { Tr005Identity } from './tr005.ts';

/** What a TR005 code says of the device's profile. */
export type ProfileMatch =
  /** These profiles name the code's ProfileID: usually one. */
  | { readonly kind: 'known'; readonly profiles: readonly Profile[] }
  /** The maker is known, the model is not: profiles of other models of the same maker, for a person to choose. */
  | { readonly kind: 'same-vendor'; readonly candidates: readonly Profile[] }
  /** No profile has this ProfileID or this VendorID, or the code leaves both open. */
  | { readonly kind: 'unknown' };

/**
 * VendorIDs that name no maker. 0000 is what The Things Stack writes when it does not know; FFFF is printed by makers
 * who have none of their own, so that two of the same need not be of one maker.
 */
const noVendor: ReadonlySet<string> = new Set(['0000', 'FFFF']);

/** The profiles that fit a code, in the catalogue's order. */
export const matchProfile = (
  { vendorId, vendorProfileId }: Pick<Tr005Identity, 'vendorId' | 'vendorProfileId'>,
  catalogue: Pick<Catalogue, 'list'>,
): ProfileMatch => {
  const having = (fits: (id: string) => boolean): readonly Profile[] =>
    catalogue.list().filter(({ lorawanProfileIds }) => lorawanProfileIds.some(fits));
  if (vendorId === '0000') return { kind: 'unknown' };
  const profiles = having((id) => id === vendorId + vendorProfileId);
  if (profiles.length > 0) return { kind: 'known', profiles };
  const candidates = noVendor.has(vendorId) ? [] : having((id) => id.startsWith(vendorId));
  return candidates.length > 0 ? { kind: 'same-vendor', candidates } : { kind: 'unknown' };
};
