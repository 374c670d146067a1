import { fileURLToPath } from 'node:url';
import type { Fault } from '../../../device-profiles/definition/faults.ts';
import { findIntegrations, readIntegration, type Integration } from './folder.ts';

/** The folder with the integrations that come with Kerbside. */
export const ownIntegrations: string = fileURLToPath(new URL('catalogue/', import.meta.url));

/** The integrations of an installation. */
export interface Integrations {
  get(id: string): Integration | undefined;
  /** In order of their ids. */
  readonly list: readonly Integration[];
  /** Those that have faults and are left out: their operators are told that there is no such integration. */
  readonly faulty: readonly { readonly id: string; readonly faults: readonly Fault[] }[];
}

/** Reads the integrations of all folders, once; one that is not there holds none. A faulty one harms no other. */
export const readIntegrations = async (folders: readonly string[]): Promise<Integrations> => {
  const known = new Map<string, Integration>();
  const faulty: { readonly id: string; readonly faults: readonly Fault[] }[] = [];
  for (const folder of folders) {
    for (const place of await placesIn(folder, faulty)) {
      const read = await readIntegration(place);
      const twin = known.get(place.id);
      if ('faults' in read) faulty.push({ id: place.id, faults: read.faults });
      else if (twin === undefined) known.set(place.id, read);
      else
        faulty.push({
          id: place.id,
          faults: [
            { file: place.path, problem: `${place.id} is in ${twin.place.path} already: give this one another id` },
          ],
        });
    }
  }
  const list = [...known.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { get: (id) => known.get(id), list, faulty };
};

const placesIn = async (folder: string, faulty: { readonly id: string; readonly faults: readonly Fault[] }[]) => {
  try {
    return (await findIntegrations(folder)).filter(({ template }) => !template);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    faulty.push({ id: folder, faults: [{ file: folder, problem: `cannot be read: ${why}` }] });
    return [];
  }
};
