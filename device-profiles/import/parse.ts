import { parse as parseTomlText, TomlError } from 'smol-toml';
import { readYamlDocument } from '../definition/yaml-document.ts';
import type { Trouble } from './files.ts';
import { oneLine } from './one-line.ts';

/** Data out of a stranger's file, and where in it things stand. */
export interface ParsedFile {
  readonly value: unknown;
  readonly line: (path: readonly (string | number)[]) => number | undefined;
}

const mend = 'mend the file, or report it to those who keep the repository';

/** Reads YAML, whatever it says. */
export const readYaml = (text: string, file: string): ParsedFile | Trouble => {
  try {
    const { document, errors, lineAt } = readYamlDocument(text, { merge: true });
    const [error] = errors;
    if (error !== undefined)
      return { file, line: error.line, problem: `not YAML: ${oneLine(error.message)}`, advice: mend };
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    // An alias within what it names makes a circle, which no JSON value has.
    JSON.stringify(value);
    return { value, line: lineAt };
  } catch (error) {
    // Aliases that multiply, nesting beyond any stack: the parser's own words.
    return { file, problem: `not YAML: ${oneLine(String(error))}`, advice: mend };
  }
};

/** Reads TOML, whatever it says. */
export const readToml = (text: string, file: string): ParsedFile | Trouble => {
  try {
    return { value: parseTomlText(text), line: () => undefined };
  } catch (error) {
    const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return {
      file,
      ...(error instanceof TomlError ? { line: error.line } : {}),
      problem: `not TOML: ${oneLine(first)}`,
      advice: mend,
    };
  }
};

/** An object with keys, out of whatever there is. */
export const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
/** A list, out of whatever there is. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
/** A text, out of a text or a number: versions are written as both. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
/** The texts of a list. */
export const textsOf = (value: unknown): readonly string[] =>
  listOf(value).flatMap((one) => {
    const text = textOf(one);
    return text === undefined ? [] : [text];
  });
