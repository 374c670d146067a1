import { existsSync } from 'node:fs';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openDataFolder } from '../../infra/data-folder.ts';

/** The folder of this installation's own profiles; undefined where there is no data folder yet. */
export const dataProfiles = (): string | undefined => {
  const { dir } = readConfig().data;
  return existsSync(dir) ? openDataFolder(dir).profiles : undefined;
};

/** The folders of profiles that this installation knows: Kerbside's own, and that in its data folder. */
export const installed = (): readonly string[] => {
  const data = dataProfiles();
  return data === undefined ? [ownCatalogue] : [ownCatalogue, data];
};

/** The folder of this installation's own profiles, which is made with the data folder when it is missing. */
export const dataProfilesToWrite = (): string => openDataFolder(readConfig().data.dir).profiles;
