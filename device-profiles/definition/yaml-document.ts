import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from 'yaml';

/** A path into a file: keys of maps, indices of lists. */
export type YamlPath = readonly (string | number)[];

/** Aliases that a file may have: the parser looks for what each one names through the whole file. */
const ALIASES_AT_MOST = 500;

/** A YAML file as it was read, sound or not. */
export interface YamlDocument {
  readonly document: Document;
  /** All that is wrong with it as YAML, in the order in which it stands; lines are 1-based. */
  readonly errors: readonly { readonly line: number; readonly message: string }[];
  /** The line of what stands at the path; undefined where nothing does. */
  readonly lineAt: (path: YamlPath) => number | undefined;
}

/**
 * Reads YAML 1.2 in a time that grows as the text does. The parser's own search for keys that are there twice compares
 * each key of a map with all before it, and its search for a path walks each map from the start: with ten thousands of
 * keys that is minutes. Here both look the key up. `merge`: `<<` brings in the keys of another map.
 */
export const readYamlDocument = (text: string, { merge = false }: { readonly merge?: boolean } = {}): YamlDocument => {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
    uniqueKeys: false,
    merge,
    // Ordered maps and sets, of YAML 1.1, have a search of their own that is as slow; no file of ours has them.
    resolveKnownTags: false,
  });
  const broken = document.errors.map(({ pos, message }) => ({ at: pos[0], message }));
  const ours = refused(document);
  const all = ours.length === 0 ? broken : [...broken, ...ours].toSorted((a, b) => a.at - b.at);
  const errors = all.map(({ at, message }) => ({ line: lines.linePos(at).line, message }));
  const nodeAt = finderIn(document);
  const lineAt = (path: YamlPath): number | undefined => {
    const node = nodeAt(path);
    return isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined;
  };
  return { document, errors, lineAt };
};

/** Keys that their map has already (equal are scalars of equal value) and the first alias too many, at offsets. */
const refused = (document: Document): readonly { readonly at: number; readonly message: string }[] => {
  const found: { readonly at: number; readonly message: string }[] = [];
  let aliases = 0;
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        // Not a number equals nothing, itself neither.
        if (!isScalar(key) || Number.isNaN(key.value)) continue;
        if (seen.has(key.value)) found.push({ at: key.range?.[0] ?? 0, message: 'Map keys must be unique' });
        seen.add(key.value);
      }
    },
    Alias: (_, { range }) => {
      aliases += 1;
      if (aliases === ALIASES_AT_MOST + 1)
        found.push({ at: range?.[0] ?? 0, message: `more than ${ALIASES_AT_MOST} aliases` });
    },
  });
  return found;
};

/** A search for paths that walks each map once. */
const finderIn = (document: Document): ((path: YamlPath) => unknown) => {
  const known = new WeakMap<object, ReadonlyMap<unknown, unknown>>();
  const valuesOf = (map: { readonly items: readonly { readonly key: unknown; readonly value: unknown }[] }) => {
    const before = known.get(map);
    if (before !== undefined) return before;
    const values = new Map(map.items.map(({ key, value }) => [isScalar(key) ? key.value : key, value]));
    known.set(map, values);
    return values;
  };
  return (path) => {
    let node: unknown = document.contents;
    for (const part of path)
      node = isMap(node) ? valuesOf(node).get(part) : isSeq(node) ? node.get(part, true) : undefined;
    return node;
  };
};
