import { userInfo } from 'node:os';
import { ownCatalogue } from '../device-profiles/catalogue.ts';
import { findProfiles } from '../device-profiles/definition/folder.ts';
import { systemClock } from '../device-profiles/vocabulary/index.ts';
import { readConfig } from '../infra/config/index.ts';
import { openDataFolder } from '../infra/data-folder.ts';
import { openLog } from '../infra/logging/index.ts';
import type { Actor, Changes, Registry } from '../infra/registry/contract.ts';
import { registryFiles } from '../infra/registry/open.ts';
import { openRegistry } from '../infra/registry/registry.ts';

/**
 * Opens the registry that the configuration names, beside a server that runs or before there is one, and closes it
 * after the work. Its second argument are the changes in the name of whoever types.
 */
export const withRegistry = async <T>(work: (registry: Registry, changes: Changes) => Promise<T>): Promise<T> => {
  const config = readConfig();
  const folder = openDataFolder(config.data.dir);
  const profiles = await profileNames([ownCatalogue, folder.profiles]);
  const registry = await openRegistry({
    ...registryFiles(folder.path),
    clock: systemClock,
    log: openLog(config.log.level),
    knownProfile: (id) => profiles.has(id),
    profileIds: () => [...profiles],
    area: config.area,
  });
  try {
    return await work(registry, registry.as(atTheCommandLine()));
  } finally {
    await registry.close();
  }
};

/** Whoever types, as the operating system knows him. */
const atTheCommandLine = (): Actor => ({ kind: 'command-line', name: userName() });

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have a number and no name.
    return String(process.getuid?.() ?? 'unknown');
  }
};

/**
 * The profiles by name only: a key can be made while somebody is still writing a profile, and no codec need be loaded.
 */
const profileNames = async (folders: readonly string[]): Promise<ReadonlySet<string>> =>
  new Set((await Promise.all(folders.map(findProfiles))).flat().flatMap(({ id, template }) => (template ? [] : [id])));
