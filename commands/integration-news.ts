import { faultLine } from '../device-profiles/definition/faults.ts';
import { ownIntegrations, readIntegrations, type Integrations } from '../gateway/lorawan/network-server/catalogue.ts';
import type { Log } from '../infra/logging/index.ts';
import type { Metrics } from '../infra/metrics/index.ts';

/** Faults that are said of one integration; a file of the wrong kind has hundreds. */
const FAULTS_SAID_AT_MOST = 20;

/** Reads the integrations once, at start. One that has faults is said and counted, and the others work. */
export const openIntegrations = async (
  dataFolder: string,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Promise<Integrations> => {
  const integrations = await readIntegrations([ownIntegrations, dataFolder]);
  metrics.integrations.set({ state: 'good' }, integrations.list.length);
  metrics.integrations.set({ state: 'faulty' }, integrations.faulty.length);
  for (const { id, faults } of integrations.faulty) {
    log.error(
      { reason: 'integration-faulty', integration: id, faults: faults.slice(0, FAULTS_SAID_AT_MOST).map(faultLine) },
      'an integration has faults and is left out; its operator is refused until it is mended and the server restarted',
    );
  }
  return integrations;
};
