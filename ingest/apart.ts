import type { Sandbox } from '../device-profiles/codec/sandbox.ts';
import type { Catalogue, Profile } from '../device-profiles/profile.ts';

/**
 * The same profiles, decoding in a sandbox of their own: a codec that has to be stopped here is not set aside there,
 * because a look must never keep a sensor from being heard.
 */
export const catalogueApart = (catalogue: Pick<Catalogue, 'get'>, sandbox: Sandbox): Pick<Catalogue, 'get'> => {
  const trials = new WeakMap<Profile, Profile>();
  return {
    get: (id) => {
      const profile = catalogue.get(id);
      if (profile === undefined) return undefined;
      const trial = trials.get(profile) ?? profile.trial(sandbox);
      trials.set(profile, trial);
      return trial;
    },
  };
};
