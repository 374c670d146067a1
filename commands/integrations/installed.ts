import { existsSync } from 'node:fs';
import { ownIntegrations } from '../../gateway/lorawan/network-server/catalogue.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openDataFolder } from '../../infra/data-folder.ts';

/** The folders of integrations that this installation knows. Only looks: no data folder is made for it. */
export const integrationFolders = (): readonly string[] => {
  const { dir } = readConfig().data;
  return existsSync(dir) ? [ownIntegrations, openDataFolder(dir).integrations] : [ownIntegrations];
};
