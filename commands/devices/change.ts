import { Command } from 'commander';
import { deviceId, Invalid, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { DeviceChange } from '../../infra/registry/contract.ts';
import { deviceStatuses } from '../../infra/registry/life-cycle.ts';
import { print } from '../print.ts';
import { withRegistry } from '../with-registry.ts';
import { withDeviceOptions } from './add.ts';
import { described, given, type DeviceOptions } from './fields.ts';

interface Json {
  readonly json?: boolean;
}

/** `devices change ID`: an empty text takes a field away. */
export const changeCommand = (): Command =>
  withDeviceOptions(
    new Command('change')
      .description('change what is registered of a device; an empty text takes a field away')
      .argument('<id>')
      .option('--profile <maker/model>', 'what it sends'),
  )
    .option('--json', 'for scripts')
    .action(async (text: string, { json, ...fields }: DeviceOptions & Json) => {
      const change = withoutEmpty(given(fields));
      if (Object.keys(change).length === 0)
        throw new Invalid(
          'change-missing',
          'say what is to change: "npx kerbside devices change --help" has the options',
        );
      await apply(deviceId(text), change, { json: json === true, said: 'Changed' });
    });

/** What was given as an empty text, or as an empty list, is to go. */
const withoutEmpty = (change: DeviceChange): DeviceChange => ({
  ...change,
  ...(change.devEui === '' ? { devEui: null } : {}),
  ...(change.joinEui === '' ? { joinEui: null } : {}),
  ...(change.serial === '' ? { serial: null } : {}),
  ...(change.speaksFor?.length === 0 ? { speaksFor: null } : {}),
});

/** `devices status ID STATUS`. */
export const statusCommand = (): Command =>
  new Command('status')
    .description(`put a device where it is in its life: ${deviceStatuses.join(', ')}`)
    .argument('<id>')
    .argument('<status>')
    .option('--json', 'for scripts')
    .action(async (text: string, status: string, { json }: Json) =>
      apply(deviceId(text), { status }, { json: json === true, said: 'Now' }),
    );

/** `devices retire ID`. */
export const retireCommand = (): Command =>
  new Command('retire')
    .description('refuse a device from now on; its history stays')
    .argument('<id>')
    .option('--json', 'for scripts')
    .action(async (text: string, { json }: Json) =>
      apply(deviceId(text), { status: 'retired' }, { json: json === true, said: 'Retired' }),
    );

const apply = async (
  id: DeviceId,
  change: DeviceChange,
  { json, said }: { readonly json: boolean; readonly said: string },
): Promise<void> => {
  const device = await withRegistry((_, changes) => changes.updateDevice(id, change));
  print(
    json
      ? JSON.stringify({ id: device.id, status: device.status })
      : `${said} ${described(device)}${said === 'Retired' ? '' : `: ${device.status}`}`,
  );
};
