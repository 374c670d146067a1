/**
 * A process of its own that adds devices `<prefix>-0`, `<prefix>-1` ... to the registry in a folder, and prints each
 * with its token once it is registered.
 */
import { openRegistry } from '../../infra/registry/registry.ts';
import { optionsIn } from './ground.ts';

const [dir = '', prefix = '', count = '0'] = process.argv.slice(2);
const registry = await openRegistry(optionsIn(dir));
process.stdout.write('open\n');
for (let n = 0; n < Number(count); n += 1) {
  const { device, token } = await registry.addDevice({
    id: `${prefix}-${n}`,
    profile: 'known/air',
    site: `${prefix}-${n % 3}`,
  });
  process.stdout.write(`${device.id} ${token}\n`);
}
await registry.close();
