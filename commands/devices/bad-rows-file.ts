import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { Conflict, Invalid } from '../../device-profiles/vocabulary/index.ts';

/**
 * Makes the file and takes it away again, so that what cannot be written is known before anything is registered.
 * @throws Conflict (`file-exists`), Invalid (`bad-rows-unwritable`).
 */
export const assertCanBeMade = (path: string): void => {
  if (existsSync(path)) throw taken(path);
  try {
    closeSync(openSync(path, 'wx', 0o600));
    rmSync(path);
  } catch (cause) {
    throw unwritable(path, 'nothing was changed. --bad-rows names another file', cause);
  }
};

/** Writes the file, for its owner only and over no other. Answers what kept it from that, where something did. */
export const writeBadRows = (path: string, text: string): Invalid | undefined => {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return undefined;
  } catch (cause) {
    return unwritable(path, 'what is said above was done all the same. Import the file again for its bad rows', cause);
  }
};

const taken = (path: string): Conflict =>
  new Conflict('file-exists', `${path} is there already: --bad-rows names a file that is to be made`);

const unwritable = (path: string, advice: string, cause: unknown): Invalid => {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  return new Invalid('bad-rows-unwritable', `the bad rows cannot be written to ${path} (${why}); ${advice}`, { cause });
};
