import { Type, type Static } from 'typebox';
import { pastedCodec, FieldsIn } from '../../device-profiles/pasted-codec.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { closed } from './answers.ts';
import type { ApiParts } from './parts.ts';
import { profileNamed } from './previews.ts';

/** One of the two ways to read: an installed profile, or a codec that somebody pasted. */
export const SideIn = closed({
  profile: Type.Optional(Type.String({ description: 'An installed profile, `<maker>/<model>`' })),
  codec: Type.Optional(Type.String({ minLength: 1, description: 'The text of a codec, instead. Needs `manage`' })),
  fields: Type.Optional({
    ...FieldsIn,
    description:
      "What the keys of the codec's data mean, as in a profile.yaml; else as the other side's profile has it",
  }),
});
export type SideIn = Static<typeof SideIn>;

/** Both sides, ready to read. */
export interface Sides {
  readonly a: Profile;
  readonly b: Profile;
  readonly wordsOnly: boolean;
}

/** @throws Invalid (`side-invalid`) naming the side, NotFound (`profile-unknown`). */
export const sidesOf = (
  given: { readonly a: SideIn; readonly b: SideIn },
  { catalogue, trialSandbox }: Pick<ApiParts, 'catalogue' | 'trialSandbox'>,
): Sides => {
  const installed = (side: SideIn): Profile | undefined =>
    side.profile === undefined ? undefined : profileNamed(catalogue, side.profile).trial(trialSandbox);
  const known = { a: installed(given.a), b: installed(given.b) };
  const sideOf = (name: 'a' | 'b', other: 'a' | 'b'): Profile => {
    const { codec, fields, profile } = given[name];
    if ((profile === undefined) === (codec === undefined))
      throw new Invalid('side-invalid', `${name}: give one of profile and codec`);
    if (codec === undefined) {
      if (fields !== undefined)
        throw new Invalid('side-invalid', `${name}.fields: belong to a codec; a profile has its own`);
      const own = known[name];
      if (own === undefined) throw new Invalid('side-invalid', `${name}: give one of profile and codec`);
      return own;
    }
    const borrowed = fields === undefined ? known[other]?.trial(trialSandbox, codec) : undefined;
    const built = borrowed ?? pastedCodec(codec, fields, trialSandbox);
    if ('faults' in built)
      throw new Invalid('side-invalid', `${name}: ${built.faults.map(({ problem }) => problem).join('; ')}`);
    return built;
  };
  const unmeant = ({ profile, fields }: SideIn, other: SideIn): boolean =>
    profile === undefined && fields === undefined && other.profile === undefined;
  return {
    a: sideOf('a', 'b'),
    b: sideOf('b', 'a'),
    wordsOnly: unmeant(given.a, given.b) || unmeant(given.b, given.a),
  };
};
