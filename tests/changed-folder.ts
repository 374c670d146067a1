import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A change to one file of a folder; undefined takes the file away. */
export type Change = readonly [file: string, from: string | RegExp, to: string | undefined];

/** Changes files of a folder, in order. @throws Error when a change changes nothing. */
export const change = (folder: string, changes: readonly Change[]): void => {
  for (const [file, from, to] of changes) {
    const path = join(folder, file);
    if (to === undefined) {
      rmSync(path);
      continue;
    }
    const before = readFileSync(path, 'utf8');
    const after = before.replace(from, () => to);
    if (after === before) throw new Error(`${file} has no ${String(from)}`);
    writeFileSync(path, after);
  }
};
