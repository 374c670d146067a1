import { Command } from 'commander';
import { deviceStatuses } from '../../infra/registry/life-cycle.ts';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { print } from '../print.ts';
import { withRegistry } from '../with-registry.ts';
import { deviceInCode } from './scan.ts';
import { described, given, listOf, timeOf, variableOf, type DeviceOptions } from './fields.ts';

interface AddOptions extends DeviceOptions {
  readonly id?: string;
  readonly qr?: string;
  readonly site?: string;
  readonly deployedFrom?: string;
  readonly json?: boolean;
}

/** The options that say what a device is, for every command that registers or changes one. */
export const withDeviceOptions = (command: Command): Command =>
  command
    .option('--name <name>', 'what people call it')
    .option('--dev-eui <hex>', 'its LoRaWAN DevEUI, 16 hexadecimal digits')
    .option('--join-eui <hex>', 'its LoRaWAN JoinEUI, 16 hexadecimal digits')
    .option('--serial <text>', "the maker's serial number")
    .option(
      '--variable <name=text>',
      'what its codec must know of this one device; may be given several times',
      variableOf,
    )
    .option(
      '--speaks-for <ids>',
      'for a gateway: devices that it forwards for, or patterns such as "aq-*", with commas',
      listOf,
    );

/** `devices add`. */
export const addCommand = (): Command =>
  withDeviceOptions(
    new Command('add')
      .description('register a device; its token is shown once')
      .option('--id <id>', 'its id, which is also its MQTT user name; its DevEUI, where the QR code has one')
      .option('--profile <maker/model>', 'what it sends, as "npx kerbside profiles list" names it; as the QR code says')
      .option('--qr <text>', 'the text of the QR code on the device: LoRa Alliance TR005, or a DevEUI'),
  )
    .option('--site <id>', 'where it is; a site that is not registered yet is registered')
    .option('--deployed-from <time>', 'since when it is there, ISO 8601; always, unless given')
    .option('--status <status>', `where it is in its life: ${deviceStatuses.join(', ')} (default: commissioned)`)
    .option('--json', 'print {"id","token"} and nothing else')
    .action(add);

const add = async ({ json, qr, site, deployedFrom, ...options }: AddOptions): Promise<void> => {
  const from = timeOf('deployed-from', deployedFrom);
  const inCode = qr === undefined ? {} : await deviceInCode(qr);
  const { id = inCode.devEui, ...fields } = {
    ...inCode,
    ...given(options),
    ...(options.id === undefined ? {} : { id: options.id }),
  };
  const { profile } = fields;
  if (id === undefined || profile === undefined)
    throw new Invalid(
      'device-incomplete',
      `give ${[...(id === undefined ? ['--id'] : []), ...(profile === undefined ? ['--profile'] : [])].join(' and ')}` +
        (qr === undefined ? '' : ': the QR code does not say, or no profile here has its ProfileID'),
    );
  const { device, token } = await withRegistry((_, changes) =>
    changes.addDevice({
      ...fields,
      id,
      profile,
      ...(site === undefined ? {} : { site }),
      ...(from === undefined ? {} : { deployedFrom: from }),
    }),
  );
  if (json === true) return print(JSON.stringify({ id: device.id, token }));
  print(`Registered ${described(device)}`);
  if (device.devEui !== undefined) {
    print(
      `By LoRaWAN it needs no token: "npx kerbside devices keys ${device.id}" keeps its keys, and docs/lorawan.md says how it comes in.`,
    );
    print('The token is for the other way only: whoever speaks for it to Kerbside by HTTP or MQTT, such as a test.');
  }
  tellToken(token);
  print(`MQTT user name ${device.id}, password the token, topic devices/${device.id}/up`);
};

/** Shows a token, and that it is the only time. */
export const tellToken = (token: string): void => {
  print(`Token: ${token}`);
  print('This is the only time that the token is shown: only a digest of it is kept.');
};
