import { join } from 'node:path';
import type { Catalogue } from '../../device-profiles/profile.ts';
import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../logging/index.ts';
import type { Area } from './site-checks.ts';
import type { Registry } from './contract.ts';
import { openRegistry, type RegistryOptions } from './registry.ts';

/** Where an installation keeps its registry, and the secret that its tokens and keys were made with. */
export const registryFiles = (dir: string): Pick<RegistryOptions, 'file' | 'secretFile'> => ({
  file: join(dir, 'registry.db'),
  secretFile: join(dir, 'secret'),
});

/** The registry of the installation in that folder, which must be there. @throws as `openRegistry`. */
export const openRegistryIn = (
  dir: string,
  {
    clock,
    log,
    catalogue,
    area,
  }: { readonly clock: Clock; readonly log: Log; readonly catalogue: Catalogue; readonly area?: Area },
): Promise<Registry> =>
  openRegistry({
    ...registryFiles(dir),
    clock,
    log,
    knownProfile: (id) => catalogue.get(id) !== undefined,
    profileIds: () => catalogue.list().map(({ id }) => id),
    ...(area === undefined ? {} : { area }),
  });
