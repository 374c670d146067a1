import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../registry/contract.ts';
import type { HeardReader } from './contract.ts';

/**
 * How devices were heard as the registry has it: what another process, such as the command line, knows. It ends when
 * the server last kept it, half a minute ago or when it was stopped.
 */
export const keptHeard = async (
  registry: Pick<Registry, 'heard' | 'heardDays'>,
  clock: Clock,
): Promise<HeardReader> => {
  const { devices, listened } = await registry.heard();
  const byId = new Map(devices.map((one) => [one.device, one]));
  const asOf = listened.reduce((newest, { to }) => Math.max(newest, to), -Infinity);
  return {
    device: (id) => byId.get(id),
    listened: () => listened,
    asOf: () => listened.find(({ to }) => to === asOf)?.to ?? clock.now(),
    days: async (ids, from) => registry.heardDays({ devices: ids, from }),
  };
};
