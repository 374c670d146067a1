import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSandbox } from '../../../device-profiles/codec/sandbox.ts';
import { importProfiles, type ImportOptions } from '../../../device-profiles/import/import.ts';
import type { ImportReport } from '../../../device-profiles/import/report.ts';
import { emptyFolder } from '../profile-folder.ts';
import { plant, type Tree } from './invented.ts';

export const sandbox = await openSandbox();
afterAll(() => sandbox.close());

/** A repository of invented devices, and a folder for profiles; both are gone after the test. */
export interface House {
  readonly repository: string;
  readonly into: string;
  /** Imports it, by default as a user does who says nothing more. */
  import(options?: Partial<ImportOptions>): Promise<ImportReport>;
  /** The text of a file of an imported profile. */
  text(id: string, name: string): string;
}

export const houseOf = (...trees: readonly Tree[]): House => {
  const [repository, into] = [emptyFolder(), emptyFolder()];
  for (const tree of trees) plant(repository, tree);
  return {
    repository,
    into,
    import: (options = {}) =>
      importProfiles({
        path: repository,
        into,
        beside: [],
        force: false,
        dryRun: false,
        sandbox,
        progress: () => undefined,
        ...options,
      }),
    text: (id, name) => readFileSync(join(into, id, name), 'utf8'),
  };
};
