import { Command } from 'commander';
import { deviceId, iso, NotFound } from '../../device-profiles/vocabulary/index.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { withRegistry } from '../with-registry.ts';
import { withDeviceOptions } from './add.ts';
import { described, given, type DeviceOptions } from './fields.ts';

/** `devices claims`: devices behind gateways that nobody has registered. */
export const claimsCommand = (): Command =>
  new Command('claims')
    .description('list devices that gateways forwarded messages of and nobody has registered')
    .option('--json', 'for scripts')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const claims = (await withRegistry((registry) => registry.claims())).map(({ firstAt, lastAt, ...claim }) => ({
        ...claim,
        firstAt: iso(firstAt),
        lastAt: iso(lastAt),
      }));
      if (json === true) return print(JSON.stringify({ claims }));
      if (claims.length === 0) return print('No device waits to be claimed');
      const rows = claims.map(({ device, via, uplinks, lastAt }) => [device, via, String(uplinks), lastAt]);
      process.stdout.write(table(['DEVICE', 'VIA', 'WAITING', 'LAST HEARD'], rows));
    });

interface ClaimOptions extends DeviceOptions {
  readonly profile: string;
  readonly site?: string;
  readonly json?: boolean;
}

/** `devices claim ID`. */
export const claimCommand = (): Command =>
  withDeviceOptions(
    new Command('claim')
      .description('register a device that a gateway speaks for; what waits of it comes in by itself')
      .argument('<id>', 'what the gateway calls it')
      .requiredOption('--profile <maker/model>', 'what it sends'),
  )
    .option('--site <id>', 'where it is; a site that is not registered yet is registered')
    .option('--json', 'print {"id"} and nothing else')
    .action(async (text: string, { json, site, profile, ...fields }: ClaimOptions) => {
      const id = deviceId(text);
      const { device, uplinks } = await withRegistry(async (registry, changes) => {
        const claim = (await registry.claims()).find((each) => each.device === id);
        if (claim === undefined)
          throw new NotFound(
            'claim-unknown',
            `no gateway has brought a message of ${JSON.stringify(id)} that waits for its device`,
          );
        const added = await changes.addDevice({
          ...given(fields),
          id,
          profile,
          ...(site === undefined ? {} : { site }),
        });
        return { device: added.device, uplinks: claim.uplinks };
      });
      if (json === true) return print(JSON.stringify({ id }));
      print(
        `Registered ${described(device)}; ${uplinks} of its messages wait and come in by themselves while the server runs`,
      );
      print(
        `It speaks through its gateway. For a token of its own: npx kerbside devices rotate-token ${id} --keep-old 0`,
      );
    });
