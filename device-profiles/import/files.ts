import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { NotFound } from '../vocabulary/errors.ts';
import { oneLine } from './one-line.ts';

/** Something in a repository that cannot be used: where, what, and what to do about it. */
export interface Trouble {
  /** Path within the repository. */
  readonly file: string;
  /** 1-based; undefined where the whole file is meant. */
  readonly line?: number;
  readonly problem: string;
  readonly advice: string;
}

/** `vendor/acme/walkby.yaml:7  not YAML: ... (mend the file, ...)` */
export const troubleLine = ({ file, line, problem, advice }: Trouble): string =>
  `${file}${line === undefined ? '' : `:${line}`}  ${problem} (${advice})`;

export const isTrouble = (result: object): result is Trouble => 'advice' in result;

/** Bytes of a description or of examples: the largest that makers publish have a tenth of it. */
const BYTES_AT_MOST = 1_000_000;

/** A checkout of somebody's repository: text files are read from it, and nothing outside it. */
export interface Checkout {
  /** The text of a file, or why it cannot be read. A path that leaves the checkout, by `..` or by a link, cannot. */
  text(path: string): Promise<{ readonly text: string } | Trouble>;
  /** The names in a folder, sorted; none where there is no such folder, or where it lies outside. */
  names(path: string): Promise<readonly string[]>;
  /** Whether there is such a folder in the checkout. */
  hasFolder(path: string): Promise<boolean>;
}

/** What lies elsewhere. */
const outside = Symbol('outside');

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws NotFound (`repository-unknown`) when there is no such folder. */
export const openCheckout = async (folder: string): Promise<Checkout> => {
  const root = await realOrUndefined(folder);
  if (root === undefined || !(await stat(root)).isDirectory())
    throw new NotFound(
      'repository-unknown',
      `${folder} is no folder: give the path of a checkout, as "git clone" makes it`,
    );
  /** The real path of something in the checkout. Undefined where there is none. */
  const inside = async (path: string): Promise<string | typeof outside | undefined> => {
    // A path with `..` is not even looked up: whether a file outside exists is nobody's business.
    if (relative(root, join(root, path)).split(sep)[0] === '..') return outside;
    const real = await realOrUndefined(join(root, path));
    if (real === undefined) return undefined;
    return real === root || real.startsWith(root + sep) ? real : outside;
  };
  return {
    text: async (path) => {
      const trouble = (problem: string, advice: string): Trouble => ({ file: oneLine(path), problem, advice });
      if (path.includes('\0')) return trouble('is no name of a file', 'mend the name');
      const real = await inside(path);
      if (real === outside)
        return trouble('lies outside the checkout', 'files are read from the checkout only: mend the path or the link');
      if (real === undefined) return trouble('no such file', 'mend the name, or fetch the whole repository');
      const found = await stat(real);
      if (!found.isFile()) return trouble('is no ordinary file', 'put a text file there');
      if (found.size > BYTES_AT_MOST)
        return trouble(
          `has ${found.size} bytes; at most ${BYTES_AT_MOST} are read`,
          'that is no description of a device: look at what it is',
        );
      const bytes = await readFile(real);
      try {
        const text = utf8.decode(bytes);
        return text.includes('\0') ? trouble('is binary', 'put a text file there') : { text };
      } catch {
        return trouble('is binary, or not in UTF-8', 'save it as UTF-8');
      }
    },
    names: async (path) => {
      const real = await inside(path);
      if (real === undefined || real === outside || !(await stat(real)).isDirectory()) return [];
      return (await readdir(real)).toSorted();
    },
    hasFolder: async (path) => {
      const real = await inside(path);
      return real !== undefined && real !== outside && (await stat(real)).isDirectory();
    },
  };
};

const realOrUndefined = async (path: string): Promise<string | undefined> => {
  try {
    return await realpath(path);
  } catch (error) {
    // Not there, a link in a circle, a file where a folder should be, a name that is too long, or not ours to read.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code === 'string' && ['ENOENT', 'ELOOP', 'ENOTDIR', 'ENAMETOOLONG', 'EACCES'].includes(code))
      return undefined;
    throw error;
  }
};
