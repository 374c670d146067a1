import type { Static, TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { near } from '../vocabulary/near.ts';
import type { Fault } from './faults.ts';
import { readYamlDocument } from './yaml-document.ts';

/** A YAML file that is as its schema says; `line` finds where something in it stands. */
export interface Parsed<T> {
  readonly value: T;
  readonly line: (path: readonly (string | number)[]) => number | undefined;
}

/** Far above the largest file of the catalogue; an anchor that multiplies itself ends here too. */
const CHARACTERS_AT_MOST = 1_000_000;

/** Reads YAML 1.2 and checks it, or gives every fault with its line. */
export const parseYaml = <S extends TSchema>(
  schema: S,
  text: string,
  file: string,
): Parsed<Static<S>> | { readonly faults: readonly Fault[] } => {
  if (text.length > CHARACTERS_AT_MOST)
    return { faults: [{ file, problem: `longer than ${CHARACTERS_AT_MOST} characters` }] };
  const { document, errors, lineAt } = readYamlDocument(text);
  if (errors.length > 0) return { faults: errors.map(({ line, message }) => ({ file, line, problem: message })) };
  const line = (path: readonly (string | number)[]): number | undefined => {
    // What is missing stands nowhere: then the nearest thing around it does.
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const found = lineAt(path.slice(0, depth));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const value: unknown = document.toJS();
  if (Check(schema, value)) return { value, line };
  return {
    faults: problemsOf(schema, value).map(({ path, problem }) =>
      located({ file, problem: [...(path.length > 0 ? [path.join('.')] : []), problem].join(': ') }, line(path)),
    ),
  };
};

/** The fault with its line, where there is one. */
export const located = (fault: Fault, line: number | undefined): Fault =>
  line === undefined ? fault : { ...fault, line };

interface Problem {
  readonly path: readonly string[];
  readonly problem: string;
}

/** The problem at each place, once: the same one is told from several levels. */
const problemsOf = (schema: TSchema, value: unknown): readonly Problem[] => {
  const problems = new Map<string, Problem>();
  const tell = (path: readonly string[], problem: string): void =>
    void problems.set(path.join('\n'), { path, problem });
  for (const { instancePath, schemaPath, keyword, params, message } of Errors(schema, value)) {
    // JSON Pointer, RFC 6901.
    const path = instancePath
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    // The echo of an unknown key.
    if (keyword === 'boolean') continue;
    if (keyword === 'additionalProperties')
      for (const key of params.additionalProperties) tell([...path, key], noSuchKey(key, keysAt(schema, schemaPath)));
    else if (keyword === 'enum') tell(path, `is not one of: ${params.allowedValues.join(', ')}`);
    else if (keyword === 'pattern') tell(path, `does not look like ${String(params.pattern)}`);
    else if (keyword === 'anyOf') tell(path, 'is nothing that may stand here');
    else if (!problems.has(path.join('\n'))) tell(path, message);
  }
  return [...problems.values()];
};

const noSuchKey = (key: string, keys: readonly string[]): string => {
  const meant = near(key, keys);
  return meant.length === 0 ? 'no such key' : `no such key; did you mean ${meant.join(' or ')}?`;
};

/** The keys that may stand in an object, found by where its schema is in the whole (a JSON Pointer after `#`). */
const keysAt = (schema: TSchema, pointer: string): readonly string[] => {
  const at = pointer.split('/').slice(1).reduce<unknown>(member, schema);
  const properties = member(at, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
};

const member = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
