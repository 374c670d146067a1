import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalogue, ownCatalogue } from '../../../device-profiles/catalogue.ts';
import { systemClock } from '../../../device-profiles/vocabulary/index.ts';
import { openDataFolder } from '../../../infra/data-folder.ts';
import { openLog } from '../../../infra/logging/index.ts';
import type { Registry } from '../../../infra/registry/contract.ts';
import { openRegistryIn } from '../../../infra/registry/open.ts';
import { freePort } from '../../servers/daemon.ts';
import { auditTimeSeries, type Audit } from '../audit.ts';
import { ALERT_ABOVE, ALERT_CLEAR } from '../message.ts';
import { own } from '../owned.ts';
import { startServer } from '../server.ts';
import { deviceIds, type Credentials, type Subject } from '../subject.ts';

export interface Kerbside extends Subject {
  /**
   * Looks into the files, then removes them; to be called after `stop`. As `auditTimeSeries`.
   * @throws Error also when there is no alert: then evaluation did not run, and the figures are void.
   */
  audit(startMs: number, acked: readonly number[]): Promise<Audit>;
}

/** The real server, in a process of its own, with so many registered devices and a rule that looks at each of their values. */
export const startKerbside = async (count: number): Promise<Kerbside> => {
  const folder = await mkdtemp(join(tmpdir(), 'kerbside-bench-'));
  const remove = own(() => rm(folder, { recursive: true, force: true }));
  const devices = await withRegistry(folder, (registry) => register(registry, count));
  const mqttPort = await freePort();
  const server = await startServer(folder, { KERBSIDE_MQTT_PORT: String(mqttPort) });
  return {
    port: mqttPort,
    devices,
    pids: () => [server.pid()],
    stored: () => server.stored(),
    stop: () => server.stop(),
    audit: async (startMs, acked) => {
      const found = auditTimeSeries(openDataFolder(folder).timeseries, { startMs, acked, devices });
      const { alerts } = await withRegistry(folder, (registry) => registry.alerts({ limit: 1 }));
      if (alerts.length === 0)
        throw new Error('no alert was ever raised: evaluation did not run, the figures are void');
      await remove();
      return found;
    },
  };
};

/** Opens the registry of a data folder that no server runs on. */
export const withRegistry = async <Answer>(
  folder: string,
  use: (registry: Registry) => Promise<Answer>,
): Promise<Answer> => {
  const catalogue = await openCatalogue([ownCatalogue]);
  const registry = await openRegistryIn(openDataFolder(folder).path, {
    clock: systemClock,
    log: openLog('silent'),
    catalogue,
  });
  try {
    return await use(registry);
  } finally {
    await registry.close();
  }
};

/** Each device stands at a site of its own, as on lamp columns. */
const register = async (registry: Registry, count: number): Promise<Credentials[]> => {
  const added = await registry.addDevices(
    deviceIds(count).map((id) => ({ id, profile: 'kerbside/canonical', site: `column-${id}` })),
  );
  await registry.addRule({
    name: 'PM2.5 high',
    quantity: 'pm2_5',
    when: 'above',
    threshold: ALERT_ABOVE,
    clearAt: ALERT_CLEAR,
  });
  return added.map(({ device, token }) => ({ id: device.id, token }));
};
