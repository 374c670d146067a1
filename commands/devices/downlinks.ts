import { Command } from 'commander';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { Invalid, iso } from '../../device-profiles/vocabulary/index.ts';
import { downlinkFor } from '../../infra/network-server/command.ts';
import type { KeptDownlink } from '../../infra/network-server/contract.ts';
import { withInstalledCatalogue } from '../installed-catalogue.ts';
import { withNetworks } from '../networks/with-networks.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { withRegistry } from '../with-registry.ts';
import { registered } from './look.ts';

interface Options {
  readonly hex?: string;
  readonly port?: string;
  readonly json?: string;
  readonly confirmed?: boolean;
}

/** `devices downlink ID`: gives a command to a LoRaWAN device. The server that runs hands it on. */
export const downlinkCommand = (): Command =>
  new Command('downlink')
    .description('give a command to a LoRaWAN device; it reaches it after its next uplink')
    .argument('<id>')
    .option('--json <object>', `in the words of its profile's codec, such as '{"interval":600}' or '{"reboot":true}'`)
    .option('--hex <bytes>', 'the bytes themselves; needs --port')
    .option('--port <port>', 'to which port they go, 1 to 223')
    .option('--confirmed', 'ask the device to acknowledge it')
    .action(async (text: string, { hex, port, json, confirmed = false }: Options) => {
      const given = {
        confirmed,
        ...(hex === undefined ? {} : { hex }),
        ...(json === undefined ? {} : { data: objectIn(json) }),
        ...(port === undefined ? {} : { fPort: Number(port) }),
      };
      const kept = await withNetworks((networks, changes, registry) =>
        withInstalledCatalogue(async (catalogue) => {
          const device = registered(registry, text);
          const network = await networks.networkFor(device);
          return changes.sendDownlink(device.id, {
            network,
            ...(await downlinkFor(device, catalogue.get(device.profile), given)),
          });
        }),
      );
      print(
        `Command ${kept.id} of ${kept.payload.length} bytes for ${kept.device} waits for the server, which hands it to ${kept.network}`,
      );
      print(`"npx kerbside devices downlinks ${kept.device}" says what becomes of it`);
    });

/** @throws Invalid (`downlink-invalid`). */
const objectIn = (text: string): Readonly<Record<string, unknown>> => {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    found = undefined;
  }
  if (Check(Type.Record(Type.String(), Type.Unknown()), found)) return found;
  throw new Invalid('downlink-invalid', '--json is an object such as \'{"interval":600}\'');
};

/** `devices downlinks ID`: what became of the commands of a device, newest first. */
export const downlinksCommand = (): Command =>
  new Command('downlinks')
    .description('list the commands that were given to a device, and what became of them')
    .argument('<id>')
    .option('--json', 'for scripts')
    .action(async (text: string, { json }: { readonly json?: boolean }) => {
      const kept = await withRegistry((registry) =>
        registry.downlinks({ device: registered(registry, text).id, limit: 200 }),
      );
      if (json === true) return print(JSON.stringify({ downlinks: kept.map(shown) }));
      if (kept.length === 0) return print(`${text} was given no command`);
      const rows = kept.map((one) => [
        iso(one.createdAt),
        one.state,
        String(one.fPort),
        Buffer.from(one.payload).toString('hex'),
        one.confirmed ? 'yes' : 'no',
        one.by.name,
        one.reason ?? '-',
      ]);
      process.stdout.write(table(['GIVEN', 'STATE', 'PORT', 'BYTES', 'CONFIRMED', 'BY', 'WHY'], rows));
    });

const shown = ({ payload, by, createdAt, changedAt, nextAt, ...one }: KeptDownlink) => ({
  ...one,
  hex: Buffer.from(payload).toString('hex'),
  by: by.name,
  createdAt: iso(createdAt),
  changedAt: iso(changedAt),
  nextAt: nextAt === undefined ? null : iso(nextAt),
});
