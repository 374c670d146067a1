import { join } from 'node:path';
import { inputOf } from '../check-vectors.ts';
import type { Sandbox } from '../codec/sandbox.ts';
import { seenIn, type SeenKey } from '../decode/seen.ts';
import { CatalogueInvalid } from '../definition/faults.ts';
import { readProfile, readText, type Place, type ProfileFolder } from '../definition/folder.ts';
import { vectorsSchema, type Vector } from '../definition/schema.ts';
import { parseYaml } from '../definition/yaml.ts';
import { messagesOf } from '../messages.ts';
import { suggest, type Suggestion } from './suggest.ts';

/** A key of a profile: what it is now, and what it seems to be. */
export interface MappedKey {
  readonly key: string;
  /** A value that a vector has; undefined where none has the key. */
  readonly sample?: string;
  readonly now:
    | { readonly is: 'mapped'; readonly quantity: string; readonly unit: string }
    | { readonly is: 'ignored' | 'time' | 'unmapped' };
  readonly suggestion?: Suggestion;
}

/** A profile with its vectors, and its keys. */
export interface Mapped {
  readonly folder: ProfileFolder;
  readonly profileText: string;
  readonly vectorsText: string;
  readonly vectors: readonly Vector[];
  readonly keys: readonly MappedKey[];
}

/** Reads a profile's keys from its vectors and its `fields`. @throws CatalogueInvalid when its files have faults. */
export const mappedKeys = async (place: Place, sandbox: Sandbox): Promise<Mapped> => {
  const folder = await readProfile(place);
  if ('faults' in folder) throw new CatalogueInvalid(folder.faults);
  const file = join(place.path, 'vectors.yaml');
  const vectorsText = (await readText(file)) ?? '[]\n';
  const parsed = parseYaml(vectorsSchema, vectorsText, file);
  if ('faults' in parsed) throw new CatalogueInvalid(parsed.faults);
  const inputs = parsed.value.map(inputOf).filter((input) => typeof input !== 'string');
  const messages = (await Promise.all(inputs.map((input) => messagesOf(folder, sandbox, input)))).flat();
  return {
    folder,
    profileText: (await readText(join(place.path, 'profile.yaml'))) ?? '',
    vectorsText,
    vectors: parsed.value,
    keys: keysOf(folder, seenIn(messages)),
  };
};

const keysOf = ({ places, definition }: ProfileFolder, seen: readonly SeenKey[]): readonly MappedKey[] => {
  const suggestions = new Map(suggest(seen).map((one) => [one.key, one]));
  const { time } = definition;
  const all = new Set([...seen.map(({ key }) => key), ...places.fields.keys()]);
  return [...all].map((key) => {
    const field = places.fields.get(key);
    const suggestion = suggestions.get(key);
    const now: MappedKey['now'] =
      field !== undefined
        ? { is: 'mapped', quantity: field.quantity, unit: field.unit }
        : {
            is:
              key === time?.key || key === time?.hour ? 'time' : places.ignores.includes(key) ? 'ignored' : 'unmapped',
          };
    return { key, now, ...(suggestion === undefined ? {} : { sample: suggestion.sample, suggestion }) };
  });
};
