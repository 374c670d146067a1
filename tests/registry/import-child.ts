/** A process that imports two devices into the registry below a folder, and dies before or after they are committed. */
import { join } from 'node:path';
import { credentialsFile } from '../../commands/devices/credentials-file.ts';
import { importDevices } from '../../infra/device-csv/import.ts';
import { registryFiles } from '../../infra/registry/open.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { optionsIn } from './ground.ts';

const [dir = '', when = ''] = process.argv.slice(2);
const registry = await openRegistry({ ...optionsIn(dir), ...registryFiles(join(dir, 'data')) });
const credentials = credentialsFile(join(dir, 'devices.csv.credentials.csv'));
const rows = Buffer.from('id,profile\naq-1,known/air\naq-2,known/air\n');
await importDevices([rows], registry, {
  profileOf: () => undefined,
  keepTokens: async (tokens) => {
    credentials.write(tokens);
    if (when === 'before') process.kill(process.pid, 'SIGKILL');
  },
});
process.kill(process.pid, 'SIGKILL');
