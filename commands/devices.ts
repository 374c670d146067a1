import { Command } from 'commander';
import { deviceId, iso, systemClock } from '../device-profiles/vocabulary/index.ts';
import type { Device, Registry } from '../infra/registry/contract.ts';
import { healthCommand } from './devices-health.ts';
import { table } from './table.ts';
import { withRegistry } from './with-registry.ts';

interface AddOptions {
  readonly id: string;
  readonly profile: string;
  readonly devEui?: string;
  readonly name?: string;
  readonly site?: string;
  readonly json?: boolean;
}

/**
 * `devices add|list|retire`: the devices that may speak. Works while the server runs, which sees the change at once,
 * and before it.
 */
export const devicesCommand = (): Command => {
  const devices = new Command('devices').description('register and look after devices');
  devices
    .command('add')
    .description('register a device; its token is shown once')
    .requiredOption('--id <id>', 'its id, which is also its MQTT user name')
    .requiredOption('--profile <maker/model>', 'what it sends, as "kerbside profiles list" names it')
    .option('--dev-eui <hex>', 'its LoRaWAN DevEUI, 16 hexadecimal digits')
    .option('--name <name>', 'what people call it')
    .option('--site <id>', 'where it is; a site that is not registered yet is registered')
    .option('--json', 'print {"id","token"} and nothing else')
    .action(add);
  devices
    .command('list')
    .description('list all devices, retired ones too')
    .option('--json', 'for scripts')
    .action(list);
  devices
    .command('retire')
    .description('refuse a device from now on; its history stays')
    .argument('<id>')
    .option('--json', 'for scripts')
    .action(retire);
  devices.addCommand(healthCommand());
  return devices;
};

const add = async ({ json, ...fields }: AddOptions): Promise<void> => {
  const { device, token } = await withRegistry((_, changes) => changes.addDevice(fields));
  if (json === true) return print(JSON.stringify({ id: device.id, token }));
  print(`Registered ${described(device)}`);
  print(`Token: ${token}`);
  print('This is the only time that the token is shown: only a digest of it is kept.');
  print(`MQTT user name ${device.id}, password the token, topic devices/${device.id}/up`);
};

const list = async ({ json }: { readonly json?: boolean }): Promise<void> => {
  const devices = await withRegistry(async (registry) => registry.devices().map((device) => listed(registry, device)));
  if (json === true) return print(JSON.stringify({ devices }));
  if (devices.length === 0) return print('No device is registered yet: "kerbside devices add --help" says how');
  const rows = devices.map(({ id, status, profile, site, devEui, name }) => [
    id,
    status,
    profile,
    site ?? '-',
    devEui ?? '-',
    name,
  ]);
  process.stdout.write(table(['ID', 'STATUS', 'PROFILE', 'SITE', 'DEVEUI', 'NAME'], rows));
};

const listed = (registry: Registry, { createdAt, statusSince, ...device }: Device) => {
  const site = registry.deployment(device.id, systemClock.now())?.site;
  return { ...device, ...(site === undefined ? {} : { site }), statusSince: iso(statusSince), createdAt: iso(createdAt) };
};

const retire = async (text: string, { json }: { readonly json?: boolean }): Promise<void> => {
  const device = await withRegistry((_, changes) => changes.updateDevice(deviceId(text), { status: 'retired' }));
  print(json === true ? JSON.stringify({ id: device.id, status: device.status }) : `Retired ${described(device)}`);
};

const described = ({ id, name, profile }: Device): string => `${id}${name === id ? '' : ` "${name}"`} (${profile})`;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
