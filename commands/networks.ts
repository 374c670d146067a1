import { Command } from 'commander';
import { adoptCommand } from './networks/adopt.ts';
import { inventoryCommand } from './networks/inventory.ts';
import { networksListCommand } from './networks/list.ts';
import { syncCommand } from './networks/sync.ts';

/** `networks ...`: the LoRaWAN network servers in which devices are registered. Works beside a server that runs. */
export const networksCommand = (): Command =>
  new Command('networks')
    .description('keep LoRaWAN network servers and Kerbside at the same devices')
    .addCommand(networksListCommand())
    .addCommand(inventoryCommand())
    .addCommand(syncCommand())
    .addCommand(adoptCommand());
