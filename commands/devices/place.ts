import { Command } from 'commander';
import { deviceId, Invalid, iso, systemClock } from '../../device-profiles/vocabulary/index.ts';
import type { NewDevice } from '../../infra/registry/contract.ts';
import { print } from '../print.ts';
import { withRegistry } from '../with-registry.ts';
import { tellToken, withDeviceOptions } from './add.ts';
import { described, given, placed, timeOf, type DeviceOptions } from './fields.ts';

/** `devices deploy ID --site S`. */
export const deployCommand = (): Command =>
  new Command('deploy')
    .description('put down where a device stood or stands')
    .argument('<id>')
    .requiredOption('--site <id>', 'a site that is not registered yet is registered')
    .option('--from <time>', 'since when, ISO 8601; now unless given')
    .option('--to <time>', 'until when; it lasts unless given')
    .option('--json', 'for scripts')
    .action(async (text: string, options: DeployOptions) => {
      const from = timeOf('from', options.from);
      const to = timeOf('to', options.to);
      const deployment = await withRegistry((_, changes) =>
        changes.deploy(deviceId(text), {
          site: options.site,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        }),
      );
      const shown = placed(deployment);
      print(options.json === true ? JSON.stringify(shown) : told(shown, iso(systemClock.now())));
    });

/** ISO 8601 in UTC sorts as time does. */
const told = ({ device, site, from, to }: ReturnType<typeof placed>, now: string): string => {
  const until = to === null ? '' : ` to ${to}`;
  const verb = to !== null && to <= now ? 'stood' : from > now ? 'will stand' : 'stands';
  return `${device} ${verb} at ${site} from ${from}${until}`;
};

interface DeployOptions {
  readonly site: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** `devices withdraw ID`. */
export const withdrawCommand = (): Command =>
  new Command('withdraw')
    .description('take a device down: from now on it stands nowhere')
    .argument('<id>')
    .option('--at <time>', 'since when, ISO 8601; now unless given')
    .option('--json', 'for scripts')
    .action(async (text: string, { at, json }: { readonly at?: string; readonly json?: boolean }) => {
      const ended = placed(await withRegistry((_, changes) => changes.withdraw(deviceId(text), timeOf('at', at))));
      print(
        json === true ? JSON.stringify(ended) : `${ended.device} stood at ${ended.site} until ${ended.to ?? 'now'}`,
      );
    });

interface ReplaceOptions extends DeviceOptions {
  readonly by?: string;
  readonly id?: string;
  readonly at?: string;
  readonly json?: boolean;
}

/** `devices replace OLD --by NEW`, or `--id NEW --profile P` for one that is not registered yet. */
export const replaceCommand = (): Command =>
  withDeviceOptions(
    new Command('replace')
      .description("swap a broken device at its site; the site's series go on")
      .argument('<old>')
      .option('--by <id>', 'a registered device that stands nowhere')
      .option('--id <id>', 'or a new one: its id,')
      .option('--profile <maker/model>', 'and what it sends; as the old one unless given'),
  )
    .option('--at <time>', 'when, ISO 8601; now unless given')
    .option('--json', 'print {"old","device","site","at","token"} and nothing else')
    .action(replace);

const replace = async (text: string, options: ReplaceOptions): Promise<void> => {
  const { by, id, at, json, ...fields } = options;
  if ((by === undefined) === (id === undefined))
    throw new Invalid(
      'successor-missing',
      'give the new device: --by for one that is registered, or --id for one that is not',
    );
  const old = deviceId(text);
  const replaced = await withRegistry((registry, changes) => {
    const profile = fields.profile ?? registry.device({ by: 'id', value: old })?.profile ?? '';
    const fresh: NewDevice | undefined = id === undefined ? undefined : { ...given(fields), id, profile };
    return changes.replaceDevice(old, fresh ?? deviceId(by ?? ''), timeOf('at', at));
  });
  const { device, site, token } = replaced;
  if (json === true)
    return print(
      JSON.stringify({
        old,
        device: device.id,
        site,
        at: iso(replaced.at),
        ...(token === undefined ? {} : { token }),
      }),
    );
  print(`${described(device)} stands at ${site} from ${iso(replaced.at)}; ${old} is retired`);
  if (token !== undefined) tellToken(token);
};
