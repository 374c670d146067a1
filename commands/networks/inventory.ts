import { Command } from 'commander';
import { inventoryVerdicts, type InventoryEntry } from '../../infra/network-server/inventory.ts';
import type { Inventory } from '../../infra/network-server/networks.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { networkMeant, progressBar, withNetworks } from './with-networks.ts';

interface Options {
  readonly network?: string;
  readonly json?: boolean;
}

/** `networks inventory`: what each side has that the other lacks. Changes nothing. */
export const inventoryCommand = (): Command =>
  new Command('inventory')
    .description('say what the network server has that Kerbside lacks, the other way round, and what differs')
    .option('--network <name>', 'chirpstack or things-stack, where both are set up')
    .option('--json', 'for scripts')
    .action(async ({ network, json }: Options) => {
      const bar = progressBar(process.stderr, 'reading');
      const inventory = await withNetworks((networks) =>
        networks.inventory(networkMeant(networks, network), { progress: (read) => bar.update(read, read) }),
      ).finally(() => bar.end());
      if (json === true) return print(JSON.stringify(inventoryOut(inventory)));
      for (const line of spokenInventory(inventory)) print(line);
    });

/** How an inventory looks to scripts. */
export const inventoryOut = ({ entries, unreadable }: Inventory) => ({
  totals: Object.fromEntries(
    inventoryVerdicts.map((verdict) => [verdict, entries.filter((one) => one.verdict === verdict).length]),
  ),
  unreadable,
  devices: entries,
});

/** The same for people: what is the same on both sides is only counted. */
export const spokenInventory = ({ entries, unreadable }: Inventory): readonly string[] => {
  const open = entries.filter(({ verdict }) => verdict !== 'same');
  const totals = inventoryVerdicts
    .map((verdict) => `${entries.filter((one) => one.verdict === verdict).length} ${verdict}`)
    .join(', ');
  const rows = open.map((one) => [
    one.verdict,
    one.devEui,
    one.device ?? '-',
    one.remote ?? '-',
    one.name,
    differencesOf(one),
  ]);
  const left = unreadable === 0 ? [] : [`${unreadable} of the network server's rows cannot be read, and are left out`];
  return [
    ...(open.length === 0 ? [] : [table(['VERDICT', 'DEVEUI', 'HERE', 'THERE', 'NAME', 'WHAT'], rows).trimEnd()]),
    totals,
    ...left,
  ];
};

const differencesOf = ({ verdict, hasKeys, differences }: InventoryEntry): string => {
  if (verdict === 'only-here')
    return hasKeys
      ? 'not there; "networks sync" registers it'
      : 'not there, and without an AppKey here it cannot be registered';
  if (verdict === 'only-there') return 'not known here; "networks adopt" takes it over';
  return differences
    .map(({ field, here, there }) => `${field}: ${there ?? 'nothing'} there, ${here ?? 'nothing'} here`)
    .join('; ');
};
