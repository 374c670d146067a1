/** Where what came out differs from what was expected. */
export interface Difference {
  /** Keys joined by dots, from `data`. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** Differences that are told of one example. */
const DIFFERENCES_AT_MOST = 5;
const LEVELS_AT_MOST = 40;
/** Characters of a value that are told. */
const CHARACTERS_AT_MOST = 80;

/** What is told behind NaN and Infinity, for which JSON has no word. */
export const NO_JSON = ' (no number of JSON)';

const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' && !Number.isFinite(value)) return `${value}${NO_JSON}`;
  // How NaN and its like come out of an example that is a JavaScript literal: see literal.ts.
  if (typeof value === 'string' && value.endsWith(NO_JSON)) return value;
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > CHARACTERS_AT_MOST ? `${text.slice(0, CHARACTERS_AT_MOST)}...` : text;
};

/**
 * Compares as JSON values: keys in any order, a key that is undefined is none, and NaN, which JSON does not have, equals
 * nothing. Gives the first few differences.
 */
export const differences = (expected: unknown, got: unknown, path = 'data'): readonly Difference[] => {
  const found: Difference[] = [];
  walk(found, { expected, got, path });
  return found.slice(0, DIFFERENCES_AT_MOST);
};

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;

const walk = (
  found: Difference[],
  { expected, got, path }: { readonly expected: unknown; readonly got: unknown; readonly path: string },
): void => {
  if (found.length > DIFFERENCES_AT_MOST) return;
  // Deeper than any codec's answer may be: the rest is told as text.
  if (path.split('.').length > LEVELS_AT_MOST) {
    if (shown(expected) !== shown(got)) found.push({ path, expected: shown(expected), got: shown(got) });
    return;
  }
  if (!isRecord(expected) || !isRecord(got) || Array.isArray(expected) !== Array.isArray(got)) {
    if (expected !== got) found.push({ path, expected: shown(expected), got: shown(got) });
    return;
  }
  const [wanted, given] = [
    new Map<string, unknown>(Object.entries(expected)),
    new Map<string, unknown>(Object.entries(got)),
  ];
  for (const key of new Set([...wanted.keys(), ...given.keys()]))
    walk(found, { expected: wanted.get(key), got: given.get(key), path: `${path}.${key}` });
};
