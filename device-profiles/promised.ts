import type { Profile } from './profile.ts';
import { quantityIds, type QuantityId } from './vocabulary/index.ts';

/** The quantities that a device of that profile is there to measure, even if it says nothing. A profile of all quantities promises none. */
export const promisedBy = ({ fields }: Pick<Profile, 'fields'>): ReadonlySet<QuantityId> =>
  new Set(fields.size >= quantityIds.length ? [] : [...fields.values()].map(({ quantity }) => quantity));
