import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Conflict, Invalid } from '../device-profiles/vocabulary/index.ts';
import { sqliteFault } from './sqlite/index.ts';

/** The folder in which an installation keeps everything, and the names of what lies in it. */
export interface DataFolder {
  readonly path: string;
  readonly journal: string;
  readonly timeseries: string;
  /** Profiles that this installation brought itself, beside those of the catalogue. */
  readonly profiles: string;
  /** Operators' formats that this installation brought itself. */
  readonly integrations: string;
  /** What a run over history has gathered, and how far it is. */
  readonly reprocess: string;
  /** How far The Things Stack has been read. */
  readonly thingsStackMark: string;
}

/**
 * Makes the folder when it is missing, readable by its owner only: it holds keys.
 * @throws Invalid (`data-unusable`) when there can be none.
 */
export const openDataFolder = (dir: string): DataFolder => {
  const path = resolve(dir);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new Invalid(
      'data-unusable',
      `${path} cannot be the data folder (${why}): set KERBSIDE_DATA_DIR to a folder that this user may write`,
      { cause },
    );
  }
  return {
    path,
    journal: join(path, 'journal.db'),
    timeseries: join(path, 'timeseries.db'),
    profiles: join(path, 'profiles'),
    integrations: join(path, 'integrations'),
    reprocess: join(path, 'reprocess.db'),
    thingsStackMark: join(path, 'things-stack.json'),
  };
};

/**
 * Keeps a second server off the same folder: two would hand the same uplinks to two pipelines. The lock is a SQLite
 * write lock that the operating system drops when the process ends, however it ends.
 * @throws Conflict (`data-in-use`), Invalid (`data-unusable`)
 */
export const lockDataFolder = ({ path }: DataFolder): { release(): void } => {
  const file = join(path, 'lock.db');
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (sqliteFault(cause) !== 'busy')
      throw new Invalid('data-unusable', `${file} cannot be locked: remove it, it holds nothing`, { cause });
    throw new Conflict(
      'data-in-use',
      `another Kerbside server is running on ${path}; stop it, or set KERBSIDE_DATA_DIR to another folder`,
      { cause },
    );
  }
  return { release: () => lock.close() };
};
