import { Command } from 'commander';
import { print } from '../print.ts';
import { inventoryOut, spokenInventory } from './inventory.ts';
import { networkMeant, progressBar, withNetworks } from './with-networks.ts';

interface Options {
  readonly network?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `networks sync`: brings the network server to where Kerbside is. */
export const syncCommand = (): Command =>
  new Command('sync')
    .description(
      'register, change and disable devices in the network server until it is as Kerbside says; what only it has stays',
    )
    .option('--network <name>', 'chirpstack or things-stack, where both are set up')
    .option('--dry-run', 'say what differs, and change nothing')
    .option('--json', 'for scripts')
    .action(async ({ network, dryRun = false, json }: Options) => {
      const bar = progressBar(process.stderr, 'registering');
      const { done, ...inventory } = await withNetworks((networks, changes) =>
        networks.sync(networkMeant(networks, network), changes, { dryRun, progress: bar.update }),
      ).finally(() => bar.end());
      if (json === true) print(JSON.stringify({ ...inventoryOut(inventory), dryRun, done: done ?? null }));
      else {
        print(done === undefined ? 'As both sides are now:' : 'As both sides were before:');
        for (const line of spokenInventory(inventory)) print(line);
        print(
          done === undefined
            ? 'This was a dry run: nothing was changed'
            : `${done.done} done, ${done.failed} failed, ${done.waiting} left for later` +
                (done.failed + done.waiting > 0 ? '; "npx kerbside networks list" says why' : ''),
        );
      }
      if (done !== undefined && done.failed + done.waiting > 0) process.exitCode = 5;
    });
