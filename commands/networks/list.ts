import { Command } from 'commander';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import type { NetworkDevice } from '../../infra/network-server/contract.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { withNetworks } from './with-networks.ts';

/** `networks list`: what is set up, and what could not be done. */
export const networksListCommand = (): Command =>
  new Command('list')
    .description(
      'list the network servers that are set up, the devices that could not be registered there, and those of which nobody said where they belong',
    )
    .option('--json', 'for scripts')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const { networks, unsettled, devices } = await withNetworks(async (networks) => ({
        networks: await networks.summaries(),
        unsettled: await networks.unsettled(),
        devices: (await Promise.all(networks.names.map((name) => networks.devices(name)))).flat(),
      }));
      const open = devices.filter(({ state }) => state !== 'done');
      if (json === true) return print(JSON.stringify({ networks, open: open.map(shown), unsettled }));
      if (networks.length === 0) return print('No network server is set up: docs/register-once.md says how');
      const rows = networks.map(({ name, url, application, done, pending, failed }) => [
        name,
        url,
        application,
        String(done),
        String(pending),
        String(failed),
      ]);
      process.stdout.write(table(['NETWORK', 'ADDRESS', 'APPLICATION', 'DONE', 'PENDING', 'FAILED'], rows));
      if (open.length > 0)
        process.stdout.write(
          `\n${table(['DEVICE', 'DEVEUI', 'NETWORK', 'WANTED', 'STATE', 'TRIES', 'WHY'], open.map(rowOf))}`,
        );
      if (unsettled.length === 0) return;
      print('\nLeft as they are there, until you say where they belong:');
      process.stdout.write(
        table(
          ['DEVICE', 'DEVEUI', 'WHY'],
          unsettled.map(({ device, devEui, why }) => [device, devEui, why]),
        ),
      );
    });

const rowOf = ({
  device,
  devEui,
  network,
  wanted,
  state,
  attempts,
  reason,
  detail,
}: NetworkDevice): readonly string[] => [
  device,
  devEui,
  network,
  wanted,
  state,
  String(attempts),
  reason === undefined ? '-' : `${reason}: ${detail ?? ''}`,
];

/** A device in a network server, with its times as texts. The print of what is wanted is nobody's business. */
const shown = ({
  network,
  devEui,
  device,
  wanted,
  state,
  reason,
  detail,
  attempts,
  changedAt,
  nextAt,
}: NetworkDevice) => ({
  network,
  device,
  devEui,
  wanted,
  state,
  reason: reason ?? null,
  detail: detail ?? null,
  attempts,
  changedAt: iso(changedAt),
  nextAt: nextAt === undefined ? null : iso(nextAt),
});
