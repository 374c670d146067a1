import { join } from 'node:path';
import type { Catalogue } from '../../device-profiles/profile.ts';
import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../logging/index.ts';
import type { Registry } from './contract.ts';
import { openRegistry } from './registry.ts';

/** The registry of the installation in that folder, which must be there: `registry.db`, and beside it the file `secret`. @throws as `openRegistry`. */
export const openRegistryIn = (dir: string, { clock, log, catalogue }: { readonly clock: Clock; readonly log: Log; readonly catalogue: Catalogue }): Promise<Registry> =>
  openRegistry({
    file: join(dir, 'registry.db'),
    secretFile: join(dir, 'secret'),
    clock,
    log,
    knownProfile: (id) => catalogue.get(id) !== undefined,
    profileIds: () => catalogue.list().map(({ id }) => id),
  });
