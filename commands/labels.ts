import { Command } from 'commander';
import { openCatalogue, ownCatalogue } from '../device-profiles/catalogue.ts';
import { Invalid, systemClock } from '../device-profiles/vocabulary/index.ts';
import { labelSheets, type LabelDevice } from '../dashboard/labels/index.ts';
import { readConfig } from '../infra/config/index.ts';
import { openDataFolder } from '../infra/data-folder.ts';
import type { Device, Registry } from '../infra/registry/contract.ts';
import { withRegistry } from './with-registry.ts';

interface LabelsOptions {
  readonly site?: string;
  readonly ids?: string;
  readonly sheet: string;
  readonly skip: string;
  readonly base?: string;
  readonly outlines?: boolean;
}

/** `devices labels`: sheets of labels with QR codes, as one page of HTML on standard output. */
export const labelsCommand = (): Command =>
  new Command('labels')
    .description('print a page of labels with QR codes, for a browser to put on paper')
    .option('--site <id>', 'only the devices at this site')
    .option('--ids <a,b>', 'only these devices, in this order, retired ones too')
    .option('--sheet <labels>', 'on a sheet: 21 (63.5 x 38.1 mm), 24 (63.5 x 33.9 mm) or 8 (99.1 x 67.7 mm)', '21')
    .option('--skip <places>', 'places of the first sheet that are used already', '0')
    .option('--base <url>', 'where people reach this Kerbside, for the QR codes of devices that are not LoRaWAN')
    .option('--outlines', 'draw lines to cut along, for plain paper')
    .action(labels);

const labels = async ({ ids, skip, ...options }: LabelsOptions): Promise<void> => {
  const known = await withRegistry(labelDevices);
  const { html, title } = labelSheets({
    ...known,
    ...options,
    ids: ids
      ?.split(',')
      .map((id) => id.trim())
      .filter((id) => id !== ''),
    skip: wholeNumber(skip),
  });
  process.stdout.write(html);
  // The page itself goes to standard output, so that what is said to a person goes beside it.
  process.stderr.write(`${title}: open the page in a browser and print it on A4 at 100 %, without margins\n`);
};

const wholeNumber = (text: string): number => {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new Invalid('skip-invalid', `--skip must be a number of places, not ${JSON.stringify(text.slice(0, 9))}`);
};

/** The registry may know these of a LoRaWAN device. */
type WithLorawan = Device & { readonly joinEui?: string; readonly serial?: string };

/** What labels need of all devices and sites: of a device no more than may be seen in the street. */
const labelDevices = async (registry: Registry) => {
  const profileIds = await lorawanProfileIds();
  const now = systemClock.now();
  const devices = registry.devices().map((device: WithLorawan): LabelDevice => {
    const { id, name, devEui, joinEui, serial, profile, status } = device;
    const site = registry.deployment(id, now)?.site;
    const lorawanProfileId = profileIds.get(profile);
    return {
      id,
      name,
      retired: status === 'retired',
      ...(devEui === undefined ? {} : { devEui }),
      ...(joinEui === undefined ? {} : { joinEui }),
      ...(serial === undefined ? {} : { serial }),
      ...(lorawanProfileId === undefined ? {} : { lorawanProfileId }),
      ...(site === undefined ? {} : { site }),
    };
  });
  return { devices, sites: registry.sites() };
};

/** The ProfileID of each profile that has just one: where a model has several, the profile does not say which. */
const lorawanProfileIds = async (): Promise<ReadonlyMap<string, string>> => {
  const catalogue = await openCatalogue([ownCatalogue, openDataFolder(readConfig().data.dir).profiles]);
  try {
    const all = catalogue.list();
    return new Map(
      all.flatMap(({ id, lorawanProfileIds: [only, ...others] }) =>
        only === undefined || others.length > 0 ? [] : [[id, only]],
      ),
    );
  } finally {
    await catalogue.close();
  }
};
