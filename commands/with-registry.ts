import { openCatalogue, ownCatalogue } from '../device-profiles/catalogue.ts';
import { systemClock } from '../device-profiles/vocabulary/index.ts';
import { readConfig } from '../infra/config/index.ts';
import { openDataFolder } from '../infra/data-folder.ts';
import { openLog } from '../infra/logging/index.ts';
import type { Registry } from '../infra/registry/contract.ts';
import { openRegistryIn } from '../infra/registry/open.ts';

/** Opens the registry that the configuration names, beside a server that runs or before there is one, and closes it after the work. */
export const withRegistry = async <T>(work: (registry: Registry) => Promise<T>): Promise<T> => {
  const config = readConfig();
  const folder = openDataFolder(config.data.dir);
  const catalogue = await openCatalogue([ownCatalogue, folder.profiles]);
  const registry = await openRegistryIn(folder.path, { clock: systemClock, log: openLog(config.log.level), catalogue });
  try {
    return await work(registry);
  } finally {
    await registry.close();
  }
};
