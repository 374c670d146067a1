import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from '../definition/folder.ts';
import { digestIn, digestOf, originIn, type Files } from './draft.ts';

/** All the files of an imported profile. */
export type Whole = Files & Readonly<Record<'SOURCE.md', string>>;
const names = ['profile.yaml', 'codec.js', 'vectors.yaml', 'SOURCE.md'] as const;

/** What there is where a profile would be written, and so what would be done. */
export type Standing =
  | { readonly did: 'new' | 'unchanged' }
  /** As it was imported; the repository has other files since. */
  | { readonly did: 'updated'; readonly differ: readonly string[] }
  /** A person has edited or confirmed it since. */
  | { readonly did: 'kept'; readonly differ: readonly string[] }
  /** Another repository's, or a person's own. */
  | { readonly did: 'twin'; readonly of: string };

/** Compares what would be written with what is there. */
export const standing = async (folder: string, wanted: Whole): Promise<Standing> => {
  const there = new Map<string, string>();
  for (const name of names) {
    const text = await readText(join(folder, name));
    if (text !== undefined) there.set(name, text);
  }
  if (there.size === 0) return { did: 'new' };
  const differ = names.filter((name) => there.get(name) !== wanted[name]);
  if (differ.length === 0) return { did: 'unchanged' };
  const source = there.get('SOURCE.md') ?? '';
  const origin = originIn(source);
  if (origin === undefined) return { did: 'twin', of: 'a profile that was not imported' };
  if (origin !== originIn(wanted['SOURCE.md'])) return { did: 'twin', of: origin };
  const files = {
    'profile.yaml': there.get('profile.yaml') ?? '',
    'codec.js': there.get('codec.js') ?? '',
    'vectors.yaml': there.get('vectors.yaml') ?? '',
  };
  return digestIn(source) === digestOf(files) ? { did: 'updated', differ } : { did: 'kept', differ };
};

/** Writes a file whole: a reader sees the old one or the new one. */
export const writeWhole = async (path: string, text: string): Promise<void> => {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, text, { flush: true });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
};

/**
 * Writes an imported profile. `profile.yaml` comes first where one is there: it makes a draft of the profile before a
 * server that watches can read another codec with it; otherwise last, so that half a profile is none.
 */
export const keep = async (folder: string, whole: Whole): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const present = (await readText(join(folder, 'profile.yaml'))) !== undefined;
  for (const name of present ? names : names.toReversed()) await writeWhole(join(folder, name), whole[name]);
};
