/** A value of JSON that holds no others. */
export type Leaf = string | number | boolean | null;

/** Texts are told up to here: they are for looking at. */
const CHARACTERS_AT_MOST = 200;

/**
 * The leaves of a JSON value by the path to each, as `data.list[2].x`; an empty list or object is the text `[]` or
 * `{}`.
 */
export const leavesOf = (value: unknown, path: string, into: Map<string, Leaf>): void => {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) into.set(path, value);
  else if (typeof value === 'string') into.set(path, value.slice(0, CHARACTERS_AT_MOST));
  else if (Array.isArray(value)) {
    if (value.length === 0) into.set(path, '[]');
    for (const [index, inner] of value.entries()) leavesOf(inner, `${path}[${index}]`, into);
  } else if (typeof value === 'object') {
    const inside = Object.entries(value);
    if (inside.length === 0) into.set(path, '{}');
    for (const [key, inner] of inside) leavesOf(inner, `${path}.${key}`, into);
  }
};
