import { Command } from 'commander';
import { gatewayDevicesCommand, gatewayListCommand, gatewayShowCommand, lonelyCommand } from './gateways/look.ts';

/**
 * `gateways ...`: the radio gateways by which devices are heard. It reads what the server kept in the registry, so it
 * works beside a server that runs, half a minute behind it, and when there is none.
 */
export const gatewaysCommand = (): Command =>
  new Command('gateways')
    .description('how radio gateways are, and which devices they hear')
    .addCommand(gatewayListCommand())
    .addCommand(gatewayShowCommand())
    .addCommand(gatewayDevicesCommand())
    .addCommand(lonelyCommand());
