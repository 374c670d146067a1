import { Command } from 'commander';
import { Invalid, systemClock } from '../../device-profiles/vocabulary/index.ts';
import { labelDevices } from '../../dashboard/labels/devices.ts';
import { readConfig } from '../../infra/config/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { withInstalledCatalogue } from '../installed-catalogue.ts';
import { withRegistry } from '../with-registry.ts';

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
    .option(
      '--base <url>',
      'where people reach this Kerbside, for the QR codes of devices that are not LoRaWAN; http.publicUrl unless given',
    )
    .option('--outlines', 'draw lines to cut along, for plain paper')
    .action(labels);

const labels = async ({ ids, skip, ...options }: LabelsOptions): Promise<void> => {
  // Only now: the other commands of `devices` start without what draws pages.
  const { labelSheets } = await import('../../dashboard/labels/index.ts');
  const known = await withRegistry(labelled);
  const { html, title } = labelSheets({
    ...known,
    ...options,
    base: options.base ?? readConfig().http.publicUrl,
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

/** What labels need of all devices and sites. */
const labelled = (registry: Registry) =>
  withInstalledCatalogue((catalogue) => ({
    devices: labelDevices(registry, catalogue, systemClock.now()),
    sites: registry.sites(),
  }));
