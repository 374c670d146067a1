import { Type, type Static } from 'typebox';
import { buildProfile } from './catalogue.ts';
import type { Sandbox } from './codec/sandbox.ts';
import type { Fault } from './definition/faults.ts';
import { profileFrom, type Place } from './definition/folder.ts';
import { field } from './definition/schema.ts';
import type { Profile } from './profile.ts';

/** What the keys of a codec's data mean, as `fields` of a profile.yaml. */
export const FieldsIn = Type.Record(Type.String(), field, {
  description: 'What the keys of its data mean, as `fields` in a profile.yaml',
});
export type FieldsIn = Static<typeof FieldsIn>;

const PASTED: Place = { path: 'pasted', id: 'pasted/codec', template: false };

/**
 * A profile around a codec that somebody pasted, to try it: it reads any port. Without `fields` it knows each
 * quantity under its own id. Answers everything that is wrong with the fields instead, where something is.
 */
export const pastedCodec = (
  codec: string,
  fields: FieldsIn | undefined,
  sandbox: Sandbox,
): Profile | { readonly faults: readonly Fault[] } => {
  const known = fields === undefined ? { everyQuantity: true } : { fields };
  const definition = {
    id: PASTED.id,
    name: 'A pasted codec',
    maker: 'nobody',
    sends: 'lorawan',
    every: '1h',
    codec: 'codec.js',
    ...known,
  };
  // JSON is YAML: the definition is checked as a file would be.
  const folder = profileFrom(PASTED, JSON.stringify(definition), codec);
  return 'faults' in folder ? folder : buildProfile(folder, sandbox);
};
