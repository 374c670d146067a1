import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { parseYaml } from '../device-profiles/definition/yaml.ts';
import { faultLine } from '../device-profiles/definition/faults.ts';
import { qualitySchema, type QualitySettings } from '../device-profiles/quality/settings.ts';
import { deviceId, Invalid, NotFound, siteId } from '../device-profiles/vocabulary/index.ts';
import type { QualitySubject, Registry } from '../infra/registry/contract.ts';
import { print } from './print.ts';
import { withRegistry } from './with-registry.ts';

interface Where {
  readonly site?: string;
  readonly device?: string;
}
interface SetOptions extends Where {
  readonly file?: string;
  readonly none?: boolean;
  readonly json?: boolean;
}

const subjectOf = ({ site, device }: Where): QualitySubject => {
  if (site !== undefined && device === undefined) return { kind: 'site', id: siteId(site) };
  if (device !== undefined && site === undefined) return { kind: 'device', id: deviceId(device) };
  throw new Invalid('quality-whose', 'say whose thresholds: --site or --device, one of them');
};

/** `quality ...`: the thresholds of quality tests, for sites and devices. Works beside a server that runs. */
export const qualityCommand = (): Command =>
  new Command('quality')
    .description('thresholds of quality tests that differ at a site, or for a device')
    .addCommand(showCommand())
    .addCommand(setCommand());

const showCommand = (): Command =>
  new Command('show')
    .description('what was set; an empty object: the thresholds of the profile hold')
    .option('--site <id>', 'of this site')
    .option('--device <id>', 'of this device')
    .action(async (where: Where) => {
      const subject = subjectOf(where);
      const settings = await withRegistry(async (registry) => settingsOf(registry, subject));
      print(JSON.stringify({ ...subject, settings }, undefined, 2));
    });

const setCommand = (): Command =>
  new Command('set')
    .description('set them from a file, written as below `quality:` of a profile; they replace what was set before')
    .option('--site <id>', 'for this site')
    .option('--device <id>', 'for this device')
    .option('--file <path>', 'YAML or JSON: quantities, and in each its tests')
    .option('--none', 'take all of them back')
    .option('--json', 'for scripts')
    .action(async ({ file, none, json, ...where }: SetOptions) => {
      const subject = subjectOf(where);
      const settings = await wanted(file, none === true);
      await withRegistry(async (_registry, changes) => changes.setQuality(subject, settings));
      if (json === true) return print(JSON.stringify({ ...subject, settings }));
      const names = Object.keys(settings.quantities ?? {});
      print(
        none === true
          ? `The thresholds of the profile hold for ${subject.kind} ${subject.id}`
          : `Set for ${subject.kind} ${subject.id}, for what comes from now on: ` +
              [...names, ...(settings.plausibility === undefined ? [] : ['plausibility'])].join(', '),
      );
      print(
        `For what is kept already: npx kerbside reprocess --${subject.kind} ${subject.id} --from <time> --to <time> --dry-run`,
      );
    });

const settingsOf = (registry: Registry, { kind, id }: QualitySubject): QualitySettings => {
  const there = kind === 'site' ? registry.site(id) : registry.device({ by: 'id', value: id });
  if (there === undefined) throw new NotFound(`${kind}-unknown`, `no ${kind} ${JSON.stringify(id)} is registered`);
  return registry.quality().find(({ subject }) => subject.kind === kind && subject.id === id)?.settings ?? {};
};

const wanted = async (file: string | undefined, none: boolean): Promise<QualitySettings> => {
  if ((file === undefined) !== none) throw new Invalid('quality-what', 'give --file with the thresholds, or --none');
  if (file === undefined) return {};
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Invalid('file-unreadable', `${file} cannot be read: is it there, and may this user read it?`, { cause });
  });
  // As it stands in a profile, which is where people copy it from.
  if (/^(?:[ \t]*(?:#.*)?\r?\n)*(?:---[ \t]*\r?\n)?quality:/.test(text))
    throw new Invalid(
      'quality-invalid',
      `${file} begins with "quality:": leave the first line out, and keep what stands below it`,
    );
  const parsed = parseYaml(qualitySchema, text, file);
  if ('faults' in parsed) throw new Invalid('quality-invalid', parsed.faults.map(faultLine).join('\n'));
  return parsed.value;
};
