import type { Profile } from './profile.ts';

/**
 * The profile of a model by the name that another catalogue has for it: `brand_id` and `model_id` of The Things Stack,
 * which are those of its device repository. Undefined where no profile claims that name: a guess would be worse.
 */
export const suggestProfile = <P extends Pick<Profile, 'id' | 'alsoKnownAs'>>(
  brand: string,
  model: string,
  profiles: Iterable<P>,
): P | undefined => {
  const name = `${brand}/${model}`.toLowerCase();
  let byId: P | undefined;
  for (const profile of profiles) {
    if (profile.alsoKnownAs.some((other) => other.toLowerCase() === name)) return profile;
    if (profile.id === name) byId = profile;
  }
  return byId;
};
