import { isObject } from '../json.ts';

/**
 * Where something stands in a message: `Lrrs.Lrr[0].LrrRSSI`. A name is a key, `[2]` the third of a list, `[*]` any of
 * a list, and `["odd.key"]` a key that is no plain name. After ` | ` comes where it stands otherwise.
 */
export interface Path {
  readonly text: string;
  /** Tried in this order. */
  readonly ways: readonly (readonly Step[])[];
}

type Step = { readonly key: string } | { readonly index: number } | 'any';

/** Far longer and deeper than any message needs. */
const CHARACTERS_AT_MOST = 300;
const STEPS_AT_MOST = 16;

/** One step, or the bar between two ways, at the place where the last one ended. */
const TOKEN = /\s*(\|)\s*|(\.?)([\w$@:-]+)|\[(\d{1,4})\]|\[(\*)\]|\["([^"\\]+)"\]/y;

/** Reads a path, or says what is wrong with it. */
export const parsePath = (text: string): Path | { readonly problem: string } => {
  if (text.length > CHARACTERS_AT_MOST) return { problem: `is longer than ${CHARACTERS_AT_MOST} characters` };
  const ways: Step[][] = [[]];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const [, bar, dot, name, index, any, quoted] = TOKEN.exec(text) ?? [];
    const way = ways.at(-1) ?? [];
    const key = name ?? quoted;
    // A name follows a dot, except where a way begins; nothing else does.
    const joined = name === undefined || (dot === '.') === way.length > 0;
    if (bar !== undefined && way.length > 0) ways.push([]);
    else if (key !== undefined && joined) way.push({ key });
    else if (index !== undefined && way.length > 0) way.push({ index: Number(index) });
    else if (any !== undefined && way.length > 0) way.push('any');
    else {
      const where = `cannot be read at character ${at + 1} of "${text}"`;
      return { problem: `${where}; a path looks like a.b[0].c, or a[*].b | d` };
    }
    if (way.length > STEPS_AT_MOST) return { problem: `has more than ${STEPS_AT_MOST} steps` };
  }
  if (ways.at(-1)?.length === 0) return { problem: 'ends where a name should follow' };
  return { text, ways };
};

/** Told which way of a path was found in a message: what the linter knows of untried paths is from here. */
export type Tried = (path: string, way: number) => void;

/** What stands there: the first way that is there and not null, of a list's elements the first that has it. */
export const valueAt = ({ text, ways }: Path, root: unknown, tried?: Tried): unknown => {
  for (const [index, way] of ways.entries()) {
    const found = walk(way, 0, root);
    if (found === undefined) continue;
    tried?.(text, index);
    return found;
  }
  return undefined;
};

const walk = (way: readonly Step[], depth: number, value: unknown): unknown => {
  const step = way[depth];
  if (step === undefined) return value ?? undefined;
  if (step === 'any') {
    if (!Array.isArray(value)) return undefined;
    for (const each of value) {
      const found = walk(way, depth + 1, each);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if ('index' in step) return Array.isArray(value) ? walk(way, depth + 1, value[step.index]) : undefined;
  // Own keys only: a message has no `constructor` unless it says one.
  return isObject(value) && Object.hasOwn(value, step.key) ? walk(way, depth + 1, value[step.key]) : undefined;
};
