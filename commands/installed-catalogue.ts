import { existsSync } from 'node:fs';
import type { OpenCatalogue } from '../device-profiles/catalogue.ts';
import { ownCatalogue } from '../device-profiles/catalogue.ts';
import { faultLine } from '../device-profiles/definition/faults.ts';
import { openLiveCatalogue, type ProfileNews } from '../device-profiles/live-catalogue.ts';
import { readConfig } from '../infra/config/index.ts';
import { openDataFolder } from '../infra/data-folder.ts';
import { plain } from './preview/plain.ts';

/**
 * The profiles that this installation knows, as the server reads them: a faulty one in the data folder is said on
 * standard error and left out. Only looks: no data folder is made for it.
 */
export const openInstalledCatalogue = (tell: (news: ProfileNews) => void = say): Promise<OpenCatalogue> => {
  const { dir } = readConfig().data;
  return openLiveCatalogue({ own: [ownCatalogue], data: existsSync(dir) ? openDataFolder(dir).profiles : '', tell });
};

/** Does work with the installed profiles, and closes them. */
export const withInstalledCatalogue = async <T>(work: (catalogue: OpenCatalogue) => Promise<T> | T): Promise<T> => {
  const catalogue = await openInstalledCatalogue();
  try {
    return await work(catalogue);
  } finally {
    await catalogue.close();
  }
};

const say = (news: ProfileNews): void => {
  if (news.kind === 'faulty') for (const fault of news.faults) process.stderr.write(`${plain(faultLine(fault))}\n`);
  if (news.kind === 'unreadable') process.stderr.write(`the data folder's profiles cannot be read: ${news.why}\n`);
};
