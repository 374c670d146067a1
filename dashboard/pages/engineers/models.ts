import type { Profile } from '../../../device-profiles/profile.ts';
import { KerbsideError, profileId } from '../../../device-profiles/vocabulary/index.ts';
import type { EngineerParts } from './parts.ts';

const inOrder = new Intl.Collator('en-GB', { numeric: true });

/** A model as people call it: with its maker, once. */
export const modelWords = ({ maker, name }: Pick<Profile, 'maker' | 'name'>): string =>
  name.startsWith(maker) ? name : `${maker} ${name}`;

/** Models to choose from. */
export const profileItems = (
  { catalogue }: Pick<EngineerParts, 'catalogue'>,
  chosen: string,
  wanted: (profile: Profile) => boolean = () => true,
) => [
  { value: '', text: 'Choose a model' },
  ...catalogue
    .list()
    .filter(wanted)
    .toSorted((a, b) => inOrder.compare(modelWords(a), modelWords(b)))
    .map((one) => ({
      value: one.id,
      text: `${modelWords(one)} (${one.id})${one.draft ? ', draft' : ''}`,
      selected: one.id === chosen,
    })),
];

/** An installed profile by its id, decoding apart from the live uplinks; undefined where there is none. */
export const triedProfile = (
  id: string,
  { catalogue, trialSandbox }: Pick<EngineerParts, 'catalogue' | 'trialSandbox'>,
): Profile | undefined => {
  try {
    return catalogue.get(profileId(id))?.trial(trialSandbox);
  } catch (error) {
    if (error instanceof KerbsideError) return undefined;
    throw error;
  }
};
