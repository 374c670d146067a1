import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Conflict, Invalid } from '../../device-profiles/vocabulary/index.ts';
import { tokensCsv } from '../../infra/device-csv/write.ts';
import type { NewToken } from '../../infra/registry/bulk/contract.ts';

/**
 * The file in which the tokens of new devices are handed over, readable by its owner only. They are nowhere else, so
 * they are on disk before the devices are: under a name that says that it is not sure yet, and under their own once it
 * is. However the process ends, no device is registered whose token nobody has.
 */
export interface CredentialsFile {
  readonly path: string;
  /** @throws Conflict (`credentials-file-exists`): an earlier import was cut off, and somebody has to look at its tokens. */
  assertNoneLeft(): void;
  /** @throws Invalid (`credentials-unwritable`), Conflict (`credentials-file-exists`). */
  write(tokens: readonly NewToken[]): void;
  /** The devices are registered. */
  confirm(): void;
  /** They are not; what was written is good for nothing. */
  discard(): void;
}

export const credentialsFile = (path: string): CredentialsFile => {
  const draft = `${path}.partial`;
  let isOurs = false;
  const assertNoneLeft = (): void => {
    if (existsSync(draft))
      throw new Conflict(
        'credentials-file-exists',
        `${draft} is left of an import that was cut off. If "npx kerbside devices list" has its devices, ` +
          'these are their tokens: give the file another name and keep it; otherwise remove it',
      );
  };
  return {
    path,
    assertNoneLeft,
    write: (tokens) => {
      assertNoneLeft();
      if (existsSync(path)) throw taken(path);
      try {
        const file = openSync(draft, 'wx', 0o600);
        isOurs = true;
        try {
          writeAll(file, Buffer.from(tokensCsv(tokens)));
          fsyncSync(file);
        } finally {
          closeSync(file);
        }
        syncFolder(path);
      } catch (cause) {
        const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
        throw new Invalid(
          'credentials-unwritable',
          `the tokens of the new devices cannot be written to ${draft} (${why}); nothing was changed. --credentials names another file`,
          { cause },
        );
      }
    },
    confirm: () => {
      giveName(draft, path);
      syncFolder(path);
    },
    discard: () => {
      if (isOurs) rmSync(draft, { force: true });
    },
  };
};

/** The name beside the file of devices that is still free: an earlier import of it left its tokens there. */
export const freeCredentialsPath = (devices: string): string => {
  for (let n = 1; ; n += 1) {
    const path = `${devices}.credentials${n === 1 ? '' : `-${n}`}.csv`;
    if (!existsSync(path)) return path;
  }
};

const taken = (path: string): Conflict =>
  new Conflict(
    'credentials-file-exists',
    `${path} is there already and may hold tokens that are nowhere else: --credentials names another file`,
  );

const writeAll = (file: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
};

/** A second name first: unlike a renaming, that never replaces a file which somebody put there in the meantime. */
const giveName = (draft: string, path: string): void => {
  try {
    linkSync(draft, path);
  } catch (error) {
    // Some file systems know no second names. The path was free a moment ago.
    if (existsSync(path)) throw taken(`the tokens are in ${draft}, because ${path}`);
    if (!(error instanceof Error)) throw error;
    renameSync(draft, path);
    return;
  }
  unlinkSync(draft);
};

/** The name is on disk as well as what is in the file. */
const syncFolder = (path: string): void => {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};
