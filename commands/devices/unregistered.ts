import { Command } from 'commander';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { unregisteredOut, type UnregisteredOut } from '../../dashboard/radio/unregistered.ts';
import { keptRadio } from '../../infra/radio/reader.ts';
import { withInstalledCatalogue } from '../installed-catalogue.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { withRegistry } from '../with-registry.ts';

/** `devices unregistered`: LoRaWAN devices that networks bring and nobody knows here. */
export const unregisteredCommand = (): Command =>
  new Command('unregistered')
    .description('list LoRaWAN devices that networks bring and nobody has registered, with what their network suggests')
    .option('--json', 'for scripts')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const unregistered = await read();
      if (json === true) return print(JSON.stringify({ unregistered }));
      if (unregistered.length === 0) return print('Every LoRaWAN device that was heard is registered');
      const rows = unregistered.map(({ devEui, uplinks, lastAt, suggested }) => [
        devEui,
        String(uplinks),
        lastAt,
        suggested?.model ?? '-',
        suggested?.profile ?? '-',
        placeOf(suggested),
      ]);
      process.stdout.write(
        table(['DEVEUI', 'WAITING', 'LAST HEARD', 'ITS NETWORK CALLS IT', 'PROFILE', 'WHERE'], rows),
      );
      print(
        '"npx kerbside devices add --id <id> --dev-eui <DEVEUI> --profile <PROFILE>" registers one; what waits of it comes in by itself.',
      );
      print('What networks say was kept half a minute ago, or when the server stopped.');
    });

const read = (): Promise<readonly UnregisteredOut[]> =>
  withInstalledCatalogue((catalogue) =>
    withRegistry(async (registry) => {
      const radio = await keptRadio(registry, systemClock);
      const found = await registry.unregistered();
      return Promise.all(
        found.map(async (one) => unregisteredOut(one, await radio.events(one.devEui), catalogue.list())),
      );
    }),
  );

const placeOf = (suggested: UnregisteredOut['suggested']): string => {
  const { latitude = null, longitude = null } = suggested ?? {};
  return latitude === null || longitude === null ? '-' : `${latitude}, ${longitude}`;
};
