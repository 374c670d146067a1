import { join } from 'node:path';
import type { Fault } from './faults.ts';
import { readText } from './folder.ts';

/** A folder of data that a linter looks at: its id, and where it is. */
interface Found {
  readonly id: string;
  readonly path: string;
}

/** A fault for each folder whose id another one before it has. */
export const twins = (places: readonly Found[]): readonly Fault[] => {
  const first = new Map<string, string>();
  return places.flatMap(({ id, path }) => {
    const before = first.get(id);
    if (before !== undefined) return [{ file: path, problem: `${id} is in ${before} already` }];
    first.set(id, path);
    return [];
  });
};

/** A fault when the folder's SOURCE.md is not there or is empty. */
export const checkSource = async (path: string): Promise<readonly Fault[]> => {
  const file = join(path, 'SOURCE.md');
  const text = await readText(file);
  return text === undefined || text.trim() === '' ? [{ file, problem: 'does not say where the facts are from' }] : [];
};
