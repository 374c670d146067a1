import { join } from 'node:path';
import { readText } from './folder.ts';
import { vectorsSchema, type Vector } from './schema.ts';
import { parseYaml } from './yaml.ts';

/** The vectors of a profile's folder, for whoever tries it; none where there are none, or they cannot be read. */
export const readVectors = async (path: string): Promise<readonly Vector[]> => {
  const file = join(path, 'vectors.yaml');
  const text = await readText(file);
  if (text === undefined) return [];
  const parsed = parseYaml(vectorsSchema, text, file);
  // `npx kerbside integrations check` says what is wrong with them.
  return 'faults' in parsed ? [] : parsed.value;
};
